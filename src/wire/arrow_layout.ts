/** Columns and first record batch of an Arrow IPC stream. */
export interface ArrowLayout {
  /** Of all columns, the number; of the first `most`, name and type. */
  readonly columnCount: number;
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  /** Rows of the first record batch; null where none follows the schema. */
  readonly rows: number | null;
}

const messageKind = { schema: 1, recordBatch: 3 } as const;
/** Fields of the flatbuffer tables of Arrow's Message, Schema, Field, Int, FloatingPoint and RecordBatch, by number. */
const field = {
  message: { kind: 1, header: 2, bodyLength: 3 },
  schema: { fields: 1 },
  field: { name: 0, typeId: 2, type: 3 },
  int: { bits: 0, isSigned: 1 },
  float: { precision: 0 },
  recordBatch: { length: 0 },
} as const;
const typeIds = { int: 2, float: 3 } as const;
const maxNameBytes = 60;

/**
 * Reads the layout of an untrusted Arrow IPC stream: nothing that its bytes claim makes it take more time or
 * memory than its length allows, which a general Arrow reader does not promise. Null for bytes that are no such stream.
 */
export function arrowLayout(bytes: Uint8Array<ArrayBuffer>, most: number): ArrowLayout | null {
  try {
    return read(viewOf(bytes), most);
  } catch (error) {
    // The view's own error where something lies outside of it.
    if (error instanceof RangeError) return null;
    throw error;
  }
}

function read(view: DataView, most: number): ArrowLayout | null {
  const schema = messageAt(view, 0);
  if (schema?.kind !== messageKind.schema) return null;
  const list = offsetOf(view, schema.header, field.schema.fields);
  const columnCount = list === null ? 0 : countAt(view, list);
  const columns = Array.from({ length: Math.min(columnCount, most) }, (_, index) =>
    columnAt(view, target(view, (list ?? 0) + 4 + index * 4)),
  );
  const batch = messageAt(view, schema.end);
  const isBatch = batch?.kind === messageKind.recordBatch;
  const length = isBatch ? placeOf(view, batch.header, field.recordBatch.length) : null;
  return {
    columnCount,
    columns,
    rows: isBatch ? (length === null ? 0 : Number(view.getBigInt64(length, true))) : null,
  };
}

/** The message at a byte: the place of its header's table, and the byte behind its metadata; null for the stream's end. */
function messageAt(view: DataView, at: number): { kind: number; header: number; end: number } | null {
  const isContinued = view.getInt32(at, true) === -1;
  const start = at + (isContinued ? 8 : 4);
  const length = view.getInt32(start - 4, true);
  if (length <= 0) return null;
  const table = target(view, start);
  const kind = placeOf(view, table, field.message.kind);
  const header = offsetOf(view, table, field.message.header);
  if (kind === null || header === null) return null;
  return { kind: view.getUint8(kind), header, end: start + length };
}

/** Bytes of the message that starts a stream, without its body; 8 of them say so. Format 1.5, "Encapsulated message format". */
export function messageHeadBytes(message: Uint8Array): number {
  return 8 + viewOf(message).getInt32(4, true);
}

/** Bytes of the body of a message whose head is whole. */
export function messageBodyBytes(head: Uint8Array): number {
  const view = viewOf(head);
  const bodyLength = placeOf(view, target(view, 8), field.message.bodyLength);
  return bodyLength === null ? 0 : Number(view.getBigInt64(bodyLength, true));
}

function viewOf({ buffer, byteOffset, byteLength }: Uint8Array): DataView {
  return new DataView(buffer, byteOffset, byteLength);
}

function columnAt(view: DataView, table: number): { name: string; type: string } {
  const name = offsetOf(view, table, field.field.name);
  const typeId = placeOf(view, table, field.field.typeId);
  const type = offsetOf(view, table, field.field.type);
  return {
    name: name === null ? '' : textAt(view, name),
    type: typeName(view, typeId === null ? 0 : view.getUint8(typeId), type),
  };
}

function typeName(view: DataView, id: number, table: number | null): string {
  const number = (slot: number, width: 1 | 2 | 4): number => {
    const place = table === null ? null : placeOf(view, table, slot);
    if (place === null) return 0;
    return width === 4 ? view.getInt32(place, true) : width === 2 ? view.getInt16(place, true) : view.getUint8(place);
  };
  if (id === typeIds.int) return `${number(field.int.isSigned, 1) === 0 ? 'u' : ''}int${number(field.int.bits, 4)}`;
  if (id === typeIds.float) return ['float16', 'float32', 'float64'][number(field.float.precision, 2)] ?? 'float';
  return `Arrow type ${id}`;
}

function textAt(view: DataView, at: number): string {
  const bytes = Math.min(countAt(view, at, 1), maxNameBytes);
  return new TextDecoder().decode(new Uint8Array(view.buffer, view.byteOffset + at + 4, bytes));
}

/** The number of a vector's elements, which must have room. */
function countAt(view: DataView, at: number, elementBytes = 4): number {
  const count = view.getUint32(at, true);
  if (count * elementBytes > view.byteLength - at - 4) throw new RangeError('the vector is longer than the bytes');
  return count;
}

/** Where a field of a table lies; null where it has its default. */
function placeOf(view: DataView, table: number, slot: number): number | null {
  const vtable = table - view.getInt32(table, true);
  const entry = 4 + slot * 2;
  if (entry >= view.getUint16(vtable, true)) return null;
  const offset = view.getUint16(vtable + entry, true);
  return offset === 0 ? null : table + offset;
}

/** Where the vector, text or table lies that a field points to. */
function offsetOf(view: DataView, table: number, slot: number): number | null {
  const place = placeOf(view, table, slot);
  return place === null ? null : target(view, place);
}

function target(view: DataView, at: number): number {
  return at + view.getUint32(at, true);
}
