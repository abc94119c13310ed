import { equal, ok } from 'node:assert/strict';
import { test } from 'node:test';
import { rtypeMbo } from '../../src/dbn/index.ts';
import type { OurOrder } from '../../src/execution/index.ts';
import { compareExecution } from '../helpers/compare_execution.ts';
import { comparePositions } from '../helpers/compare_positions.ts';
import { decode } from '../helpers/golden.ts';
import { readShared, sessionFiles } from '../helpers/shared.ts';
import { type Mbo, readMbo } from '../oracle/mbo.ts';

const kinds = ['market', 'join', 'join', 'join'] as const;

/** Orders over `spanNs`, none at random: joins at, behind and inside the best price, small ones and some that are far too large. */
function spread(count: number, spanNs: number): OurOrder[] {
  return Array.from({ length: count }, (_, i) => {
    const arrivalNs = Math.floor(((i + 0.5) * spanNs) / count);
    return {
      arrivalNs,
      decisionNs: arrivalNs - 5_000_000,
      side: i % 2 === 0 ? 'B' : 'A',
      kind: kinds[(i >> 1) % 4] as OurOrder['kind'],
      price: (((i * 7) % 6) - 3) * 250_000_000,
      size: [1, 1, 5, 40, 3000][(i * 3) % 5] as number,
      maxWaitNs: [2e9, 30e9, Number.POSITIVE_INFINITY][i % 3] as number,
    };
  });
}

function recordsOf(name: string): Mbo[] {
  const records: Mbo[] = [];
  decode(readShared('data', name), 1 << 20, (batch) => {
    for (let i = 0; batch.rtype === rtypeMbo && i < batch.count; i++) records.push(readMbo(batch, i));
  });
  return records;
}

function spanOf(records: readonly Mbo[]): number {
  const [first, last] = [records[0] as Mbo, records.at(-1) as Mbo];
  return Number(last.tsRecv - first.tsRecv);
}

for (const name of sessionFiles) {
  test(`fills equal those of a literal oracle throughout ${name}`, () => {
    const records = recordsOf(name);
    const spanNs = spanOf(records);
    const { pass, fills } = compareExecution(spread(60, spanNs), records, 2999);
    ok(fills.flat().length > 20, `${fills.flat().length} fills`);
    // The synthetic session executes out of turn; real ones do not.
    equal(pass.frontShare.notAtFront === 0, !name.startsWith('synthetic'), `${pass.frontShare.share} at the front`);
  });

  test(`positions equal those of a literal oracle throughout ${name}`, () => {
    const records = recordsOf(name);
    const exits = [
      { tpTicks: 1, slTicks: 2 },
      { tpTicks: 1, slTicks: 1 },
      { tpTicks: 4, slTicks: 3 },
    ];
    const entries = spread(16, spanOf(records)).map((order) => ({
      order: { ...order, size: 1 + (order.size % 7) },
      exits,
    }));
    const trigger = name.startsWith('esm4') ? 'quote' : 'trade';
    const rules = { exitLatencyNs: 5e6, maxHoldNs: 20e9, tickInt: 250_000_000, trigger } as const;
    const { positions } = comparePositions(entries, records, rules);
    ok(positions.positions.some(({ entryFills }) => entryFills > 0));
  });
}
