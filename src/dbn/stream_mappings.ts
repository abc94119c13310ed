import type { RecordBatch } from './batch.ts';
import { rtype, type SType, stypes } from './codes.ts';
import { readCstr } from './field_access.ts';
import { type Field, layoutOf } from './layouts/index.ts';

/** A SymbolMapping record of a live recording: from its place in the stream on, both symbols mean the id. */
export interface StreamMapping {
  readonly instrumentId: number;
  /** Null where the record does not say: version 1, or unset. */
  readonly stypeIn: SType | null;
  /** The subscribed symbol, such as `ES.c.0`. */
  readonly stypeInSymbol: string;
  /** The symbol that it resolved to, such as `ESH6`. */
  readonly stypeOutSymbol: string;
}

/** The SymbolMapping records of a batch, in order; empty for a batch of any other type. */
export function streamMappings({ rtype: type, recordBytes, count, bytes }: RecordBatch): StreamMapping[] {
  const layout = type === rtype.symbolMapping ? layoutOf(type, recordBytes) : null;
  if (layout === null) return [];
  const field = (name: string): Field | undefined => layout.fields.find((candidate) => candidate.name === name);
  const text = (at: number, name: string): string => {
    const { offset, bytes: length } = field(name) as Field;
    return readCstr(bytes, at + offset, length);
  };
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const stypeIn = field('stypeIn');
  return Array.from({ length: count }, (_, index) => {
    const at = index * recordBytes;
    return {
      instrumentId: view.getUint32(at + 4, true),
      stypeIn: stypeIn === undefined ? null : (stypes[view.getUint8(at + stypeIn.offset)] ?? null),
      stypeInSymbol: text(at, 'stypeInSymbol'),
      stypeOutSymbol: text(at, 'stypeOutSymbol'),
    };
  });
}
