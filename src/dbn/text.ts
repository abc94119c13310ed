import { SpymasterError } from '../errors.ts';
import type { RecordBatch } from './batch.ts';
import { readCstr } from './field_access.ts';
import { tsOfWords } from './filter.ts';
import { type Field, type Layout, layoutOf } from './layouts/index.ts';
import { NumberText } from './number_text.ts';
import { dateOfNs } from './symbol_map.ts';

export interface RecordTextOptions {
  readonly format: 'json' | 'csv';
  /** Prices as decimals (`3720.250000000`) instead of integers of 1e-9; undefined ones empty or null. */
  readonly prettyPrices: boolean;
  /** Times as ISO 8601 with nanoseconds instead of UNIX nanoseconds; undefined ones empty or null. */
  readonly prettyTimes: boolean;
  /** As the stream's metadata says. */
  readonly tsOut: boolean;
  /** Adds a `symbol` to each record: that of an instrument id on a date (YYYYMMDD), or undefined. */
  readonly symbolOf?: (instrumentId: number, date: number) => string | undefined;
}

/** A field to print, and the text that stands before its value. */
interface Piece {
  readonly before: string;
  readonly field: Field;
}

interface Plan {
  readonly layout: Layout;
  readonly header: string;
  readonly pieces: readonly Piece[];
  /** Text behind the last value, where `ts_out` and the symbol come in. */
  readonly after: string;
}

/**
 * Prints records as Databento's own tools do: one JSON object, or one CSV row, per line.
 *
 * In JSON, 64-bit integers are strings and 0 or undefined pretty times null.
 */
export class RecordText {
  readonly #options: RecordTextOptions;
  readonly #numbers: NumberText;
  readonly #plans = new Map<Layout, Plan>();
  #csvLayout: Layout | null = null;

  constructor(options: RecordTextOptions) {
    this.#options = options;
    this.#numbers = new NumberText(options.prettyPrices, options.prettyTimes);
  }

  /**
   * The lines of a batch's records, each with its line end; the first CSV lines come after their header.
   *
   * Throws SCHEMA_MISMATCH for records that have no text: of an unknown type, or in CSV of another layout than before.
   */
  lines(batch: RecordBatch): string {
    const { format, tsOut } = this.#options;
    const layout = layoutOf(batch.rtype, batch.recordBytes - (tsOut ? 8 : 0));
    if (layout === null) {
      throw new SpymasterError(
        'SCHEMA_MISMATCH',
        `Cannot print the record at byte ${batch.byteOffset}: expected a known record type, got rtype ${batch.rtype} ` +
          `with ${batch.recordBytes} bytes. Filter it out first.`,
        { byteOffset: batch.byteOffset, rtype: batch.rtype },
      );
    }
    const plan = this.#planOf(layout);
    if (format === 'csv' && this.#csvLayout !== null && this.#csvLayout !== layout) throw this.#mixed(layout, batch);
    let text = format === 'csv' && this.#csvLayout === null ? this.header(layout) : '';
    for (let index = 0; index < batch.count; index++) text += this.#line(plan, batch, index);
    return text;
  }

  /** The CSV header of records of a layout, with its line end, for a stream that may have none; empty for JSON. */
  header(layout: Layout): string {
    const { format, tsOut, symbolOf } = this.#options;
    if (format === 'json') return '';
    this.#csvLayout = layout;
    return `${this.#planOf(layout).header}${tsOut ? ',ts_out' : ''}${symbolOf === undefined ? '' : ',symbol'}\n`;
  }

  #planOf(layout: Layout): Plan {
    let plan = this.#plans.get(layout);
    if (plan === undefined) {
      plan = this.#options.format === 'json' ? jsonPlan(layout) : csvPlan(layout);
      this.#plans.set(layout, plan);
    }
    return plan;
  }

