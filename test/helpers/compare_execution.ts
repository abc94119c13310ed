import { deepEqual, equal } from 'node:assert/strict';
import { ExecutionPass, fillReasonNames, type OurOrder, OurOrders, outcomeNames } from '../../src/execution/index.ts';
import { LiteralExecution, type LiteralFill } from '../oracle/literal_execution.ts';
import { batchOf, describeMbo, type Mbo } from '../oracle/mbo.ts';

const recordWords = 14;

/**
 * Puts orders into records, by the pass and by the literal oracle, and compares fills, outcomes and places in the queue every
 * `every` records and at the end. Times of the orders count from the first record's ts_event.
 */
export function compareExecution(
  orders: readonly OurOrder[],
  records: readonly Mbo[],
  every: number,
): { readonly pass: ExecutionPass; readonly fills: LiteralFill[][] } {
  const ours = new OurOrders(orders);
  const pass = new ExecutionPass(ours);
  const literal = new LiteralExecution(orders);
  const { words } = batchOf(records);
  const clock = recordClock(records);
  records.forEach((record, i) => {
    const nowNs = clock(record);
    pass.apply(words, i * recordWords, nowNs);
    literal.apply(record, nowNs);
    if (i % every !== 0) return;
    try {
      compareStates(ours, pass, literal);
    } catch (cause) {
      throw new Error(`after record ${i}: ${describeMbo(record)}`, { cause });
    }
  });
  pass.finish();
  literal.finish();
  compareStates(ours, pass, literal);
  return { pass, fills: literal.ours.map(({ fills }) => fills) };
}

/** Gives each record its time since the first of them, which never runs backwards. */
export function recordClock(records: readonly Mbo[]): (record: Mbo) => number {
  const originNs = timeOf(records[0]);
  let nowNs = 0;
  return (record) => {
    const tsNs = Number(timeOf(record) - originNs);
    // Hostile streams have times of no use.
    if (Math.abs(tsNs) < 1e14) nowNs = Math.max(nowNs, tsNs);
    return nowNs;
  };
}

/** Snapshots are old by ts_event. */
function timeOf(record: Mbo | undefined): bigint {
  return record === undefined ? 0n : (record.flags & 32) !== 0 ? record.tsRecv : record.tsEvent;
}

function compareStates(ours: OurOrders, pass: ExecutionPass, literal: LiteralExecution): void {
  const { fills, frontShare, counters } = pass;
  const ofOrders: LiteralFill[][] = literal.ours.map(() => []);
  for (let at = 0; at < fills.count; at++) {
    ofOrders[fills.order[at]!]!.push({
      tsNs: fills.tsNs[at]!,
      price: BigInt(fills.price[at]!),
      size: fills.size[at]!,
      reason: fillReasonNames[fills.reason[at]!]!,
    });
  }
  literal.ours.forEach((our, order) => {
    deepEqual(ofOrders[order], our.fills, `fills of order ${order}`);
    deepEqual(
      [outcomeNames[ours.outcome[order]!], ours.left[order], ours.delayed[order], ours.tooLarge[order]],
      [our.outcome, our.left, Number(our.delayed), Number(our.tooLarge)],
      `state of order ${order}`,
    );
    equal(ours.aheadAtArrival[order], our.aheadAtArrival, `ahead of order ${order} at its arrival`);
    if (our.outcome === 'resting' && our.ahead !== null) {
      equal(pass.aheadOf(order), literal.aheadOf(our), `ahead of order ${order}`);
    }
  });
  const { executions, notAtFront } = frontShare;
  const { unknownExecutions, ownExecutions, tradesWithoutOrders } = literal;
  deepEqual(
    { ...counters, executions, notAtFront },
    {
      unknownExecutions,
      ownExecutions,
      tradesWithoutOrders,
      executions: literal.executions,
      notAtFront: literal.notAtFront,
    },
  );
}
