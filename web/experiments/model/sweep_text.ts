import type { RunningSweep } from '../../../src/wire/index.ts';
import { count, duration } from './format.ts';

const units = { datasets: 'datasets made', cells: 'cells' } as const;

/** How far a sweep is: `12 of 40 cells`. */
export function progressText({ phase, done, total }: RunningSweep): string {
  if (phase === 'judging') return 'judging the results';
  if (total === 0) return 'starting';
  if (phase === 'datasets' && total === 1) return `making its dataset, ${Math.floor(done * 100)} %`;
  return `${count(Math.floor(done))} of ${count(total)} ${units[phase]}`;
}

/** How fast a sweep is and how long it will take, or why it is not. */
export function paceText(sweep: RunningSweep): string {
  const { state, phase, done, total, started_utc, phase_started_utc, updated_utc } = sweep;
  if (state === 'killed') return 'its process is gone; run it again and it goes on';
  if (state === 'silent') return 'its process lives and has not answered for a while';
  if (state === 'cancelling') return 'ending';
  if (phase === 'judging') return '';
  const tookMs = Date.parse(updated_utc) - Date.parse(phase_started_utc ?? started_utc);
  if (done === 0 || tookMs <= 0) return 'starting';
  const left = `${duration((tookMs / done) * (total - done))} left`;
  return phase === 'datasets' ? left : `${count(Math.round((done / tookMs) * 60_000))} a minute, ${left}`;
}
