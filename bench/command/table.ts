import { formatFixed } from '../../src/format.ts';
import { type BenchResult, ratioOf } from '../support/harness.ts';
import type { HistoryLine } from './history.ts';
import type { PeerResult } from './peer_table.ts';

type Recorded = HistoryLine['results'][number];

/** Widths of columns, of which the first `left` are aligned to the left; what follows them has no end. */
interface Layout {
  readonly widths: readonly number[];
  readonly left: number;
}

const benchLayout: Layout = { widths: [40, 15, 11, 11, 11, 12, 8, 8], left: 2 };
const peerLayout: Layout = { widths: [20, 8, 8, 11, 8, 9], left: 1 };

export const benchHeader = line(
  benchLayout,
  ['measurement', 'unit', 'median', 'best', 'wall', 'baseline', 'ratio', 'change'],
  'result hash',
);

/** A measurement beside its baseline, and the last recorded run's. */
export function benchRow(result: BenchResult, last: Recorded | undefined): string {
  const { name, unit, value, samples, baselineValue, ratio, resultHash, baselineHash } = result;
  const verdict = isEqual(result) ? '' : ` ≠ baseline's ${baselineHash}`;
  const cells = [name, unit, number(value), number(samples.best), number(samples.wallMedian)];
  const against = [baselineValue === null ? '' : number(baselineValue), ratio === null ? '' : `×${number(ratio)}`];
  const rest = `${resultHash}${verdict}  (${result.baselineName})`;
  return line(benchLayout, [...cells, ...against, changeOf(result, last)], rest);
}

/** Says what the columns are, too. */
export function peerHeader(): string {
  const cells = ['work', 'ours', 'theirs', 'ours/theirs', 'our CPU', 'their CPU'];
  return [
    'Programs of others on the same file, in turns: records/s by wall time, best run; seconds of CPU of all threads, least.',
    line(peerLayout, cells, `${'result'.padEnd(peerHashWidth)}  theirs`),
  ].join('\n');
}

const peerHashWidth = 13;

export function peerRow(result: PeerResult): string {
  const { name, value, baselineValue, ratio, cpuS, baselineCpuS, resultHash, baselineHash, baselineName } = result;
  const seconds = (time: number | null) => (time === null ? '–' : `${time.toPrecision(3)} s`);
  const rates = [number(value), number(baselineValue!), `×${ratio!.toPrecision(3)}`];
  const hash = baselineHash === null ? '–' : isEqual(result) ? resultHash : `${resultHash} ≠ ${baselineHash}`;
  const cells = [name, ...rates, seconds(cpuS), seconds(baselineCpuS)];
  return line(peerLayout, cells, `${hash.padEnd(peerHashWidth)}  ${baselineName}`);
}

/** Whether the baseline computed the same, as far as it says what it computed. */
export function isEqual({ resultHash, baselineHash }: BenchResult): boolean {
  return baselineHash === null || baselineHash === resultHash;
}

function line({ widths, left }: Layout, cells: readonly string[], rest: string): string {
  const padded = cells.map((cell, i) => (i < left ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!)));
  return `${padded.join(' ')}  ${rest}`;
}

function number(value: number): string {
  if (value >= 1e6) return `${(value / 1e6).toPrecision(4)} M`;
  return value >= 1e4 ? Math.round(value).toLocaleString('en') : value.toPrecision(4);
}

/** Against the last recorded run, positive is faster; a run that computed something else is nothing to compare with. */
function changeOf({ unit, value, resultHash }: BenchResult, last: Recorded | undefined): string {
  if (last === undefined) return '';
  if (last.resultHash !== resultHash) return 'changed';
  return `${formatFixed((ratioOf(unit, value, last.value) - 1) * 100, 1, true)} %`;
}
