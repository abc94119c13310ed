import { SpymasterError } from '../../errors.ts';
import { assertComputed, type SignalColumns, type SignalContext } from '../../signals/index.ts';
import type { DescribedSignal } from '../describe_signals.ts';
import { usesInexactMath } from '../inexact_math.ts';
import { cutColumns, noisyColumns } from './check_columns.ts';
import { defaultsOf, otherParameters } from './check_parameters.ts';
import { CheckThread } from './check_thread.ts';
import type { CheckPass, CheckTask } from './check_worker.ts';

/** Bins that a signal is checked on. */
export interface CheckData {
  readonly columns: SignalColumns;
  readonly context: SignalContext;
  readonly binCount: number;
}

export interface CheckOptions {
  readonly data: CheckData;
  /** How long one bin may take before its loop counts as endless. */
  readonly stallMs: number;
  readonly signal?: AbortSignal | undefined;
}

/** One thing that must hold, and what was found. */
export interface CheckRow {
  readonly check: string;
  readonly passed: boolean;
  readonly found: string;
}

export interface CheckReport {
  readonly passed: boolean;
  readonly rows: readonly CheckRow[];
  /** What does not fail the check and is worth knowing; sentences. */
  readonly notes: readonly string[];
  readonly bins: number;
  /** Bins before the first score; null without any. */
  readonly warmUpBins: number | null;
  readonly medianUs: number | null;
  readonly p99Us: number | null;
  readonly grownBytes: number | null;
}

const noOutput: Float64Array = new Float64Array();
/** Most time of a bin: half of the bins, in µs. */
const maxMedianUs = 200;
/** Most time of all bins but one in a hundred, as a share of the cell. */
const maxP99Share = 0.05;
/** Most growth of memory over the second half of the bins. */
const maxGrownBytes = 1 << 20;

/**
 * Proves on data what must hold of a user's signal: each pass over the bins runs in a fresh worker, without clock, randomness, timers
 * and network. It proves what these bins show, and no more. @throws SIGNAL_IMPORTED
 */
export async function checkSignal(signal: DescribedSignal, options: CheckOptions): Promise<CheckReport> {
  const { description, source } = signal;
  assertComputed(description, `check the signal ${description.name}`);
  const { data } = options;
  const { binCount, columns, context } = data;
  const parameters = defaultsOf(description);
  const task: Omit<CheckTask, 'lastBin'> = {
    source,
    context,
    columns,
    firstBin: 0,
    endBin: binCount,
    instances: [parameters],
    saveAt: null,
    state: null,
    measures: false,
  };
  const pass = (change: Partial<CheckTask>) => new CheckThread({ ...task, ...change }, options).run();
  const first = await pass({ measures: true });
  if (first instanceof SpymasterError) return failedReport(first, binCount);
  const rows: CheckRow[] = [
    row('runs, and leaves its inputs untouched', true, `${binCount} bins with the default parameters`),
    row('scores are finite', true, `${count(first, 1)} of ${binCount} bins have a score`),
    boundRow(first, description.bound),
  ];
  const cutAt = Math.max(1, Math.floor(binCount * 0.6));
  const compare = async (check: string, change: Partial<CheckTask>, of: CheckPass, from = 0) =>
    rows.push(comparedRow(check, await pass(change), of, from, change.endBin ?? binCount));
  await compare(
    `no look-ahead: the future cut at bin ${cutAt}`,
    { columns: cutColumns(columns, cutAt, context), endBin: cutAt },
    first,
  );
  const noisy = noisyColumns(columns, cutAt, context);
  await compare(`no look-ahead: noise from bin ${cutAt} on`, { columns: noisy, endBin: cutAt }, first);
  const saved = await pass({ saveAt: cutAt });
  rows.push(comparedRow('deterministic: again in another worker, saved on the way', saved, first, 0, binCount));
  if (!(saved instanceof SpymasterError)) {
    const resumed = { state: saved.state, firstBin: cutAt };
    await compare(`restartable: saved and restored at bin ${cutAt}`, resumed, first, cutAt);
  }
  rows.push(await sharedStateRow(pass, first, signal));
  const timed = timeRows(first, context);
  rows.push(...timed.rows);
  return {
    passed: rows.every(({ passed }) => passed),
    rows,
    notes: mathNotes(first, signal),
    bins: binCount,
    warmUpBins: warmUp(first),
    medianUs: timed.medianUs,
    p99Us: timed.p99Us,
    grownBytes: first.grownBytes,
  };
}

function row(check: string, passed: boolean, found: string): CheckRow {
  return { check, passed, found };
}

function failedReport(error: SpymasterError, bins: number): CheckReport {
  const rows = [row('runs, and leaves its inputs untouched', false, error.message)];
  return { passed: false, rows, notes: [], bins, warmUpBins: null, medianUs: null, p99Us: null, grownBytes: null };
}

