import { deepEqual, equal } from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { contentHash } from '../../src/config/index.ts';
import { Lake } from '../../src/lake/lake.ts';
import { ResultsStore } from '../../src/lake/results/results_store.ts';
import { readUnitSums, sumsOfUnit, unitSums } from '../../src/lake/results/unit_sums.ts';
import type { ResultRow } from '../../src/wire/index.ts';
import { noise } from '../helpers/lab_dataset.ts';
import { madeUpRow } from '../helpers/stored_rows.ts';
import { temporaryFolder } from '../helpers/temporary_folder.ts';

type Unit = ResultRow<'units'>;

const days = ['2026-03-02', '2026-03-03', '2026-03-04'];
const random = noise(5);
const integer = (below: number) => Math.floor(random() * below);

function unit(trial: number, threshold: number, session: string, timestampUtc: string): Unit {
  const block = Array.from({ length: integer(9) }, (_, at) => 3 * at);
  const list = () => block.map(() => integer(200) - 100);
  const made = madeUpRow('units', ({ type, isNullable }) => {
    if (isNullable && random() < 0.3) return null;
    return { VARCHAR: 'x', INTEGER: integer(1000), DOUBLE: random(), BOOLEAN: true }[type as string] ?? [];
  });
  const trialHash = contentHash({ trial }, 32);
  return {
    ...made,
    ...{ unitId: contentHash({ trialHash, session }, 32), trialHash, threshold, session, timestampUtc },
    ...{ datasetId: `day-${session}`, symbolRoot: 'MNQ', captureWindow: '09:30-16:00' },
    ...{ startUtc: `${session}T14:30:00Z`, endUtc: `${session}T21:00:00Z` },
    ...{ block, blockLong: list(), blockShort: list(), blockTp: list(), blockSl: list(), blockWinners: list() },
    ...{ blockLosers: list(), blockLongGross: list(), blockShortGross: list() },
    ...{ blockLongSpread: list(), blockShortSpread: list(), hours: Array.from({ length: 24 }, () => integer(3)) },
    ...{ foldTestN: [integer(9), integer(9)], foldTestGross: [integer(9), integer(9)] },
  };
}

const asked = days.map((session) => ({
  ...{ session, symbolRoot: 'MNQ', startUtc: `${session}T15:00:00Z`, endUtc: `${session}T16:00:00Z` },
}));

/** A row of columns, lists as arrays. */
const rowOf = (columns: object, row: number) =>
  Object.fromEntries(
    Object.entries(columns as Record<string, ArrayLike<unknown>>).map(([name, column]) => {
      const value = column[row];
      return [name, typeof value === 'object' && value !== null ? Array.from(value as ArrayLike<number>) : value];
    }),
  );
const withoutLists = { block: [], blockN: [], blockTp: [], blockGross: [], blockSpread: [] };
const withoutFolds = {
  ...{ foldTrainN: [], foldTrainGross: [], foldTrainSpread: [], foldTestN: [], foldTestTp: [] },
  ...{ foldTestSl: [], foldTestGross: [], foldTestSpread: [] },
};

test('sums of units are those of their rows, in order, however many are read at once', async () => {
  using store = await ResultsStore.open(new Lake(join(temporaryFolder('unit-sums'), 'lake')));
  const at = (time: number) => new Date(Date.UTC(2026, 2, 9, 0, 0, time)).toISOString();
  const trials = Array.from({ length: 30 }, (_, trial) => trial);
  const older = days.flatMap((day) => trials.flatMap((trial) => [unit(trial, 0.2, day, at(0))]));
  const newer = days.slice(1).flatMap((day) => trials.slice(9).flatMap((trial) => [unit(trial, 0.2, day, at(1))]));
  const others = days.flatMap((day) => trials.flatMap((trial) => [unit(trial, 0.1, day, at(0))]));
  await store.append({ units: [...older, ...others] });
  await store.append({ units: [...newer, unit(1, 0.3, '2026-03-05', at(0))] });
  const newest = new Map([...older, ...newer, ...others].map((one) => [`${one.unitId} ${one.threshold}`, one]));
  const order = ({ session, trialHash, threshold }: Unit) => `${session} ${trialHash} ${threshold}`;
  const expected = [...newest.values()].sort((a, b) => (order(a) < order(b) ? -1 : 1));
  for (const most of [20, 150, 1000]) {
    for (const taken of [
      { blocks: true, folds: true },
      { blocks: false, folds: false },
    ]) {
      const read: object[] = [];
      const take = async (session: number, { units, from, to }: { units: object; from: number; to: number }) => {
        for (let row = from; row < to; row++) {
          const one = rowOf(units, row);
          equal(one.session, days[session]);
          read.push(one);
        }
      };
      await readUnitSums(store, asked, taken, take, most);
      const names = Object.keys(read[0] ?? {}).sort();
      const rows = unitSums(expected);
      deepEqual(names, Object.keys(rows).sort());
      deepEqual(
        read,
        expected.map((_, row) => ({
          ...rowOf(rows, row),
          ...(taken.blocks ? {} : withoutLists),
          ...(taken.folds ? {} : withoutFolds),
        })),
        `${most} together`,
      );
    }
  }
  const [first] = expected;
  equal(
    sumsOfUnit(first!).sumTp,
    first!.blockTp.reduce((sum, value) => sum + value, 0),
  );
});
