import { equal, ok } from 'node:assert/strict';
import { test } from 'node:test';
import { Admission } from '../../src/book/index.ts';
import { FilePass, type OurOrder, OurOrders, outcome } from '../../src/execution/index.ts';
import { decode } from '../helpers/golden.ts';
import { missingShared, readShared } from '../helpers/shared.ts';

const name = 'esh4-glbx-mdp3-20231225.mbo.dbn.zst';
/** 2023-12-25 23:00 UTC: the uncross of the opening auction. */
const openNs = 1_703_545_200_000_000_000n;
const tickInt = 250_000_000;

/** Joins of size 1 on both sides every second of the file's hour, 5 ms after their decision, for 2 s. */
function joins(): OurOrder[] {
  return Array.from({ length: 2 * 2900 }, (_, i): OurOrder => {
    const decisionNs = (1 + (i >> 1)) * 1e9;
    const rest = { kind: 'join', price: 0, size: 1, maxWaitNs: 2e9 } as const;
    return { ...rest, decisionNs, arrivalNs: decisionNs + 5e6, side: i % 2 === 0 ? 'B' : 'A' };
  });
}

test('on ESH4 9.8 % of the joins of size 1 fill within 2 s, and the mid is 0.2 ticks against their price a second later', {
  skip: missingShared,
}, () => {
  const ours = new OurOrders(joins());
  const options = { ours, originNs: openNs, clock: 'event' } as const;
  const admission = new Admission({ symbol: 'ESH4', instrumentId: null, publisherId: null, session: null });
  const file = new FilePass({ ...options, admission });
  const mids: [tsNs: number, mid: number][] = [];
  decode(readShared('data', name), 56 * 8, (batch) => {
    file.ingest(batch);
    const { bids, asks, valid } = file.pass.book;
    if (valid) mids.push([file.feed.nowNs, (bids.best + asks.best) / 2]);
  });
  file.finish();
  const { fills, frontShare } = file.pass;
  equal(frontShare.share, 1);
  const arrived = ours.outcome.filter((state) => state === outcome.filled || state === outcome.missed).length;
  const filled = fills.count / arrived;
  const midAt = (tsNs: number): number => (mids.findLast(([at]) => at <= tsNs) as [number, number])[1];
  let against = 0;
  for (let at = 0; at < fills.count; at++) {
    const tsNs = fills.tsNs[at] as number;
    const sign = ours.side[fills.order[at] as number] === 1 ? 1 : -1;
    against += (sign * ((fills.price[at] as number) - midAt(tsNs + 1e9))) / tickInt;
  }
  ok(filled > 0.07 && filled < 0.11, `${filled} of ${arrived} joins filled`);
  ok(against / fills.count > 0.1 && against / fills.count < 0.3, `${against / fills.count} ticks against`);
});
