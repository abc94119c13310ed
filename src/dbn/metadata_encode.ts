import { SpymasterError } from '../errors.ts';
import { schemas, stypes, undefinedTimestamp } from './codes.ts';
import {
  datasetBytes,
  type Metadata,
  metadataFixedBytes,
  metadataPrefixBytes,
  nullSchema,
  nullSType,
  symbolCstrLenV1,
} from './metadata.ts';

const utf8 = new TextEncoder();

/**
 * Encodes metadata as the head of a DBN stream, in the version and with the symbol length that it states.
 *
 * Version 3 is padded to a multiple of 8 bytes, so that the records behind it are aligned. Throws SCHEMA_MISMATCH when a
 * symbol does not fit its field.
 */
export function encodeMetadata(metadata: Metadata): Uint8Array {
  const { version } = metadata;
  const symbolBytes = version === 1 ? symbolCstrLenV1 : metadata.symbolCstrLen;
  const unpadded = metadataPrefixBytes + metadataFixedBytes + listsBytes(metadata, symbolBytes);
  const total = version === 3 ? Math.ceil(unpadded / 8) * 8 : unpadded;
  const bytes = new Uint8Array(total);
  const writer = new MetadataWriter(bytes);
  bytes.set([0x44, 0x42, 0x4e, version]);
  writer.position = 4;
  writer.u32(total - metadataPrefixBytes);
  writer.cstr(metadata.dataset, datasetBytes);
  writer.u16(metadata.schema === null ? nullSchema : schemas.indexOf(metadata.schema));
  writer.u64(metadata.start);
  writer.u64(metadata.end ?? undefinedTimestamp);
  writer.u64(metadata.limit ?? 0n);
  if (version === 1) writer.u64(metadata.recordCount ?? undefinedTimestamp);
  writer.u8(metadata.stypeIn === null ? nullSType : stypes.indexOf(metadata.stypeIn));
  writer.u8(stypes.indexOf(metadata.stypeOut));
  writer.u8(metadata.tsOut ? 1 : 0);
  if (version > 1) writer.u16(symbolBytes);

  writer.position = metadataPrefixBytes + metadataFixedBytes;
  writer.u32(0);
  for (const list of [metadata.symbols, metadata.partial, metadata.notFound]) {
    writer.u32(list.length);
    for (const symbol of list) writer.cstr(symbol, symbolBytes);
  }
  writer.u32(metadata.mappings.length);
  for (const mapping of metadata.mappings) {
    writer.cstr(mapping.rawSymbol, symbolBytes);
    writer.u32(mapping.intervals.length);
    for (const interval of mapping.intervals) {
      writer.u32(interval.startDate);
      writer.u32(interval.endDate);
      writer.cstr(interval.symbol, symbolBytes);
    }
  }
  return bytes;
}

/** Bytes of schema definition length, symbol lists and mappings. */
function listsBytes(metadata: Metadata, symbolBytes: number): number {
  const { symbols, partial, notFound, mappings } = metadata;
  let bytes = 4 + 3 * 4 + (symbols.length + partial.length + notFound.length) * symbolBytes + 4;
  for (const mapping of mappings) bytes += symbolBytes + 4 + mapping.intervals.length * (8 + symbolBytes);
  return bytes;
}

class MetadataWriter {
  position = 0;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer);
  }

  #skip(bytes: number): number {
    const at = this.position;
    this.position = at + bytes;
    return at;
  }

  u8(value: number): void {
    this.#view.setUint8(this.#skip(1), value);
  }

  u16(value: number): void {
    this.#view.setUint16(this.#skip(2), value, true);
  }

  u32(value: number): void {
    this.#view.setUint32(this.#skip(4), value, true);
  }

  u64(value: bigint): void {
    this.#view.setBigUint64(this.#skip(8), value, true);
  }

  cstr(text: string, bytes: number): void {
    const encoded = utf8.encode(text);
    if (encoded.length > bytes) {
      throw new SpymasterError(
        'SCHEMA_MISMATCH',
        `Cannot encode "${text}" in DBN metadata: expected at most ${bytes} bytes, got ${encoded.length}. ` +
          'Choose a newer DBN version: 1 has room for 22 bytes, 2 and 3 for 71.',
        { symbol: text, bytes: encoded.length },
      );
    }
    this.#bytes.set(encoded, this.#skip(bytes));
  }
}
