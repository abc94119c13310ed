import { SpymasterError } from '../../errors.ts';

/** An order as its file has it; the price is an integer of 1e-9, 0 for a market order. */
export interface OrderRow {
  readonly id: string;
  /** UNIX nanoseconds at which the exchange has the order. */
  readonly tsNs: bigint;
  readonly side: 'B' | 'A';
  readonly kind: 'market' | 'limit';
  readonly priceInt: number;
  readonly size: number;
  /** From the arrival to the cancel's arrival; Infinity where the file leaves it empty. */
  readonly maxWaitNs: number;
}

/** Columns of an orders file, in any order. */
export const orderColumns = ['id', 'ts_ns', 'side', 'kind', 'price', 'size', 'max_wait_ms'] as const;
type OrderColumn = (typeof orderColumns)[number];

const maxSize = 2 ** 32 - 2;
const priceUnits = 9;

/**
 * Reads the orders of a CSV text: a head with the names of `orderColumns`, then a line an order.
 * @param name of the file, for errors
 * @throws ORDERS_INVALID that names line, column, expectation and remedy
 */
export function parseOrdersCsv(text: string, name: string): OrderRow[] {
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/);
  while (lines.at(-1) === '') lines.pop();
  const [head, ...rows] = lines;
  if (head === undefined) throw invalid(name, `the file is empty. Begin it with the line ${orderColumns.join(',')}`);
  const places = columnPlaces(cells(head, 1, name), name);
  if (rows.length === 0) throw invalid(name, 'it has a head but no orders. Write a line for each order');
  const linesOfIds = new Map<string, number>();
  return rows.map((row, at) => {
    const line = at + 2;
    const values = cells(row, line, name);
    if (values.length !== places.size) {
      const problem = `expected ${places.size} values as in the head, got ${values.length}`;
      throw invalid(name, `line ${line}: ${problem}. Put a value that holds a comma in double quotes`, { line });
    }
    const reader = new RowReader(name, line, (column) => (values[places.get(column) ?? -1] ?? '').trim());
    const order = reader.order();
    const earlier = linesOfIds.get(order.id);
    if (earlier !== undefined) {
      throw reader.wrong('id', `an id of its own, for line ${earlier} has the same`, 'Number the orders');
    }
    linesOfIds.set(order.id, line);
    return order;
  });
}

function columnPlaces(names: readonly string[], file: string): Map<OrderColumn, number> {
  const places = new Map<OrderColumn, number>();
  for (const [place, text] of names.entries()) {
    const column = orderColumns.find((known) => known === text.trim());
    const problem = column === undefined ? 'is unknown' : places.has(column) ? 'is there twice' : null;
    if (column === undefined || problem !== null) {
      const remedy = `Name the columns ${orderColumns.join(',')}`;
      throw invalid(file, `line 1: the column ${JSON.stringify(text.trim())} ${problem}. ${remedy}`, { line: 1 });
    }
    places.set(column, place);
  }
  const missing = orderColumns.filter((column) => !places.has(column));
  if (missing.length === 0) return places;
  const remedy = `Begin the file with the line ${orderColumns.join(',')}`;
  throw invalid(file, `line 1: the column ${missing.join(', ')} is missing. ${remedy}`, { line: 1 });
}

/** The values of a line; those in double quotes may hold commas, and quotes that are written twice. */
function cells(text: string, line: number, name: string): string[] {
  const found: string[] = [];
  let at = 0;
  while (true) {
    const [whole = '', quoted, plain = ''] = /^(?:"((?:[^"]|"")*)"|([^",]*))(?=,|$)/.exec(text.slice(at)) ?? [];
    const end = at + whole.length;
    if (whole === '' && text[at] !== ',' && at < text.length) {
      const problem = 'expected a value, or one in double quotes that end on this line';
      throw invalid(name, `line ${line}, value ${found.length + 1}: ${problem}. Write a quote inside quotes twice`, {
        line,
      });
    }
    found.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
    if (end >= text.length) return found;
    at = end + 1;
  }
}

