import { equal, ok, throws } from 'node:assert/strict';
import { test } from 'node:test';
import { eventsOf, NaiveMarket, plainRecords } from '../../test/helpers/naive_market.ts';
import { defaultEdge, type EdgeOptions, SyntheticSession } from './index.ts';
import { PlantedEdge } from './planted_edge.ts';
import { Random } from './random.ts';

const startNs = 1_770_387_900_000_000_000n;
const tick = 250_000_000;

/** Moves of the mid in ticks over the four seconds after each withdrawal, towards the side that was withdrawn. */
function movesAfterWithdrawals(seed: number, durationS: number, edge: EdgeOptions): number[] {
  const day = { symbol: 'MNQH6', date: 20260206, nextDate: 20260207, startNs, openS: 300, durationS };
  const session = new SyntheticSession({ ...day, profile: 'edge', seed, recordsPerS: null, edge });
  const chunks = (function* () {
    for (let chunk = session.next(); chunk !== null; chunk = session.next()) yield chunk;
  })();
  const market = new NaiveMarket();
  const mids: { tsNs: number; mid: number }[] = [];
  const withdrawals: { tsNs: number; sign: number; mid: number }[] = [];
  let cancels = '';
  for (const event of eventsOf(plainRecords(chunks, startNs).records)) {
    for (const record of event) market.apply(record);
    const { action, side, flags, tsNs } = event[0]!;
    if ((flags & 32) !== 0) continue;
    const mid = (market.bestOf('B') + market.bestOf('A')) / 2 / tick;
    // Ordinary flow never cancels so many orders of a side in a row.
    if (action === 'C' && cancels.replaceAll(side, '') === '') cancels += side;
    else {
      if (cancels.length >= 25) withdrawals.push({ tsNs, sign: cancels.startsWith('A') ? 1 : -1, mid });
      cancels = '';
    }
    mids.push({ tsNs, mid });
  }
  return withdrawals.flatMap(({ tsNs, sign, mid }) => {
    const after = mids.find((later) => later.tsNs > tsNs + 4e9);
    return after === undefined ? [] : [sign * (after.mid - mid)];
  });
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

test('events come as often, and moves go their way as often, as the options say', () => {
  for (const options of [defaultEdge, { perMinute: 10, probability: 0.2, ticks: 1 }]) {
    const edge = new PlantedEdge(options, new Random(1), new Random(2));
    let [events, towards, moves] = [0, 0, 0];
    const hours = 20;
    for (let timeNs = 0; timeNs < hours * 3600e9; timeNs += 1e7) {
      if (edge.withdraws(timeNs)) {
        equal(moves % options.ticks, 0, 'a withdrawal begins when the move before it is over');
        events++;
        if (edge.taker !== edge.side) towards++;
        edge.endWithdrawal(timeNs);
      }
      if (edge.moves(timeNs)) moves++;
    }
    const expected = hours * 60 * options.perMinute;
    // Withdrawals take no time here, so there are a little more.
    ok(events > 0.95 * expected && events < 1.15 * expected, `${events} events, ${expected} expected`);
    ok(Math.abs(moves - events * options.ticks) <= options.ticks);
    const error = Math.sqrt((options.probability * (1 - options.probability)) / events);
    ok(Math.abs(towards / events - options.probability) < 4 * error, `${towards} of ${events} moves go their way`);
  }
});

test('the price follows a withdrawal by the planted ticks, and not at all where the probability is a half', () => {
  const certain = movesAfterWithdrawals(1, 300, { perMinute: 6, probability: 1, ticks: 10 });
  ok(certain.length > 15 && Math.abs(mean(certain) - 10) < 2, `mean ${mean(certain)} of ${certain.length}`);
  const fair = movesAfterWithdrawals(2, 600, { perMinute: 6, probability: 0.5, ticks: 10 });
  ok(fair.length > 30 && Math.abs(mean(fair)) < 4 * Math.sqrt((100 + 4) / fair.length), `mean ${mean(fair)}`);
});

test('other profiles take no edge, and an edge has a probability and room for its moves', () => {
  const options = { symbol: 'MNQH6', date: 20260206, nextDate: 20260207, startNs, openS: 300, durationS: 1 };
  const make = (profile: 'null' | 'edge', edge: EdgeOptions) =>
    new SyntheticSession({ ...options, profile, seed: 1, recordsPerS: null, edge });
  throws(() => make('null', defaultEdge), /only the profile edge/);
  throws(() => make('edge', { ...defaultEdge, probability: 1.1 }), /probability/);
  throws(() => make('edge', { ...defaultEdge, perMinute: 30 }), /overlap/);
});
