import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { Admission } from '../src/book/index.ts';
import { FilePass, OurOrders } from '../src/execution/index.ts';
import { openRecords } from '../src/files/index.ts';
import type { Lake } from '../src/lake/index.ts';
import { runExperiment } from '../src/sweep/index.ts';
import { edgeLake, judgeEdge } from '../test/helpers/edge_lake.ts';
import { createTwoDaysLake, specifyTwoDays, twoDays } from '../test/helpers/two_days_lake.ts';
import { type BenchOptions, type BenchResult, compare, hashOf } from './support/harness.ts';

const seed = 70;
const levels = 'tp_ticks: [4, 8, 16], sl_ticks: [4, 8, 16]';
const execution = ', execution: {entry: join, size: 1, max_wait_ms: 5000}';

/**
 * An experiment of 9 cells of 6 thresholds over three sessions of an hour that is executed in the real book, beside the same at the mid and
 * one pass of the feed of each session; and the same where the passes are kept.
 */
export async function bench({ tiny }: BenchOptions): Promise<BenchResult[]> {
  const { lake, dates, judge } = tiny ? await shortDays() : await longDays();
  try {
    // For the compiler to find what is hot.
    if (!tiny) await judge('warm', execution);
    const forget = () => rmSync(join(lake.root, 'research', 'vp_harness', 'passes'), { recursive: true, force: true });
    let number = 0;
    const judged = (terms: string) => async () => {
      const means = await judge(`bench_${number++}`, terms);
      return () => hashOf(means.join());
    };
    const subject = { quantity: dates.length, runs: tiny ? 1 : 3, warmUps: 0 };
    const followed = await compare({
      name: 'sweep in the real book',
      unit: 'ms/session',
      seed,
      ours: { ...subject, setUp: forget, run: judged(execution) },
      baseline: {
        ...{ ...subject, name: 'the same at the mid, and one pass of the feed a session' },
        run: async () => {
          const hash = await judged('')();
          await passes(lake, dates);
          return hash;
        },
      },
    });
    if (tiny) return [{ ...followed, baselineHash: null }];
    const kept = await compare({
      name: 'sweep in the real book, passes kept',
      unit: 'ms/session',
      seed,
      ours: { ...subject, run: judged(execution) },
      baseline: { ...{ ...subject, name: 'the same at the mid' }, run: judged('') },
    });
    return [
      { ...followed, baselineHash: null },
      { ...kept, baselineHash: null },
    ];
  } finally {
    rmSync(lake.root, { recursive: true, force: true });
  }
}

/** A lake with sessions, and what judges an experiment over them by its name and the terms of its `eval`: means of net PnL. */
interface Days {
  readonly lake: Lake;
  /** Dates in the names of the files. */
  readonly dates: readonly string[];
  readonly judge: (name: string, terms: string) => Promise<(number | null)[]>;
}

/** An hour of three days, 9 cells. */
async function longDays(): Promise<Days> {
  const lake = edgeLake({ perMinute: 10, probability: 0.9, ticks: 6 }, 60);
  const judge = async (name: string, terms: string) => {
    const { trials } = await judgeEdge(lake, name, terms, { levels, force: true });
    return trials.map(({ result }) => result.meanNet);
  };
  await judge('made', '');
  return { lake, dates: ['20260204', '20260205', '20260206'], judge };
}

/** A minute of two days, 2 cells. */
async function shortDays(): Promise<Days> {
  const { lake } = await createTwoDaysLake();
  const judge = async (_name: string, terms: string) => {
    const experiment = await specifyTwoDays(lake, terms);
    const { statistics } = await runExperiment({
      ...{ lake, experiment, defaultWorkers: 1, memoryBytes: 4e9, keepGoing: false, force: true, codeVersion: 'test' },
      now: () => new Date(),
      notice: () => {},
    });
    return statistics?.trials.map(({ result }) => result.meanNet) ?? [];
  };
  return { lake, dates: twoDays.map((date) => date.replaceAll('-', '')), judge };
}

/** One pass of the feed of each session, without orders. */
async function passes(lake: Lake, dates: readonly string[]): Promise<void> {
  for (const date of dates) {
    const path = join(lake.rawFolder('future_mbo', 'MNQH6'), `glbx-mdp3-${date}.mbo.dbn`);
    await using source = await openRecords(path);
    const admission = new Admission({ symbol: 'MNQH6', instrumentId: null, publisherId: null, session: null });
    const file = new FilePass({ ours: new OurOrders([]), admission, originNs: 0n, clock: 'event' });
    for await (const batch of source) file.ingest(batch);
    file.finish();
  }
}
