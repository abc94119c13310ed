import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import { type BarOptions, BarSeries } from './bars.ts';
import { footprintOf } from './footprint.ts';
import type { BinTrades, TradeLedger } from './trade_ledger.ts';

type Print = readonly [tick: number, bought: number, sold: number];

/** A ledger whose bins hold these prints, the lowest first; `undefined` for none. */
function ledgerOf(bins: readonly (readonly Print[] | undefined)[]): TradeLedger {
  const trades = bins.map((prints, seq): readonly [number, BinTrades | null] => [
    seq,
    prints === undefined
      ? null
      : {
          ticks: Int32Array.from(prints, ([tick]) => tick),
          bought: Float64Array.from(prints, ([, bought]) => bought),
          sold: Float64Array.from(prints, ([, , sold]) => sold),
          unsided: new Float64Array(prints.length),
          firstTick: prints[0]![0],
          lastTick: prints.at(-1)![0],
          count: prints.length,
        },
  ]);
  return {
    lateBins: 0,
    forEach(first: number, end: number, visit: (seq: number, trades: BinTrades) => void) {
      for (const [seq, one] of trades) if (seq >= first && seq < end && one !== null) visit(seq, one);
    },
  } as unknown as TradeLedger;
}

const bins: (readonly Print[] | undefined)[] = [
  [[10, 1, 0]],
  [[9, 0, 2]],
  undefined,
  [
    [9, 1, 1],
    [11, 4, 0],
  ],
  undefined,
  [[8, 0, 3]],
];

function spans(options: Partial<BarOptions>): number[][] {
  const series = new BarSeries(ledgerOf(bins), { kind: 'time', size: 2, offsetBins: 0, ...options });
  // Bar by bar as bins come, which must be as all at once.
  for (let end = 0; end < bins.length; end++) series.upTo(end);
  return series
    .upTo(bins.length)
    .map((bar) => [bar.firstSeq, bar.endSeq, bar.open, bar.high, bar.low, bar.close, bar.volume]);
}

test('bars by time begin at whole multiples of their size; those without trades are left out', () => {
  deepEqual(spans({ size: 2 }), [
    [0, 2, 10, 10, 9, 9, 3],
    [2, 4, 9, 11, 9, 11, 6],
    [4, 6, 8, 8, 8, 8, 3],
  ]);
  deepEqual(
    spans({ size: 4, offsetBins: 3 }).map(([first, end]) => [first, end]),
    [
      [-3, 1],
      [1, 5],
      [5, 9],
    ],
  );
});

test('bars by volume, trades and range end with the bin in which they are full', () => {
  const ends = (options: Partial<BarOptions>) => spans(options).map(([first, end]) => [first, end]);
  deepEqual(ends({ kind: 'volume', size: 3 }), [
    [0, 2],
    [3, 4],
    [5, 6],
  ]);
  deepEqual(ends({ kind: 'trades', size: 4 }), [
    [0, 4],
    [5, 6],
  ]);
  deepEqual(ends({ kind: 'range', size: 2 }), [
    [0, 4],
    [5, 6],
  ]);
});

test('a footprint marks diagonal imbalances, stacks of three, unfinished ends and the price with the most volume', () => {
  const prints: Print[] = [
    [20, 2, 1], // unfinished low
    [21, 3, 1], // bought 3 against 1 sold below
    [22, 9, 0],
    [23, 5, 0],
    [24, 0, 0],
    [25, 1, 0],
  ];
  const [bar] = new BarSeries(ledgerOf([prints]), { kind: 'time', size: 1, offsetBins: 0 }).upTo(1);
  const footprint = footprintOf(bar!);
  deepEqual(
    footprint.marks.map(({ imbalance, isStacked }) => [imbalance, isStacked]),
    [
      [null, false],
      ['bought', true],
      ['bought', true],
      ['bought', true],
      [null, false],
      [null, false],
    ],
  );
  equal(footprint.pointOfControl, 22);
  deepEqual([footprint.isUnfinishedLow, footprint.isUnfinishedHigh], [true, false]);
});

test('of several prices with the most volume, the point of control is the one nearest to the mean price', () => {
  const prints: Print[] = [
    [10, 5, 0],
    [11, 1, 0],
    [12, 5, 0],
    [13, 4, 0],
  ];
  const [bar] = new BarSeries(ledgerOf([prints]), { kind: 'time', size: 1, offsetBins: 0 }).upTo(1);
  equal(footprintOf(bar!).pointOfControl, 12);
});
