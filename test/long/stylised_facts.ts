import { equal, ok } from 'node:assert/strict';
import { test } from 'node:test';
import { type ProfileName, SyntheticSession } from '../../src/synth/index.ts';
import { eventsOf, NaiveMarket, plainRecords } from '../helpers/naive_market.ts';

/** 2026-02-06 09:25:00 in New York. */
const startNs = 1_770_387_900_000_000_000n;
const tick = 250_000_000;

/** A session seen through a naive book; an element per live event unless said otherwise. */
interface Tape {
  readonly records: number;
  readonly timeS: number[];
  /** Best bid plus best ask in ticks: twice the mid. */
  readonly mid2: number[];
  readonly spread: number[];
  /** (bid − ask) / (bid + ask) of the best queues. */
  readonly queueImbalance: number[];
  /** Contracts bought minus contracts sold by aggressors. */
  readonly traded: number[];
  /** Signs of trades, an element per trade. */
  readonly signs: number[];
  /** Distance in ticks from the best price of orders that were cancelled, not filled. */
  readonly cancelTicks: number[];
}

function tapeOf(profile: ProfileName, seed: number, durationS: number, recordsPerS: number): Tape {
  const day = { symbol: 'MNQH6', date: 20260206, nextDate: 20260207, startNs, openS: 300 };
  const session = new SyntheticSession({ ...day, profile, seed, durationS, recordsPerS });
  const chunks = (function* () {
    for (let chunk = session.next(); chunk !== null; chunk = session.next()) yield chunk;
  })();
  const { records } = plainRecords(chunks, startNs);
  const empty = { timeS: [], mid2: [], spread: [], queueImbalance: [], traded: [], signs: [], cancelTicks: [] };
  const tape: Tape = { records: records.length, ...empty };
  const market = new NaiveMarket();
  for (const event of eventsOf(records)) {
    const first = event[0]!;
    let traded = 0;
    for (const record of event) {
      if (record.action === 'T') traded += record.side === 'B' ? record.size : -record.size;
      else if (record.action === 'C' && first.action === 'C') {
        tape.cancelTicks.push(Math.abs(record.price - market.bestOf(record.side)) / tick);
      }
      market.apply(record);
    }
    if ((first.flags & 32) !== 0) continue;
    const bid = market.bestOf('B');
    const ask = market.bestOf('A');
    const bidVolume = market.volume('B', bid);
    const askVolume = market.volume('A', ask);
    tape.timeS.push(first.tsNs / 1e9);
    tape.mid2.push((bid + ask) / tick);
    tape.spread.push((ask - bid) / tick);
    tape.queueImbalance.push((bidVolume - askVolume) / (bidVolume + askVolume));
    tape.traded.push(traded);
    if (traded !== 0) tape.signs.push(Math.sign(traded));
  }
  return tape;
}

/** The last value at each multiple of `stepS`. */
function sampled(tape: Tape, values: readonly number[], stepS: number): number[] {
  const out: number[] = [];
  for (let i = 0, at = stepS; i < values.length; i++) {
    for (; i + 1 < values.length && tape.timeS[i + 1]! > at; at += stepS) out.push(values[i]!);
  }
  return out;
}

const differences = (values: readonly number[]): number[] => values.slice(1).map((value, i) => value - values[i]!);
const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

function moment(values: readonly number[], power: number): number {
  const m = mean(values);
  return mean(values.map((value) => (value - m) ** power));
}

function autocorrelation(values: readonly number[], lag: number): number {
  const m = mean(values);
  return mean(values.slice(lag).map((value, i) => (value - m) * (values[i]! - m))) / moment(values, 2);
}

/** Variance over mean of the number of events in windows: 1 for a Poisson process. */
function fano(tape: Tape, windowS: number): number {
  const counts = new Array<number>(Math.floor(tape.timeS.at(-1)! / windowS)).fill(0);
  for (const timeS of tape.timeS) {
    const window = Math.floor(timeS / windowS);
    if (window < counts.length) counts[window]!++;
  }
  return moment(counts, 2) / mean(counts);
}

/** t statistic of the slope of y on x, with standard errors that allow for changing variance (White 1980). */
function slopeT(x: readonly number[], y: readonly number[]): number {
  const mx = mean(x);
  const my = mean(y);
  const sxx = x.reduce((sum, value) => sum + (value - mx) ** 2, 0);
  const slope = x.reduce((sum, value, i) => sum + (value - mx) * (y[i]! - my), 0) / sxx;
  const meat = x.reduce((sum, value, i) => sum + ((value - mx) * (y[i]! - my - slope * (value - mx))) ** 2, 0);
  return slope / (Math.sqrt(meat) / sxx);
}

const busy = tapeOf('busy', 21, 300, 500);