  #mixed(layout: Layout, batch: RecordBatch): SpymasterError {
    return new SpymasterError(
      'SCHEMA_MISMATCH',
      `Cannot print the record at byte ${batch.byteOffset} as CSV: expected a ${this.#csvLayout!.name} record like those ` +
        `before it, got ${layout.name}. Choose one schema, or print JSON.`,
      { byteOffset: batch.byteOffset, rtype: batch.rtype },
    );
  }

  #line(plan: Plan, batch: RecordBatch, index: number): string {
    const { format, tsOut, symbolOf } = this.#options;
    const isJson = format === 'json';
    const { words, recordBytes } = batch;
    const at = index * recordBytes;
    let text = '';
    for (const { before, field } of plan.pieces) {
      text += before + (isJson ? this.#json(batch, at, field) : this.#csv(batch, at, field));
    }
    text += plan.after;
    if (tsOut) {
      const word = (at + recordBytes - 8) >>> 2;
      const value = this.#numbers.timestamp(words[word]!, words[word + 1]!);
      text += isJson ? `,"ts_out":${quotedOrNull(value)}` : `,${value}`;
    }
    if (symbolOf !== undefined) {
      const word = (at + plan.layout.indexTsOffset) >>> 2;
      const symbol = symbolOf(words[(at >>> 2) + 1]!, dateOfNs(tsOfWords(words, word)));
      if (isJson) text += `,"symbol":${symbol === undefined ? 'null' : jsonText(symbol)}`;
      else text += `,${csvCell(symbol ?? '')}`;
    }
    return isJson ? `${text}}\n` : `${text}\n`;
  }

  #json(batch: RecordBatch, at: number, field: Field): string {
    const { type } = field;
    if (type === 'cstr') return jsonText(readCstr(batch.bytes, at + field.offset, field.bytes));
    if (type === 'char') {
      const code = batch.bytes[at + field.offset]!;
      return code === 0 ? 'null' : jsonText(String.fromCharCode(code));
    }
    const text = this.#integer(batch, at, field);
    return field.bytes === 8 ? quotedOrNull(text) : text;
  }

  #csv(batch: RecordBatch, at: number, field: Field): string {
    const { type } = field;
    if (type === 'cstr') return csvCell(readCstr(batch.bytes, at + field.offset, field.bytes));
    if (type === 'char') {
      const code = batch.bytes[at + field.offset]!;
      return code === 0 ? '' : csvCell(String.fromCharCode(code));
    }
    return this.#integer(batch, at, field);
  }

  /** The text of a number; empty for an undefined price or time in pretty form. */
  #integer(batch: RecordBatch, at: number, field: Field): string {
    const { bytes, words } = batch;
    const offset = at + field.offset;
    const word = offset >>> 2;
    switch (field.type) {
      case 'u8':
        return String(bytes[offset]);
      case 'i8':
        return String((bytes[offset]! << 24) >> 24);
      case 'u16':
        return String(bytes[offset]! | (bytes[offset + 1]! << 8));
      case 'i16':
        return String(((bytes[offset]! | (bytes[offset + 1]! << 8)) << 16) >> 16);
      case 'u32':
        return String(words[word]);
      case 'i32':
        return String(words[word]! | 0);
      case 'timestamp':
        return this.#numbers.timestamp(words[word]!, words[word + 1]!);
      case 'price':
        return this.#numbers.price(words[word]!, words[word + 1]!);
      case 'i64':
        return this.#numbers.signed(words[word]!, words[word + 1]!);
      default:
        return this.#numbers.unsigned(words[word]!, words[word + 1]!);
    }
  }
}

function quotedOrNull(text: string): string {
  return text === '' ? 'null' : `"${text}"`;
}

/** JSON with the escapes that Databento's tools choose in strings: `\\/` too, and capital hexadecimal digits. */
export function jsonText(value: unknown, indent = 0): string {
  const json = JSON.stringify(value, null, indent);
  if (!/[/\\]/.test(json)) return json;
  // Escapes are taken as wholes, so that an escaped backslash before a "u" stays what it is.
  const capitals = json.replace(/\\(?:u[0-9a-f]{4}|.)/g, (found) =>
    found.startsWith('\\u') ? `\\u${found.slice(2).toUpperCase()}` : found,
  );
  return capitals.replaceAll('/', '\\/');
}

function csvCell(text: string): string {
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function csvPlan(layout: Layout): Plan {
  const fields = [layout.fields, ...layout.levels].flat();
  return {
    layout,
    header: fields.map(({ dbnName }) => dbnName).join(','),
    pieces: fields.map((field, index) => ({ before: index === 0 ? '' : ',', field })),
    after: '',
  };
}

function jsonPlan(layout: Layout): Plan {
  const header = new Set(['ts_event', 'rtype', 'publisher_id', 'instrument_id']);
  const pieces: Piece[] = [];
  let before = '{';
  let inHeader = false;
  for (const field of layout.fields) {
    const isHeader = header.has(field.dbnName);
    if (isHeader && !inHeader) before += '"hd":{';
    if (!isHeader && inHeader) before = `}${before}`;
    inHeader = isHeader;
    pieces.push({ before: `${before}"${field.dbnName}":`, field });
    before = ',';
  }
  if (layout.levels.length === 0) return { layout, header: '', pieces, after: inHeader ? '}' : '' };
  before = inHeader ? '},"levels":[{' : ',"levels":[{';
  for (const fields of layout.levels) {
    for (const field of fields) {
      pieces.push({ before: `${before}"${field.dbnName.slice(0, -3)}":`, field });
      before = ',';
    }
    before = '},{';
  }
  return { layout, header: '', pieces, after: '}]' };
}
