/** Schemas by their number in metadata; `schemas[i]` is the name of schema `i`. */
export const schemas = [
  'mbo',
  'mbp-1',
  'mbp-10',
  'tbbo',
  'trades',
  'ohlcv-1s',
  'ohlcv-1m',
  'ohlcv-1h',
  'ohlcv-1d',
  'definition',
  'statistics',
  'status',
  'imbalance',
  'ohlcv-eod',
  'cmbp-1',
  'cbbo-1s',
  'cbbo-1m',
  'tcbbo',
  'bbo-1s',
  'bbo-1m',
] as const;

/** Name of a schema, as Databento writes it. */
export type Schema = (typeof schemas)[number];

/** Symbology types by their number in metadata. */
export const stypes = [
  'instrument_id',
  'raw_symbol',
  'smart',
  'continuous',
  'parent',
  'nasdaq_symbol',
  'cms_symbol',
  'isin',
  'us_code',
  'bbg_comp_id',
  'bbg_comp_ticker',
  'figi',
  'figi_ticker',
  'listing_id',
  'issuer_id',
  'security_id',
] as const;

/** Name of a symbology type, as Databento writes it. */
export type SType = (typeof stypes)[number];

/** Record types, the second byte of every record. `mbp0` are trades, `mbp1` is also tbbo. */
export const rtype = {
  mbp0: 0x00,
  mbp1: 0x01,
  mbp10: 0x0a,
  ohlcvDeprecated: 0x11,
  status: 0x12,
  definition: 0x13,
  imbalance: 0x14,
  error: 0x15,
  symbolMapping: 0x16,
  system: 0x17,
  statistics: 0x18,
  ohlcv1s: 0x20,
  ohlcv1m: 0x21,
  ohlcv1h: 0x22,
  ohlcv1d: 0x23,
  ohlcvEod: 0x24,
  mbo: 0xa0,
  cmbp1: 0xb1,
  cbbo1s: 0xc0,
  cbbo1m: 0xc1,
  tcbbo: 0xc2,
  bbo1s: 0xc3,
  bbo1m: 0xc4,
} as const;

/** Actions of MBO records, as their character codes. */
export const action = {
  add: 65,
  cancel: 67,
  fill: 70,
  modify: 77,
  none: 78,
  clear: 82,
  trade: 84,
} as const;

/** Sides of MBO records, as their character codes. */
export const side = { ask: 65, bid: 66, none: 78 } as const;

/** Undefined values, as DBN writes them. */
export const undefinedPrice = 0x7fff_ffff_ffff_ffffn;
export const undefinedTimestamp = 0xffff_ffff_ffff_ffffn;
export const undefinedOrderSize = 0xffff_ffff;
export const undefinedInt32 = 0x7fff_ffff;

/** A 64-bit value is `high * wordUnits + low` of its words, exact below 2^53. */
export const wordUnits = 0x1_0000_0000;
/** The words of an undefined price, and both words of an undefined timestamp. */
export const undefinedPriceWords = { lo: 0xffff_ffff, hi: 0x7fff_ffff } as const;
export const undefinedTimestampWord = 0xffff_ffff;

/** Whether the two words of a price mean that there is none. */
export function isUndefinedPrice(lo: number, hi: number): boolean {
  return hi === undefinedPriceWords.hi && lo === undefinedPriceWords.lo;
}

/** Whether the two words of a timestamp mean that there is none. */
export function isUndefinedTimestamp(lo: number, hi: number): boolean {
  return hi === undefinedTimestampWord && lo === undefinedTimestampWord;
}

/** Bytes of a record's header: length, rtype, publisher id, instrument id, ts_event. */
export const headerBytes = 16;
/** Bytes of the gateway's send time behind a record, where metadata says `ts_out`. */
export const tsOutBytes = 8;
/** Longest record that the header's length byte can name. */
export const maxRecordBytes = 255 * 4;

/** Codes of system messages (`SystemMsg`). */
export const systemCode = {
  heartbeat: 0,
  subscriptionAck: 1,
  slowReaderWarning: 2,
  replayCompleted: 3,
  endOfInterval: 4,
  unset: 255,
} as const;

/** Codes of error messages (`ErrorMsg`). */
export const errorCode = {
  authFailed: 1,
  keyDeactivated: 2,
  connectionLimit: 3,
  symbolResolution: 4,
  invalidSubscription: 5,
  internal: 6,
  skippedRecords: 7,
  replayAgedOut: 8,
  unset: 255,
} as const;

/** Text of a heartbeat; version 1, which has no codes, knows it by that. */
export const heartbeatText = 'Heartbeat';
