import { totalmem } from 'node:os';
import { InvalidArgumentError } from 'commander';

/** Flag and text of the option that every reporting command has. */
export const jsonOption = ['--json', 'print one JSON object instead of text'] as const;

/** Flag, text and default of the option that names the data lake. */
export const lakeRootOption = ['--lake-root <folder>', 'the data lake', 'lake'] as const;

/** The same of a command that works on object storage too: what it gives is opened by `openLake`. */
export const anyLakeOption = ['--lake-root <place>', 'the data lake: a folder, or s3://bucket/prefix', 'lake'] as const;

/** Flag and text of the option that names the registry of a lake on object storage. */
export const registryOption = [
  '--registry <file>',
  'the registry of aliases on this machine, for a lake on object storage',
] as const;

/** Flag and text of the option that names the folder of the user's signals. */
export const signalsOption = [
  '--signals <folder>',
  "the folder of your own signals (default: `signals` beside the experiment's folder, then the lake's)",
] as const;

/** A parser for commander that takes a whole number in [min, max]. */
export function integerOption(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^[+-]?\d+$/.test(text.trim()) || !Number.isSafeInteger(value) || value < min || value > max) {
      throw new InvalidArgumentError(`Expected a whole number from ${min} to ${max}.`);
    }
    return value;
  };
}

/** A parser for commander that takes a number in [min, max]. */
export function numberOption(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() === '' || !Number.isFinite(value) || value < min || value > max) {
      throw new InvalidArgumentError(`Expected a number from ${min} to ${max}.`);
    }
    return value;
  };
}

/** A parser for commander that takes a calendar day, `2026-02-06`. */
export function dateOption(text: string): string {
  try {
    if (/^\d{4}-\d{2}-\d{2}$/.test(text)) return Temporal.PlainDate.from(text).toString();
  } catch {}
  throw new InvalidArgumentError('Expected a calendar day written YYYY-MM-DD, for example 2026-02-06.');
}

/** A parser for commander that takes a moment, in UNIX nanoseconds: ISO 8601 with its offset. */
export function timeOption(text: string): bigint {
  try {
    return Temporal.Instant.from(text).epochNanoseconds;
  } catch {
    throw new InvalidArgumentError('Expected a time with its offset such as 2026-02-06T14:25:00Z.');
  }
}

/** A parser for commander that takes a clock time, `09:25`. */
export function clockOption(text: string): string {
  if (/^([01]\d|2[0-3]):[0-5]\d$/.test(text)) return text;
  throw new InvalidArgumentError('Expected a New York clock time written HH:MM, for example 09:25.');
}

/** Half of the memory that this machine, or the container that this runs in, has. */
export function defaultMemoryGb(): number {
  const limit = process.constrainedMemory();
  const bytes = limit > 0 && limit < totalmem() ? limit : totalmem();
  return Math.max(0.5, Math.floor(bytes / 2e8) / 10);
}

/** Flag and text of the option that names the queue of a fleet. */
export const queueOption = ['--queue <url>', 'the Redis of the fleet: redis://HOST, or rediss://HOST for TLS'] as const;