/** Reads the values of one line. */
class RowReader {
  readonly #file: string;
  readonly #line: number;
  readonly #value: (column: OrderColumn) => string;

  constructor(file: string, line: number, value: (column: OrderColumn) => string) {
    this.#file = file;
    this.#line = line;
    this.#value = value;
  }

  order(): OrderRow {
    const kind = this.#oneOf('kind', ['market', 'limit']);
    return {
      id: this.#id(),
      tsNs: this.#tsNs(),
      side: this.#oneOf('side', ['B', 'A']),
      kind,
      priceInt: kind === 'market' ? this.#noPrice() : this.#priceInt(),
      size: this.#size(),
      maxWaitNs: this.#maxWaitNs(),
    };
  }

  wrong(column: OrderColumn, expected: string, remedy: string): SpymasterError {
    const found = this.#value(column);
    const got = found === '' ? 'nothing' : JSON.stringify(found);
    return invalid(this.#file, `line ${this.#line}, column ${column}: expected ${expected}, got ${got}. ${remedy}`, {
      line: this.#line,
      column,
    });
  }

  #id(): string {
    const id = this.#value('id');
    if (id === '') throw this.wrong('id', 'a name or number', 'Number the orders');
    return id;
  }

  #oneOf<T extends string>(column: OrderColumn, allowed: readonly T[]): T {
    const found = allowed.find((value) => value === this.#value(column));
    if (found !== undefined) return found;
    const remedy =
      column === 'side' ? 'B buys, A sells' : 'A limit order at the best price of its side joins the queue';
    throw this.wrong(column, allowed.join(' or '), remedy);
  }

  #tsNs(): bigint {
    const text = this.#value('ts_ns');
    const remedy = "Write whole nanoseconds since 1970, without an exponent; in pandas .astype('int64') of a UTC time";
    // Fills are written as signed integers of 64 bits.
    if (!/^\d{1,19}$/.test(text) || BigInt.asIntN(64, BigInt(text)) !== BigInt(text)) {
      throw this.wrong('ts_ns', 'the time at which the exchange has the order, in UNIX nanoseconds', remedy);
    }
    return BigInt(text);
  }

  #priceInt(): number {
    const text = this.#value('price');
    const [, sign = '', units, decimals = ''] = /^([+-]?)(\d+)(?:\.(\d*))?$/.exec(text) ?? [];
    const scaled = units === undefined ? Number.NaN : Number(`${sign}${units}${decimals.padEnd(priceUnits, '0')}`);
    if (decimals.length <= priceUnits && Number.isSafeInteger(scaled)) return scaled;
    const remedy = "Write a limit order's price as the feed does, such as 4805.25";
    throw this.wrong('price', `a number with at most ${priceUnits} decimals, up to 9,007,199`, remedy);
  }

  #noPrice(): number {
    if (this.#value('price') === '') return 0;
    throw this.wrong('price', 'nothing, for a market order has no price', 'Leave it empty, or make the kind limit');
  }

  #size(): number {
    const size = Number(this.#value('size'));
    if (/^\d+$/.test(this.#value('size')) && size >= 1 && size <= maxSize) return size;
    throw this.wrong('size', `a whole number from 1 to ${maxSize}`, 'Write contracts or shares, without decimals');
  }

  #maxWaitNs(): number {
    const text = this.#value('max_wait_ms');
    if (text === '') return Number.POSITIVE_INFINITY;
    const waitNs = Math.round(Number(text) * 1e6);
    if (/^\d+(\.\d*)?$/.test(text) && Number.isSafeInteger(waitNs)) return waitNs;
    throw this.wrong('max_wait_ms', 'milliseconds from 0 on', 'Leave it empty for an order that waits to the end');
  }
}

function invalid(name: string, problem: string, fields: Record<string, unknown> = {}): SpymasterError {
  return new SpymasterError('ORDERS_INVALID', `Cannot read the orders of ${name}: ${problem}.`, {
    path: name,
    ...fields,
  });
}
