import { contentHash, newYorkZone } from '../config/index.ts';
import { type DatasetManifest, fullIdOf } from '../lake/index.ts';
import type { SessionPlace } from '../signals/index.ts';

/** A session as a sweep evaluates it: one dataset. */
export interface SweepSession {
  readonly datasetId: string;
  /** Of the data whatever columns of it the dataset holds: what a unit's numbers depend on beside the trial. */
  readonly dataId: string;
  /** Trading date, YYYY-MM-DD. */
  readonly date: string;
  /** Contract and its product root. */
  readonly symbol: string;
  readonly symbolRoot: string;
  /** Window of the day that was asked for, as `09:30-16:00` in New York; a half day ends before it. */
  readonly window: string;
  /** ISO 8601 in UTC. */
  readonly startUtc: string;
  readonly endUtc: string;
  /** Time of day at which it starts, in milliseconds after midnight in New York. */
  readonly startOfDayMs: number;
}

/** The session that a dataset holds; `window` where more was asked for than the exchange was open. */
export function sessionOf(
  manifest: DatasetManifest,
  window = `${manifest.spec.capture.start_time}-${manifest.spec.capture.end_time}`,
): SweepSession {
  const { dataset_id, source, prior_sources, spec, resolved_config, capture } = manifest;
  const prior = prior_sources?.map((one) => one.records ?? one.sha256);
  const start = instant(capture.start_ns);
  const local = start.toZonedDateTimeISO(newYorkZone);
  return {
    datasetId: dataset_id,
    dataId: contentHash(
      { dataset: fullIdOf(manifest), records: source.records ?? source.sha256, ...(prior && { prior }) },
      32,
    ),
    date: spec.capture.dt,
    symbol: spec.capture.symbol,
    symbolRoot: resolved_config.symbol_root,
    window,
    startUtc: start.toString(),
    endUtc: instant(capture.end_ns).toString(),
    startOfDayMs: (local.hour * 60 + local.minute) * 60_000 + local.second * 1000 + local.millisecond,
  };
}

/** Where signals that place scores by time find a session. */
export function placeOf({ symbol, startUtc }: Pick<SweepSession, 'symbol' | 'startUtc'>): SessionPlace {
  return { symbol, startNs: String(Temporal.Instant.from(startUtc).epochNanoseconds) };
}

function instant(ns: string): Temporal.Instant {
  return Temporal.Instant.fromEpochNanoseconds(BigInt(ns));
}

/** Id of a trial in a session. */
export function unitId(session: SweepSession, trialHash: string): string {
  return contentHash({ data: session.dataId, trial: trialHash }, 32);
}
