import {
  type Column,
  columnFromArray,
  type DataType,
  float64,
  int32,
  int64,
  list,
  uint32,
  uint64,
  utf8,
} from '@uwdata/flechette';
import { present } from '../../errors.ts';
import { type ParquetFile, ParquetThread, type WrittenFile } from '../../files/index.ts';
import {
  maxOrderEventDetails,
  type OrderEventKind,
  type OrderEventRows,
  orderEventDetails,
  orderEventKinds,
} from '../../orders/index.ts';
import { arrowStream } from '../../wire/index.ts';

const batchRows = 16_384;
const rowsPerGroup = 65_536;

interface EventRow {
  readonly event: bigint;
  readonly update: number;
  readonly tsNs: bigint;
  readonly startNs: bigint;
  readonly kind: OrderEventKind;
  readonly side: string;
  readonly price: number;
  readonly size: bigint;
  readonly levels: number;
  readonly orderIds: readonly bigint[];
  readonly sequences: readonly number[];
  readonly detail: string;
}

/** Columns in the order of the file. */
const columns: readonly (readonly [name: string, type: () => DataType, value: (row: EventRow) => unknown])[] = [
  ['event', int64, ({ event }) => event],
  ['update', int32, ({ update }) => update],
  ['ts_ns', int64, ({ tsNs }) => tsNs],
  ['start_ns', int64, ({ startNs }) => startNs],
  ['kind', utf8, ({ kind }) => kind],
  ['side', utf8, ({ side }) => side],
  ['price', float64, ({ price }) => price],
  ['size', int64, ({ size }) => size],
  ['levels', int32, ({ levels }) => levels],
  ['order_ids', () => list(uint64()), ({ orderIds }) => orderIds],
  ['sequences', () => list(uint32()), ({ sequences }) => sequences],
  ['detail', utf8, ({ detail }) => detail],
];

/** Writes rows of order events as Parquet, batch by batch. */
export class EventsParquet implements AsyncDisposable {
  /** Rows that were sent to the file. */
  rows = 0;
  readonly #thread = new ParquetThread();
  readonly #file: ParquetFile;
  readonly #originNs: bigint;
  readonly #kinds: ReadonlySet<OrderEventKind>;
  #held: EventRow[] = [];

  /** @param originNs UNIX nanoseconds from which the rows' times count */
  constructor(path: string, originNs: bigint, kinds: readonly OrderEventKind[]) {
    this.#file = this.#thread.createFile(path, { rowGroupRows: rowsPerGroup, rangeColumns: ['ts_ns', 'kind'] });
    this.#originNs = originNs;
    this.#kinds = new Set(kinds);
  }

  /** Copies the rows of the kinds that are wanted. Throws LAKE_NOT_WRITABLE. */
  async add(rows: OrderEventRows): Promise<void> {
    for (let at = 0; at < rows.count; at++) {
      const kind = present(orderEventKinds[present(rows.kind[at])]);
      if (!this.#kinds.has(kind)) continue;
      this.#held.push(this.#rowOf(rows, at, kind));
      if (this.#held.length === batchRows) await this.#send();
    }
  }

  /** Ends the file. */
  async finish(): Promise<WrittenFile> {
    if (this.#held.length > 0 || this.rows === 0) await this.#send();
    return await this.#file.finish();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#thread.close();
  }

  #rowOf(rows: OrderEventRows, at: number, kind: OrderEventKind): EventRow {
    return {
      event: BigInt(present(rows.event[at])),
      update: present(rows.update[at]),
      tsNs: this.#originNs + BigInt(present(rows.tsNs[at])),
      startNs: this.#originNs + BigInt(present(rows.startNs[at])),
      kind,
      side: present('NBA'[present(rows.side[at])]),
      price: present(rows.price[at]) / 1e9,
      size: BigInt(present(rows.size[at])),
      levels: present(rows.levels[at]),
      orderIds: orderIdsOf(rows, at),
      sequences: [...rows.sequences.subarray(at === 0 ? 0 : rows.sequencesEnd[at - 1], rows.sequencesEnd[at])],
      detail: JSON.stringify(detailOf(rows, at, kind)),
    };
  }

  async #send(): Promise<void> {
    const held = this.#held;
    this.#held = [];
    const taken = columns.map(([name, type, value]): [string, Column<unknown>] => [
      name,
      columnFromArray(held.map(value), type()),
    ]);
    const stream = arrowStream(taken, () => false);
    const buffer = await this.#file.buffer(stream.byteLength);
    new Uint8Array(buffer).set(stream);
    this.#file.send(buffer, stream.byteLength);
    this.rows += held.length;
  }
}

function orderIdsOf(rows: OrderEventRows, at: number): bigint[] {
  const ids: bigint[] = [];
  for (let i = at === 0 ? 0 : present(rows.idsEnd[at - 1]); i < present(rows.idsEnd[at]); i++) {
    ids.push((BigInt(present(rows.idHi[i]) >>> 0) << 32n) | BigInt(present(rows.idLo[i]) >>> 0));
  }
  return ids;
}

/** The details of a row by name: codes as their words, prices in price units. */
export function detailOf(rows: OrderEventRows, at: number, kind: OrderEventKind): Record<string, string | number> {
  return Object.fromEntries(
    orderEventDetails[kind].map(({ name, words, isPrice }, i) => {
      const value = present(rows.details[at * maxOrderEventDetails + i]);
      return [name, words === undefined ? (isPrice ? value / 1e9 : value) : present(words[value])];
    }),
  );
}
