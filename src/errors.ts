/** Exit codes of every command. */
export const exitCode = { ok: 0, failure: 1, usage: 2, unexpected: 70, interrupted: 130 } as const;

/** What an error means to a program: the status of an HTTP answer, and how a command ends. */
export interface ErrorKind {
  readonly httpStatus: number;
  readonly exitCode: (typeof exitCode)[keyof typeof exitCode];
}

/** Something that a command cannot do, and that a request to the server does not cause. */
const failure = { httpStatus: 500, exitCode: exitCode.failure } as const;
/** Something that a request can ask for, and that cannot be. */
const unfit = { ...failure, httpStatus: 422 } as const;
const taken = { ...failure, httpStatus: 409 } as const;
const notFound = { ...failure, httpStatus: 404 } as const;
/** Passes by itself, or once the server's operator acts. */
const unavailable = { ...failure, httpStatus: 503 } as const;

/**
 * The one catalogue of errors that a user can cause or meet. Callers branch on the code, people read `message`,
 * and `fields` carry what a script would want (path, byteOffset, recordIndex, key, …).
 *
 * Wording: action, expectation, actual, and what to do next when there is something to do.
 */
export const errorCatalogue = {
  // dbn: bytes that are not what they should be
  DBN_NOT_DBN: failure,
  DBN_TRUNCATED: failure,
  DBN_CORRUPT: failure,
  DBN_UNSUPPORTED: failure,
  ZSTD_CORRUPT: failure,
  // dbn and engine: a request the file cannot serve
  SCHEMA_MISMATCH: failure,
  SYMBOL_UNKNOWN: failure,
  DATE_OUTSIDE_FILE: failure,
  PUBLISHER_UNKNOWN: failure,
  FILE_EMPTY: failure,
  // config
  CONFIG_INVALID: unfit,
  CONFIG_PARSE: unfit,
  INSTRUMENT_LOCKED: unfit,
  // engine
  STATE_INVALID: failure,
  // files and lake
  FILE_NOT_FOUND: notFound,
  FILE_EXISTS: taken,
  FILE_UNREADABLE: failure,
  LAKE_MISSING: unavailable,
  LAKE_NOT_WRITABLE: failure,
  CHECKSUM_MISMATCH: failure,
  REGISTRY_CORRUPT: failure,
  SERVING_UNKNOWN: notFound,
  SPEC_UNKNOWN: notFound,
  // object storage
  /** Credentials, address or rights: trying again gives the same. */
  STORAGE_REFUSED: failure,
  STORAGE_UNREACHABLE: unavailable,
  CACHE_TOO_SMALL: failure,
  /** An optional package is not installed, or does not run here. */
  PACKAGE_MISSING: failure,
  // a queue
  /** Password, address or version: trying again gives the same. */
  QUEUE_REFUSED: failure,
  QUEUE_UNREACHABLE: unavailable,
  // databento
  API_KEY_MISSING: failure,
  API_REFUSED: failure,
  API_UNREACHABLE: failure,
  API_ANSWER_INVALID: failure,
  DOWNLOAD_BUSY: failure,
  DOWNLOAD_UNSETTLED: failure,
  // databento's live gateway
  /** Key, dataset or subscription were refused: trying again gives the same. */
  LIVE_REFUSED: failure,
  /** Too many sessions: passes once one of them ends. */
  LIVE_LIMIT: unavailable,
  /** No connection, silence, an answer that cannot be read, or the gateway's end of the session: a new session may go on. */
  LIVE_LOST: unavailable,
  // datasets, sweeps and their results
  DATASET_UNKNOWN: notFound,
  DATASET_INVALID: failure,
  SWEEP_INVALID: failure,
  SWEEP_FAILED: failure,
  DATASET_FAILED: failure,
  RUN_UNKNOWN: notFound,
  EXPERIMENT_UNKNOWN: notFound,
  RESULT_INVALID: failure,
  // a user's signal
  /** It cannot be loaded, or an update threw. */
  SIGNAL_FAILED: unfit,
  /** Its present source has not passed `signal check`. */
  SIGNAL_UNCHECKED: unfit,
  /** Its scores were imported: it cannot be streamed or checked, or has none of a session. */
  SIGNAL_IMPORTED: unfit,
  /** Scores to import are not as they must be. */
  SCORES_INVALID: unfit,
  /** The file of a trained model is damaged, or of a kind that cannot be evaluated. */
  MODEL_INVALID: unfit,
  /** It would be judged on sessions that it was trained on, or has no model for one. */
  MODEL_IN_SAMPLE: unfit,
  // orders of ours in a market's queues
  ORDERS_INVALID: failure,
  /** The market does not execute first in, first out. */
  NOT_FIFO: failure,
  // server
  PORT_TAKEN: failure,
  PROTOCOL: { ...failure, httpStatus: 426 },
  ENGINE_STOPPED: unavailable,
  TOO_BUSY: unavailable,
  HOST: { ...failure, httpStatus: 421 },
  ORIGIN: { ...failure, httpStatus: 403 },
  TOKEN: { ...failure, httpStatus: 401 },
  CHANGES_OFF: { ...failure, httpStatus: 403 },
  /** Somebody else changed the thing meanwhile. */
  CHANGED: { ...failure, httpStatus: 412 },
  ALREADY_RUNNING: taken,
  NOT_FOUND: notFound,
  METHOD_NOT_ALLOWED: { ...failure, httpStatus: 405 },
  // anywhere
  SYSTEM_FAILED: failure,
  USAGE: { httpStatus: 422, exitCode: exitCode.usage },
  INTERRUPTED: { httpStatus: 503, exitCode: exitCode.interrupted },
  /** A defect of our own: never thrown, but the code that is shown for whatever is no SpymasterError. */
  UNEXPECTED: { httpStatus: 500, exitCode: exitCode.unexpected },
} as const satisfies Readonly<Record<string, ErrorKind>>;

export type ErrorCode = keyof typeof errorCatalogue;

export type ErrorFields = Readonly<Record<string, string | number | boolean | readonly string[]>>;

/** An error that a user can cause or meet; `message` is a whole sentence that says what to do next. */
export class SpymasterError extends Error {
  readonly code: ErrorCode;
  readonly fields: ErrorFields;

  constructor(code: ErrorCode, message: string, fields: ErrorFields = {}, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'SpymasterError';
    this.code = code;
    this.fields = fields;
  }
}

/** What of an error goes from a thread to another. */
export interface SentError {
  readonly code: ErrorCode;
  readonly message: string;
  readonly fields: ErrorFields;
}

/** An error as it is sent. Throws what is no SpymasterError again: a fault of our own ends its thread. */
export function sentError(error: unknown): SentError {
  if (!(error instanceof SpymasterError)) throw error;
  const { code, message, fields } = error;
  return { code, message, fields };
}

/** An error that another thread sent. */
export function receivedError({ code, message, fields }: SentError): SpymasterError {
  return new SpymasterError(code, message, fields);
}

/** Throws when an invariant of our own code is broken; never for bad input. */
export function assert(condition: boolean, invariant: string): asserts condition {
  if (!condition) throw new Error(`Broken invariant: ${invariant}`);
}

/** The value that must be there, such as an element of an array within its length; throws where it is undefined. */
export function present<T>(value: T | undefined): T {
  assert(value !== undefined, 'a value is present');
  return value;
}

/** The value that must not be null; throws where it is. */
export function notNull<T>(value: T | null): T {
  assert(value !== null, 'a value is not null');
  return value;
}
