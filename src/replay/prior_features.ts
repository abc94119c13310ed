import { captureWindow, priorSessions } from '../config/index.ts';
import { featureParams } from '../engine/index.ts';
import { present, SpymasterError } from '../errors.ts';
import { isBeingRecorded, RecordsHash } from '../files/index.ts';
import { findRawFile, type Lake, type LoadedPipeline, type PriorSource, RawHashCache } from '../lake/index.ts';
import { OrderFeatures } from '../orders/index.ts';
import { describeSource, unfinished } from './raw_source.ts';
import { openSession } from './session.ts';

export interface PriorFeaturesOptions {
  readonly lake: Lake;
  readonly pipeline: Pick<LoadedPipeline, 'spec' | 'runtime' | 'capture' | 'datasetId'>;
  readonly signal?: AbortSignal | undefined;
  /** Called often while the file of `date` is read. */
  readonly onProgress?: ((bytesRead: number, sizeBytes: number, date: string) => void) | undefined;
}

/** Features that go on into the session of a pipeline, and the files of the sessions before that they have taken. */
export interface PriorFeatures {
  readonly features: OrderFeatures;
  /** Ascending by date. */
  readonly sources: readonly PriorSource[];
}

/**
 * Features of a pipeline's session that have taken the sessions before, back to the beginning of the trading day before
 * (`priorSessions`): their sums and levels are those of all these records. Each session counts as its own dataset would: records
 * outside it do not.
 *
 * @throws FILE_NOT_FOUND for a file that the lake lacks, before any is read; what `openSession` and its `run` throw, with the path
 */
export async function priorFeatures({
  lake,
  pipeline,
  signal,
  onProgress,
}: PriorFeaturesOptions): Promise<PriorFeatures> {
  const { spec, runtime, capture: own, datasetId } = pipeline;
  const { product_type: productType, symbol } = spec.capture;
  const sessions: { date: string; path: string }[] = [];
  for (const date of priorSessions(runtime, spec.capture.dt)) {
    const path = await findRawFile(lake, productType, symbol, date).catch((error) => {
      throw missingBefore(error, datasetId, spec.capture.dt);
    });
    sessions.push({ date, path });
  }
  const windowOf = (date: string) => captureWindow(productType, date, '12:00');
  const { sessionStartNs: fromNs } = windowOf(present(sessions[0]).date);
  const features = new OrderFeatures(featureParams(runtime, own, fromNs));
  const sources: PriorSource[] = [];
  for (const { date, path } of sessions) {
    const { sessionStartNs, sessionEndNs } = windowOf(date);
    const capture = { sessionStartNs, sessionEndNs, startNs: sessionStartNs, endNs: null };
    features.beginSession(Number(sessionStartNs - own.sessionStartNs));
    // One bin of the whole session: nobody reads the bins.
    const wholeRuntime = { ...runtime, cell_width_ms: Number((sessionEndNs - sessionStartNs) / 1_000_000n) };
    await using session = await openSession({ path, runtime: wholeRuntime, date, capture, features, bookOnly: true });
    const isGrowing = isBeingRecorded(path);
    const source = await describeSource(path, isGrowing);
    const hash = new RecordsHash();
    const { endsWithFile, tornTail, coverage } = await session.run({
      onBin: () => undefined,
      onUsed: (bytes) => hash.update(bytes),
      onProgress: (bytesRead, sizeBytes) => onProgress?.(bytesRead, sizeBytes, date),
      ...(signal && { signal }),
    });
    if (endsWithFile && (isGrowing || tornTail !== null)) {
      throw unfinished(datasetId, path, capture, coverage.last_event_ns, date);
    }
    await source.assertUnchanged();
    const records = hash.identity(endsWithFile);
    await new RawHashCache(lake).add(path, source.stamp, source.description.sha256, records);
    sources.push({ dt: date, ...source.description, records });
  }
  features.beginSession(0);
  return { features, sources };
}

/** The error of a session before whose file is not there, with the reason why it is needed. */
function missingBefore(error: unknown, datasetId: string, date: string): unknown {
  if (!(error instanceof SpymasterError) || error.code !== 'FILE_NOT_FOUND') return error;
  return new SpymasterError(
    'FILE_NOT_FOUND',
    `Cannot make the dataset ${datasetId}, whose features know the trading day before ${date} (pipeline.prior_day): ` +
      `${error.message.replace(/\.$/, '')}; put the file there with \`npx spymaster download\` or \`npx spymaster import\`, or ` +
      'leave prior_day out of the pipeline.',
    error.fields,
  );
}
