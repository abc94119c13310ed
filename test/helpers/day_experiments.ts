import { type Lake, ResultsStore } from '../../src/lake/index.ts';
import { planSweep, runSweep, type SweepRequest } from '../../src/sweep/index.ts';
import { fixtureRequest, randomMarket, writeMarket } from './lab_dataset.ts';

const radius = 10;

/** Two cells of the derivative signal. */
export const twoCells = {
  signalAxes: { derivative: { zscore_window_bins: [40], zscore_min_periods: [20], d2_weight: [0, 1] } },
};

/** Writes a small market of so many days from 2 February 2026 on, each a dataset `day-0`, `day-1`, … */
export async function writeDays(lake: Lake, days: number, bins = 600): Promise<void> {
  for (let day = 0; day < days; day++) {
    const date = `2026-02-${String(day + 2).padStart(2, '0')}`;
    await writeMarket(lake, `day-${day}`, randomMarket(bins, radius, 40 + day, 1.5), { date });
  }
}

/** Runs an experiment on the days `from` to before `to`, and gives its statistics; its clock starts at `startMs`. */
export async function runDays(
  lake: Lake,
  request: Partial<SweepRequest>,
  [from, to]: readonly [number, number],
  startMs = Date.UTC(2026, 2, 1),
) {
  let time = startMs;
  const { statistics } = await runSweep({
    lake,
    plans: [planSweep(fixtureRequest(radius, { ...twoCells, ...request }))],
    datasets: Array.from({ length: to - from }, (_, at) => ({ datasetId: `day-${from + at}` })),
    maxWorkers: 1,
    timeoutMs: 60_000,
    keepGoing: false,
    force: false,
    codeVersion: 'test',
    now: () => new Date(time++),
  });
  if (statistics === null) throw new Error('the experiment was not judged');
  return statistics;
}

/** Does something with the results of a lake. */
export async function withStore<T>(lake: Lake, act: (store: ResultsStore) => Promise<T>): Promise<T> {
  using store = await ResultsStore.open(lake);
  return await act(store);
}
