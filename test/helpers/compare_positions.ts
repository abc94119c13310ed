import { deepEqual } from 'node:assert/strict';
import {
  ExecutionPass,
  exitReasonNames,
  type OurOrder,
  OurOrders,
  type PositionFill,
  Positions,
} from '../../src/execution/index.ts';
import type { LiteralFill } from '../oracle/literal_execution.ts';
import { LiteralPositions, type LiteralRules } from '../oracle/literal_positions.ts';
import { batchOf, type Mbo } from '../oracle/mbo.ts';
import { recordClock } from './compare_execution.ts';

/** An entry, and the distances of the positions that share it. */
export interface SharedEntry {
  readonly order: OurOrder;
  readonly exits: readonly { readonly tpTicks: number; readonly slTicks: number }[];
}

/**
 * Follows positions through records, by the room, where they share entries and take-profits, and by the literal oracle, where
 * each has orders of its own, and compares them at the end.
 */
export function comparePositions(entries: readonly SharedEntry[], records: readonly Mbo[], rules: LiteralRules) {
  const ours = new OurOrders([]);
  const pass = new ExecutionPass(ours);
  const positions = new Positions(pass, ours, { tickInt: rules.tickInt, trigger: rules.trigger, probesNs: [5, 50] });
  for (const { order, exits } of entries) {
    const entry = positions.enter(order, rules);
    for (const { tpTicks, slTicks } of exits) positions.open(entry, tpTicks, slTicks);
  }
  const plans = entries.flatMap(({ order, exits }) => exits.map((exit) => ({ order, ...exit })));
  const literal = new LiteralPositions(plans, rules);
  const { words } = batchOf(records);
  const clock = recordClock(records);
  records.forEach((record, i) => {
    const nowNs = clock(record);
    pass.apply(words, i * 14, nowNs);
    literal.apply(record, nowNs);
  });
  pass.finish();
  positions.finish();
  literal.finish();
  literal.end();
  literal.positions.forEach((expected, at) => {
    const { takeProfit, entryFills, profitFills, exitFills, reason, voidFills, closedAtMid } = positions.positions[at]!;
    deepEqual(
      {
        reason: exitReasonNames[reason],
        ...{ voidFills, closedAtMid },
        entered: told(takeProfit.entry.fills.slice(0, entryFills)),
        profits: told(profitFills),
        exits: told(exitFills),
      },
      {
        reason: expected.reason,
        ...{ voidFills: expected.voidFills, closedAtMid: expected.closedAtMid },
        entered: literally(expected.entered),
        profits: literally(literal.counting(expected)),
        exits: literally(expected.exits),
      },
      `position ${at}: ${JSON.stringify(plans[at])}`,
    );
  });
  return { ours, pass, positions };
}

function told(fills: readonly PositionFill[]): string[] {
  return fills.map(({ tsNs, price, size }) => `${size} @ ${price} at ${tsNs}`);
}

function literally(fills: readonly LiteralFill[]): string[] {
  return fills.map(({ tsNs, price, size }) => `${size} @ ${price} at ${tsNs}`);
}