/** Bins whose output at `offset` is not 0. */
function count({ outputs: [output = noOutput] }: CheckPass, offset: 0 | 1): number {
  let sum = 0;
  for (let at = offset; at < output.length; at += 2) if (output[at] !== 0) sum++;
  return sum;
}

function warmUp({ outputs: [output = noOutput] }: CheckPass): number | null {
  for (let at = 1; at < output.length; at += 2) if (output[at] === 1) return (at - 1) / 2;
  return null;
}

function boundRow({ outputs: [output = noOutput] }: CheckPass, bound: number | null): CheckRow {
  let largest = 0;
  for (let at = 0; at < output.length; at += 2) largest = Math.max(largest, Math.abs(output[at] ?? 0));
  const found = `largest |score| ${Number(largest.toPrecision(4))}`;
  if (bound === null) return row('scores may be of any size', true, found);
  return row(`scores lie within ±${bound}`, largest <= bound, found);
}

/** Whether the bins from `from` to `end` of a pass are those of another, to the bit. */
function comparedRow(
  check: string,
  pass: CheckPass | SpymasterError,
  of: CheckPass,
  from: number,
  end: number,
): CheckRow {
  if (pass instanceof SpymasterError) return row(check, false, pass.message);
  const difference = firstDifference(pass.outputs[0], of.outputs[0], from, end);
  if (difference !== null) return row(check, false, difference);
  return row(check, true, `bins ${from} to ${end - 1} are the same to the bit`);
}

/** `got` begins at bin `from`, `expected` at bin 0. */
function firstDifference(
  got: Float64Array = noOutput,
  expected: Float64Array = noOutput,
  from = 0,
  end = 0,
): string | null {
  for (let bin = from; bin < end; bin++) {
    for (const offset of [0, 1]) {
      const [is, was] = [got[2 * (bin - from) + offset], expected[2 * bin + offset]];
      if (Object.is(is, was)) continue;
      return offset === 0
        ? `at bin ${bin} the score is ${is}, and ${was} when it runs alone`
        : `at bin ${bin} it is ${is === 1 ? 'ready' : 'not ready'}, and ${was === 1 ? 'ready' : 'not ready'} when it runs alone`;
    }
  }
  return null;
}

/** Two instances side by side, the second with other parameters where there are any, and the second alone. */
async function sharedStateRow(
  pass: (change: Partial<CheckTask>) => Promise<CheckPass | SpymasterError>,
  first: CheckPass,
  { description }: DescribedSignal,
): Promise<CheckRow> {
  const check = 'no shared state: two instances side by side';
  const other = otherParameters(description);
  const alone = await pass({ instances: [other] });
  if (alone instanceof SpymasterError) return row(check, false, `with ${JSON.stringify(other)}: ${alone.message}`);
  const both = await pass({ instances: [defaultsOf(description), other] });
  if (both instanceof SpymasterError) return row(check, false, both.message);
  const end = (first.outputs[0]?.length ?? 0) / 2;
  const difference =
    firstDifference(both.outputs[0], first.outputs[0], 0, end) ??
    firstDifference(both.outputs[1], alone.outputs[0], 0, end);
  const found = `each gives what it gives alone; the other has ${JSON.stringify(other)}`;
  return row(check, difference === null, difference ?? found);
}

function timeRows({ timesUs, grownBytes }: CheckPass, { binS }: SignalContext) {
  const sorted = timesUs.toSorted();
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  const [medianUs, p99Us] = [at(0.5), at(0.99)];
  const maxP99Us = maxP99Share * binS * 1e6;
  const rows = [
    row(
      'time per bin',
      medianUs <= maxMedianUs && p99Us <= maxP99Us,
      `median ${us(medianUs)} (at most ${us(maxMedianUs)}), 99 % ≤ ${us(p99Us)} (at most ${us(maxP99Us)}, 5 % of the cell)`,
    ),
    row(
      'memory',
      grownBytes <= maxGrownBytes,
      `grew by ${Math.max(0, Math.round(grownBytes / 1024))} KiB over the second half (at most 1024 KiB)`,
    ),
  ];
  return { rows, medianUs, p99Us };
}

function us(value: number): string {
  return `${Number(value.toPrecision(3))} µs`;
}

function mathNotes({ mathUsed }: CheckPass, { source }: DescribedSignal): string[] {
  const isNamed = Object.values(source.files).some(usesInexactMath);
  if (mathUsed.length === 0 && !isNamed) return [];
  const names = mathUsed.length === 0 ? 'Functions of Math, or **,' : mathUsed.map((name) => `Math.${name}`).join(', ');
  const verb = mathUsed.length === 1 ? 'differs' : 'differ';
  return [
    `${names} ${verb} in the last bits between engines, so the results hold for Node ${process.version} alone; ` +
      '`spymaster/signal` exports exp, log, pow, sin, cos and tanh with the same bits everywhere.',
  ];
}
