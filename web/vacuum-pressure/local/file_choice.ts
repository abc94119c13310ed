import type { FileFacts } from './file_probe.ts';

/** What the sheet for opening a file is filled with. */
export interface FileChoice {
  readonly date: string;
  readonly startTime: string;
  readonly endTime: string;
}

/** Which of some files holds market data and which a configuration, by their names. */
export function sortFiles<F extends { readonly name: string }>(
  files: readonly F[],
): { data: F | null; config: F | null } {
  const find = (pattern: RegExp) => files.find(({ name }) => pattern.test(name)) ?? null;
  return { data: find(/\.(dbn|dbz)(\.zst)?$/i), config: find(/\.(ya?ml|json)$/i) };
}

/** Date and times: those of a replay configuration, else the first order's, else the date in the data's name and the opening of the day. */
export function suggestChoice(dataName: string, configText: string | null, facts: FileFacts | null): FileChoice {
  const inName = /(\d{4})-?(\d{2})-?(\d{2})/.exec(dataName);
  const named = { date: inName === null ? '' : inName.slice(1).join('-'), startTime: '09:30', endTime: '' };
  const known = facts === null || facts.firstNs === null ? named : { ...named, ...momentOf(facts, facts.firstNs) };
  let config: Record<string, unknown>;
  try {
    config = (JSON.parse(configText ?? '{}') ?? {}) as Record<string, unknown>;
  } catch {
    // YAML, which an instrument's configuration is; it has no times.
    return known;
  }
  const text = (value: unknown, otherwise: string) => (typeof value === 'string' ? value : otherwise);
  return {
    date: text(config.stream_dt, known.date),
    startTime: text(config.stream_start_time, known.startTime),
    endTime: text(config.end_time, known.endTime),
  };
}

/** Session date and New York minute of a time: a futures session is a UTC day, one of equities a day of New York. */
function momentOf({ productType }: FileFacts, ns: bigint): Pick<FileChoice, 'date' | 'startTime'> {
  const instant = Temporal.Instant.fromEpochNanoseconds(ns);
  const here = instant.toZonedDateTimeISO('America/New_York');
  const session = productType === 'future_mbo' ? instant.toZonedDateTimeISO('UTC') : here;
  return { date: session.toPlainDate().toString(), startTime: here.toPlainTime().toString().slice(0, 5) };
}
