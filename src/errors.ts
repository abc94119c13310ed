/**
 * The one catalogue of errors that a user can cause or meet. Callers branch on `code`, people read `message`,
 * and `fields` carry what a script would want (path, byteOffset, recordIndex, key, …).
 *
 * Wording: action, expectation, actual, and what to do next when there is something to do.
 */
export const errorCodes = [
  // dbn: bytes that are not what they should be
  'DBN_NOT_DBN',
  'DBN_TRUNCATED',
  'DBN_CORRUPT',
  'DBN_UNSUPPORTED',
  'ZSTD_CORRUPT',
  // dbn and engine: a request the file cannot serve
  'SCHEMA_MISMATCH',
  'SYMBOL_UNKNOWN',
  'DATE_OUTSIDE_FILE',
  'PUBLISHER_UNKNOWN',
  'FILE_EMPTY',
  // config
  'CONFIG_INVALID',
  'CONFIG_PARSE',
  'INSTRUMENT_LOCKED',
  // engine
  'STATE_INVALID',
  // lake
  'FILE_NOT_FOUND',
  'FILE_EXISTS',
  'FILE_UNREADABLE',
  'LAKE_MISSING',
  'LAKE_NOT_WRITABLE',
  'CHECKSUM_MISMATCH',
  'REGISTRY_CORRUPT',
  'SERVING_UNKNOWN',
  'SPEC_UNKNOWN',
  // download
  'API_KEY_MISSING',
  'API_REFUSED',
  'API_UNREACHABLE',
  'API_ANSWER_INVALID',
  'DOWNLOAD_BUSY',
  'DOWNLOAD_UNSETTLED',
  // lab
  'DATASET_UNKNOWN',
  'DATASET_INVALID',
  'SWEEP_INVALID',
  'SWEEP_FAILED',
  'CAMPAIGN_FAILED',
  'RUN_UNKNOWN',
  'RESULT_INVALID',
  // server
  'PORT_TAKEN',
  'PROTOCOL',
  'ENGINE_STOPPED',
  'TOO_BUSY',
  // anywhere
  'SYSTEM_FAILED',
  // cli
  'USAGE',
] as const;

export type ErrorCode = (typeof errorCodes)[number];

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

/** Throws when an invariant of our own code is broken; never for bad input. */
export function assert(condition: boolean, invariant: string): asserts condition {
  if (!condition) throw new Error(`Broken invariant: ${invariant}`);
}