test('events come in bursts at every time scale', () => {
  const [fast, middle, slow] = [0.001, 0.1, 1].map((windowS) => fano(busy, windowS)) as [number, number, number];
  ok(fast > 1.5 && middle > 2 * fast && slow > middle, `Fano factors ${fast}, ${middle}, ${slow}`);
});

test('the rate that was asked for comes', () => {
  const perS = busy.records / 300;
  ok(perS > 400 && perS < 600, `${perS} records per second`);
});

test('volatility clusters while returns themselves hardly repeat', () => {
  const returnsOf = (tape: Tape) => differences(sampled(tape, tape.mid2, 0.1));
  // A single large move hides the clustering of its session.
  const sessions = [busy, ...[22, 23, 24].map((seed) => tapeOf('busy', seed, 300, 500))];
  const clusterings = sessions.map((session) => {
    const sizes = returnsOf(session).map(Math.abs);
    return mean([1, 2, 5, 10, 20].map((lag) => autocorrelation(sizes, lag)));
  });
  ok(mean(clusterings) > 0.08, `autocorrelations of absolute returns ${clusterings}`);
  const returns = returnsOf(busy);
  const seconds = differences(sampled(busy, busy.mid2, 1));
  ok(Math.abs(autocorrelation(seconds, 1)) < 0.2, `autocorrelation of returns ${autocorrelation(seconds, 1)}`);
  const kurtosis = moment(returns, 4) / moment(returns, 2) ** 2;
  ok(kurtosis > 5, `kurtosis of 100 ms returns ${kurtosis}`);
});

test('most cancels are at the touch, and some are everywhere', () => {
  const share = (from: number, to: number) =>
    busy.cancelTicks.filter((ticks) => ticks >= from && ticks < to).length / busy.cancelTicks.length;
  ok(share(0, 3) > 0.5 && share(0, 1) > share(1, 2) && share(1, 2) > share(4, 5));
  ok(share(20, 1000) > 0.03, `share beyond 20 ticks ${share(20, 1000)}`);
});

test('the spread is mostly one tick, and the signs of trades have a long memory', () => {
  ok(busy.spread.filter((ticks) => ticks === 1).length / busy.spread.length > 0.5);
  ok(mean(busy.spread) < 2);
  for (const lag of [1, 5, 10]) ok(autocorrelation(busy.signs, lag) > 0.01, `lag ${lag}`);
});

test('the opening is thin, then a burst, then heavy flow that decays', () => {
  const { timeS } = tapeOf('open', 5, 600, 250);
  const perS = (fromS: number, toS: number) => timeS.filter((at) => at >= fromS && at < toS).length / (toS - fromS);
  const before = perS(0, 300);
  ok(perS(300, 301) > 10 * before, `${perS(300, 301)} events in the first second, ${before} a second before`);
  ok(perS(300, 330) > 5 * before);
  ok(perS(300, 360) > 1.3 * perS(480, 600), `${perS(300, 360)} in the first minute, ${perS(480, 600)} later`);
});

/** Signals that a trader would read off the flow, sampled with the mid's move over the `stepS` that follow. */
function predictors(tape: Tape, stepS: number): { name: string; x: number[] }[] {
  let bought = 0;
  const traded = sampled(
    tape,
    tape.traded.map((contracts) => (bought += contracts)),
    stepS,
  );
  const moves = differences(sampled(tape, tape.mid2, stepS));
  return [
    { name: 'queue imbalance', x: sampled(tape, tape.queueImbalance, stepS).slice(1) },
    { name: 'trade imbalance', x: differences(traded) },
    { name: 'last move', x: moves },
  ];
}

function tStatistics(tape: Tape, stepS: number): { name: string; t: number }[] {
  const moves = differences(sampled(tape, tape.mid2, stepS));
  return predictors(tape, stepS).map(({ name, x }) => ({
    name,
    t: slopeT(x.slice(0, moves.length - 1), moves.slice(1)),
  }));
}

test('the null market moves tick by tick with a spread of one, and nothing foretells its moves', () => {
  let squares = 0;
  let count = 0;
  for (const seed of [1, 2, 3]) {
    const tape = tapeOf('null', seed, 240, 400);
    ok(tape.spread.every((ticks) => ticks === 1));
    const steps = differences(tape.mid2);
    equal(steps.filter((step) => step !== 0 && Math.abs(step) !== 2).length, 0);
    ok(steps.filter((step) => step !== 0).length > 300);
    for (const stepS of [0.1, 1]) {
      for (const { name, t } of tStatistics(tape, stepS)) {
        ok(Math.abs(t) < 3.5, `seed ${seed}, ${stepS} s: t of ${name} is ${t}`);
        squares += t * t;
        count++;
      }
    }
  }
  // Under the hypothesis the squares have mean 1.
  ok(squares / count < 2, `mean of t² is ${squares / count}`);
});

test('the same regressions find the information that the busy market has', () => {
  const [queue] = tStatistics(busy, 0.1);
  ok(queue!.t > 5, `t of queue imbalance is ${queue!.t}`);
});
