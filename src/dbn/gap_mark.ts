import { assert, SpymasterError } from '../errors.ts';
import type { RecordBatch } from './batch.ts';
import { errorCode, heartbeatText, rtype, systemCode, undefinedTimestamp } from './codes.ts';
import { readCstr } from './field_access.ts';
import { type Field, layoutInVersion, layoutOf } from './layouts/index.ts';
import type { DbnVersion } from './metadata.ts';
import { encodeRecord } from './records.ts';

/** Records that a recording lacks, between two moments of its own clock; UNIX nanoseconds. */
export interface Gap {
  /** ts_event of the last record before it. */
  readonly fromNs: bigint;
  /** The moment from which on records are there again. */
  readonly toNs: bigint;
  /** One word, [a-z_]+: `disconnected`, `skipped`, … */
  readonly cause: string;
}

/** What a system or error message says about the stream itself; messages of other kinds say nothing. */
export type StreamMark =
  | { readonly kind: 'gap'; readonly gap: Gap }
  /** The gateway was alive and had nothing to send. */
  | { readonly kind: 'heartbeat'; readonly tsNs: bigint };

const skippedCause = 'skipped';
/** Version 1 leaves `from` out, for which its 64 bytes have no room: there it is ts_event alone. */
const gapText = /^spymaster\.gap(?: from=(\d{1,20}))? to=(\d{1,20}) cause=([a-z_]+)$/;
const largestNs = undefinedTimestamp;

/**
 * The record that marks a gap: one system message in the layout of a DBN version, with the undefined ts_out of 2^64 − 1 where
 * the stream's records end in one. A copy, on a 4-byte boundary.
 * @throws DBN_UNSUPPORTED for a cause that is no word or too long for the version
 */
export function encodeGapMark({ fromNs, toNs, cause }: Gap, version: DbnVersion, tsOut: boolean): Uint8Array {
  assert(fromNs >= 0n && fromNs <= largestNs && toNs >= 0n && toNs <= largestNs, 'gap times fit 64 bits');
  const layout = layoutInVersion(rtype.system, version);
  assert(layout !== null, 'every version has system messages');
  const msg =
    version === 1
      ? `spymaster.gap to=${toNs} cause=${cause}`
      : `spymaster.gap from=${fromNs} to=${toNs} cause=${cause}`;
  const room = layout.fields.find(({ name }) => name === 'msg')?.bytes ?? 0;
  if (!/^[a-z_]+$/.test(cause) || msg.length >= room) {
    throw new SpymasterError(
      'DBN_UNSUPPORTED',
      `Cannot mark a gap by the cause ${JSON.stringify(cause)}: expected one word of the letters a to z and _, short enough ` +
        `for the ${room - 1} characters that a message of DBN version ${version} has.`,
      { cause },
    );
  }
  const header = { rtype: rtype.system, publisherId: 0, instrumentId: 0, tsEvent: fromNs };
  const rest = { msg, ...(tsOut && { tsOut: undefinedTimestamp }) };
  return version === 1
    ? encodeRecord({ layout: 'systemV1', ...header, ...rest })
    : encodeRecord({ layout: 'systemV2', ...header, ...rest, code: systemCode.unset });
}

/** The gaps that a batch's records mark, in order; null for a batch without, which every batch of market data is. */
export function gapsOf(batch: RecordBatch): readonly Gap[] | null {
  if (batch.rtype !== rtype.system && batch.rtype !== rtype.error) return null;
  const gaps: Gap[] = [];
  for (let index = 0; index < batch.count; index++) {
    const mark = readStreamMark(batch, index);
    if (mark?.kind === 'gap') gaps.push(mark.gap);
  }
  return gaps.length === 0 ? null : gaps;
}

/**
 * What record `index` of a batch says about the stream; null for anything but a heartbeat and a gap. An error message of code 7
 * (the gateway skipped records for a slow reader) is a gap at its own time, for it does not say since when.
 */
export function readStreamMark(batch: RecordBatch, index: number): StreamMark | null {
  const isSystem = batch.rtype === rtype.system;
  if (!isSystem && batch.rtype !== rtype.error) return null;
  const layout = layoutOf(batch.rtype, batch.recordBytes);
  if (layout === null) return null;
  const { bytes, recordBytes } = batch;
  const at = index * recordBytes;
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, recordBytes);
  const tsNs = view.getBigUint64(8, true);
  const field = (name: string): Field | undefined => layout.fields.find((candidate) => candidate.name === name);
  const codeField = field('code');
  const code = codeField === undefined ? systemCode.unset : view.getUint8(codeField.offset);
  if (!isSystem) {
    return code === errorCode.skippedRecords
      ? { kind: 'gap', gap: { fromNs: tsNs, toNs: tsNs, cause: skippedCause } }
      : null;
  }
  if (code === systemCode.heartbeat) return { kind: 'heartbeat', tsNs };
  const msg = field('msg');
  if (code !== systemCode.unset || msg === undefined) return null;
  const text = readCstr(bytes, at + msg.offset, msg.bytes);
  if (text === heartbeatText) return { kind: 'heartbeat', tsNs };
  const [, from, to, cause] = gapText.exec(text) ?? [];
  if (to === undefined || cause === undefined) return null;
  return { kind: 'gap', gap: { fromNs: from === undefined ? tsNs : BigInt(from), toNs: BigInt(to), cause } };
}
