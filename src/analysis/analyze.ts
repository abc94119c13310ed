import { configVersion, tickSizeInt } from '../config/index.ts';
import { describeAnomalies } from '../engine/index.ts';
import { notNull, SpymasterError } from '../errors.ts';
import { sha256File } from '../files/index.ts';
import {
  type Coverage,
  datasetSource,
  describeCoverage,
  type Lake,
  readCondition,
  verifyDataset,
} from '../lake/index.ts';
import { openSession, type SessionWatcher } from '../replay/index.ts';

import { Analysis, type Measurements } from './analysis.ts';
import type { AnalysisReport, AnalysisSubject } from './analysis_report.ts';
import { datasetFrames } from './dataset_frames.ts';
import type { TradeRules } from './signal_study.ts';
import { verdictOf } from './verdict.ts';

/**
 * A dataset as a subject: its files are verified, and its replay file is looked for in the lake and its records compared.
 * Without that file the subject says what is left out. Throws what `verifyDataset` throws.
 */
export async function datasetSubject(lake: Lake, datasetId: string): Promise<AnalysisSubject> {
  const manifest = await verifyDataset(lake, datasetId);
  const { session_start_ns, session_end_ns, start_ns, end_ns } = manifest.capture;
  const base = {
    name: datasetId,
    kind: 'dataset',
    runtime: manifest.resolved_config,
    date: manifest.spec.capture.dt,
    capture: {
      sessionStartNs: BigInt(session_start_ns),
      sessionEndNs: BigInt(session_end_ns),
      startNs: BigInt(start_ns),
      endNs: BigInt(end_ns),
    },
    dataset: { lake, manifest },
  } as const;
  try {
    const { path } = await datasetSource(lake, datasetId);
    return { ...base, source: { path, sha256: null }, leftOut: null };
  } catch (error) {
    const codes = ['FILE_NOT_FOUND', 'FILE_UNREADABLE', 'CHECKSUM_MISMATCH'];
    if (!(error instanceof SpymasterError) || !codes.includes(error.code)) throw error;
    return { ...base, source: null, leftOut: error.message };
  }
}

export interface AnalyzeOptions {
  /** Version of the program, for the report. */
  readonly codeVersion: string;
  readonly rules: TradeRules;
}

/**
 * Measures a subject in one pass: a replay where there is a file, else the dataset's Parquet files without what needs
 * records or flow scores. Memory grows with the number of bins by a few numbers each, not with the file. Throws what
 * `openSession` and its `run` throw, and DATASET_INVALID when the replay gives other bins than the dataset has.
 */
export async function analyze(
  subject: AnalysisSubject,
  options: AnalyzeOptions,
  watcher: Pick<SessionWatcher, 'onProgress' | 'signal'>,
): Promise<AnalysisReport> {
  const { runtime, capture, source, dataset } = subject;
  const measured =
    source === null
      ? await measureDataset(subject, options, watcher)
      : await measureReplay(subject, source.path, options, watcher);
  const { measurements, counters, coverage, startsFromKnownBook } = measured;
  const tickInt = tickSizeInt(runtime);
  const relative = (ns: bigint) => Number(ns - capture.sessionStartNs);
  const startNs = relative(capture.startNs);
  const fileName = source?.path.slice(source.path.lastIndexOf('/') + 1) ?? dataset?.manifest.source.file_name;
  const sha256 = source?.sha256 ?? (source === null ? dataset?.manifest.source.sha256 : await sha256File(source.path));
  const kept = source === null ? null : await readCondition(source.path, subject.date);
  const condition = dataset?.manifest.condition ?? kept;
  const report: Omit<AnalysisReport, 'verdict'> = {
    reportVersion: 1,
    subject: {
      name: subject.name,
      kind: subject.kind,
      productType: runtime.product_type,
      symbol: runtime.symbol,
      date: subject.date,
      sessionStartNs: capture.sessionStartNs,
      startNs,
      endNs: startNs + measurements.book.bins * runtime.cell_width_ms * 1e6,
      captureEndNs: capture.endNs === null ? null : relative(capture.endNs),
      cellWidthMs: runtime.cell_width_ms,
      tickSize: runtime.product_type === 'future_mbo' ? runtime.tick_size : runtime.bucket_size_dollars,
      radius: runtime.grid_radius_ticks,
      configVersion: configVersion(runtime),
      codeVersion: options.codeVersion,
      source: fileName === undefined || !sha256 ? null : { fileName, sha256 },
      startsWhole: startsFromKnownBook,
      condition,
    },
    leftOut: subject.leftOut,
    anomalies: describeAnomalies(counters, startsFromKnownBook),
    counters,
    coverage,
    missing:
      coverage === null ? [] : describeCoverage(coverage, { capture, productType: runtime.product_type, tickInt }),
    ...measurements,
  };
  return { ...report, verdict: verdictOf(report) };
}

interface Measured {
  readonly measurements: Measurements;
  readonly counters: Readonly<Record<string, number>>;
  readonly coverage: Coverage | null;
  readonly startsFromKnownBook: boolean;
}

async function measureReplay(
  { runtime, date, capture, dataset }: AnalysisSubject,
  path: string,
  { rules }: AnalyzeOptions,
  watcher: Pick<SessionWatcher, 'onProgress' | 'signal'>,
): Promise<Measured> {
  await using session = await openSession({ path, runtime, date, capture });
  const analysis = new Analysis({ runtime, capture, instrumentId: session.instrumentId, isReplay: true, rules });
  const { bins, counters, coverage, startsFromKnownBook } = await session.run({
    ...watcher,
    onBatch: (batch) => analysis.addBatch(batch),
    onBin: (bin, frame) => {
      analysis.addBin(bin, frame);
      return undefined;
    },
  });
  const expected = dataset?.manifest.bins ?? bins;
  if (bins !== expected) {
    throw new SpymasterError(
      'DATASET_INVALID',
      `Cannot analyse the dataset from ${path}: expected ${expected} bins, the file gives ${bins}; put the file back that ` +
        'the dataset was made from, or generate it anew.',
      { path, expected, actual: bins },
    );
  }
  return { measurements: analysis.measurements(), counters: { ...counters }, coverage, startsFromKnownBook };
}

async function measureDataset(
  { runtime, capture, dataset }: AnalysisSubject,
  { rules }: AnalyzeOptions,
  { onProgress, signal }: Pick<SessionWatcher, 'onProgress' | 'signal'>,
): Promise<Measured> {
  const { lake, manifest } = notNull(dataset);
  const analysis = new Analysis({ runtime, capture, instrumentId: null, isReplay: false, rules });
  let bins = 0;
  for await (const { bin, frame } of datasetFrames(lake, manifest.dataset_id)) {
    signal?.throwIfAborted();
    analysis.addBin(bin, frame);
    onProgress?.(++bins, manifest.bins, bins);
  }
  const counters = Object.entries(manifest.counters).map(([name, count]) => [
    name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()),
    count,
  ]);
  return {
    measurements: analysis.measurements(),
    counters: Object.fromEntries(counters) as Record<string, number>,
    coverage: manifest.coverage ?? null,
    startsFromKnownBook: manifest.starts_whole,
  };
}
