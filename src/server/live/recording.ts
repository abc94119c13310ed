import type { SpymasterError } from '../../errors.ts';
import type { LiveStatus } from '../../wire/index.ts';
import type { WriteLog } from './write_log.ts';

/** A recording of one session, which grows. */
export interface Recording {
  /** The plain DBN file that is appended to. */
  readonly path: string;
  readonly symbol: string;
  /** Session date, YYYY-MM-DD. */
  readonly date: string;
  /** Its writes, where the writer is a thread of this process. */
  readonly writes?: WriteLog;
}

/** The state of a recorder, reported now and then. */
export interface RecorderReport {
  readonly connection: LiveStatus['connection'];
  readonly retryInMs: number | null;
  readonly bytes: number;
  /** When the gateway received the newest record, UNIX nanoseconds; null before the first. */
  readonly lastReceiveNs: bigint | null;
  /** From then to its writing; null where that is not known. */
  readonly delayMs: number | null;
}

/** Receives what a recorder does. */
export interface RecordingSink {
  /** A recording has begun, or goes on; the one before it has ended. */
  begin(recording: Recording): void;
  /** The recording has ended, and nothing will be appended. */
  end(): void;
  report(report: RecorderReport): void;
  /** Nothing is recorded any more, for a reason that does not pass. */
  fail(error: SpymasterError): void;
}
