import { deepEqual, equal, ok } from 'node:assert/strict';
import { test } from 'node:test';
import { conjugate, Fft } from './fft.ts';
import { randomSource } from './random.ts';
import { pooledTiming, type ShiftedFirings, type ShiftMoments, ShiftTable } from './timing.ts';

/** A and Q of one shift, from the definition. */
function sumsAt(firings: ShiftedFirings, long: Int32Array, short: Int32Array, shift: number) {
  const gains = [
    ...Array.from(firings.long, (at) => long[(at + shift) % long.length]!),
    ...Array.from(firings.short, (at) => short[(at + shift) % long.length]!),
  ];
  return { sum: gains.reduce((a, g) => a + g, 0), square: gains.reduce((q, g) => q + g * g, 0) };
}

const ratioAt = (firings: ShiftedFirings, long: Int32Array, short: Int32Array, shift: number): number => {
  const { sum, square } = sumsAt(firings, long, short, shift);
  return square === 0 ? 0 : sum / Math.sqrt(square);
};

function session(seed: number, positions: number, oneIn: number, gain: number) {
  const random = randomSource(seed);
  const long = Int32Array.from({ length: positions }, () => random.below(2 * gain + 1) - gain);
  const short = Int32Array.from(long, (value) => (random.below(9) === 0 ? 0 : -value));
  const fired = () => Int32Array.from(long.keys()).filter(() => random.below(oneIn) === 0);
  return { long, short, firings: { long: fired(), short: fired() } };
}

const near = (actual: number, expected: number) =>
  ok(Math.abs(actual - expected) <= 1e-11 * (1 + Math.abs(expected)), `${actual} is not ${expected}`);

test('a transform and its inverse give the input back, and the sum by definition', () => {
  const random = randomSource(1);
  for (const size of [2, 4, 8, 16, 32, 64, 128]) {
    const fft = new Fft(size);
    const x = Array.from({ length: 2 * size }, () => random.below(200) - 100);
    const re = Float64Array.from(x.slice(0, size));
    const im = Float64Array.from(x.slice(size));
    fft.forward(re, im);
    const bits = Math.log2(size);
    for (let index = 0; index < size; index++) {
      const k = Number.parseInt(index.toString(2).padStart(bits, '0').split('').toReversed().join(''), 2);
      let [sumRe, sumIm] = [0, 0];
      for (let j = 0; j < size; j++) {
        const angle = (-2 * Math.PI * j * k) / size;
        sumRe += x[j]! * Math.cos(angle) - x[size + j]! * Math.sin(angle);
        sumIm += x[j]! * Math.sin(angle) + x[size + j]! * Math.cos(angle);
      }
      ok(Math.abs(re[index]! - sumRe) < 1e-8 && Math.abs(im[index]! - sumIm) < 1e-8);
      const mirrored = conjugate(index).toString(2).padStart(bits, '0').split('').toReversed().join('');
      equal(Number.parseInt(mirrored, 2), (size - k) % size);
    }
    fft.inverse(re, im);
    for (let j = 0; j < size; j++)
      ok(Math.abs(re[j]! / size - x[j]!) < 1e-10 && Math.abs(im[j]! / size - x[size + j]!) < 1e-10);
  }
});

test('the test over all shifts equals the definition, directly and by transform', () => {
  // Few firings go directly, one in two bins by transform.
  for (const [seed, positions, oneIn, gain = 30] of [
    [1, 97, 9],
    [2, 300, 40],
    [3, 1000, 2],
    [4, 1024, 2],
    [5, 641, 1],
    // Sizes whose shifts run a little, just not, and too far beyond a transform.
    [6, 540, 2],
    [7, 585, 2],
    [8, 586, 2],
    // Gains of which few, one or none is summed together with its square.
    [9, 200, 9, 1000],
    [10, 200, 9, 5000],
    [11, 200, 9, 6000],
  ] as const) {
    const { long, short, firings } = session(seed, positions, oneIn, gain);
    const ratios = Array.from({ length: positions }, (_, shift) => ratioAt(firings, long, short, shift));
    const found = new ShiftTable(long, short).test(firings)!;
    near(found.observed, ratios[0]!);
    equal(
      found.pTiming,
      ratios.filter((value) => value >= ratios[0]! - 1e-12 * Math.abs(ratios[0]!)).length / positions,
    );
    const mean = ratios.reduce((sum, value) => sum + value, 0) / positions;
    near(found.mean, mean);
    near(found.variance, ratios.reduce((sum, value) => sum + (value - mean) ** 2, 0) / positions);
    equal(found.firings, firings.long.length + firings.short.length);
  }
});

test('a transform of 40,000 positions gives the integers of direct sums', () => {
  const { long, short, firings } = session(8, 40_000, 4, 400);
  const table = new ShiftTable(long, short);
  const direct = table.moments(firings, 1)!;
  const { pTiming, ...transformed } = table.test(firings)!;
  // Equal to the last bit: sums of the same integers in the same order.
  deepEqual(transformed, direct);
  ok(pTiming > 0 && pTiming < 1);
});

test('gains too large for exact rounding are summed directly', () => {
  const { long, short, firings } = session(9, 600, 2, 2 ** 24);
  const table = new ShiftTable(long, short);
  const { pTiming, ...found } = table.test(firings)!;
  deepEqual(found, table.moments(firings, 1));
  ok(pTiming > 0);
});

test('moments over multiples of a step are those of these shifts', () => {
  const { long, short, firings } = session(10, 505, 20, 12);
  const ratios = Array.from({ length: 51 }, (_, k) => ratioAt(firings, long, short, 10 * k));
  const { mean, variance, observed } = new ShiftTable(long, short).moments(firings, 10)!;
  const expected = ratios.reduce((sum, value) => sum + value, 0) / 51;
  near(mean, expected);
  near(variance, ratios.reduce((sum, value) => sum + (value - expected) ** 2, 0) / 51);
  near(observed, ratios[0]!);
});

test('firings at the best moments have the smallest p-value, and firings everywhere one of 1', () => {
  const random = randomSource(4);
  const long = Int32Array.from({ length: 500 }, (_, at) => (at % 100 === 7 ? 20 : random.below(41) - 20));
  const table = new ShiftTable(
    long,
    long.map((gain) => -gain),
  );
  const best = { long: Int32Array.of(7, 107, 207, 307, 407), short: new Int32Array(0) };
  equal(table.test(best)!.pTiming, 5 / 500);
  equal(table.test({ long: Int32Array.from(long.keys()), short: new Int32Array(0) })!.pTiming, 1);
  equal(table.test({ long: new Int32Array(0), short: new Int32Array(0) }), null);
  const flat = new ShiftTable(new Int32Array(10), new Int32Array(10)).test({ ...best, long: Int32Array.of(3) })!;
  deepEqual(flat, { firings: 1, observed: 0, mean: 0, variance: 0, pTiming: 1 });
});

test('pooledTiming adds sessions with five firings', () => {
  const one = (observed: number, firings = 5): ShiftMoments => ({ firings, observed, mean: 0.5, variance: 2 });
  const { z, pTiming, sessions } = pooledTiming([one(2), one(9, 4), one(3.5)])!;
  near(z, 4.5 / 2);
  near(pTiming, 0.012224472655044696);
  equal(sessions, 2);
  equal(pooledTiming([one(9, 4)]), null);
  equal(pooledTiming([]), null);
});
