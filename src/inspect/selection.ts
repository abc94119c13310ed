import {
  copySelected,
  type DbnRecord,
  gapsOf,
  type Metadata,
  narrowMetadata,
  type RecordBatch,
  RecordFilter,
  RecordReader,
  readStreamMark,
  rtype,
  schemaRtypes,
  type TimeRange,
  TsSymbolMap,
} from '../dbn/index.ts';
import { notNull, SpymasterError } from '../errors.ts';
import type { Input } from './source.ts';
import type { SelectionOptions } from './tool_options.ts';

const forever: TimeRange = { start: 0n, end: 2n ** 64n };
const shownNames = 12;

/** Takes from batches the records that a user asked for. */
export class Selection {
  readonly #options: SelectionOptions;
  readonly #name: string;
  readonly #filter: RecordFilter | null;
  /** Passes what is in the time asked for, of whatever instrument and type. */
  readonly #timeFilter: RecordFilter;
  /** Instruments that pass; symbol mapping records of a live stream add to it. */
  readonly #instruments: Map<number, readonly TimeRange[]> | null;
  readonly #symbols: ReadonlySet<string> | null;
  readonly #reader: RecordReader;
  readonly #keepsGaps: boolean;
  #left: number;
  #out = new Uint32Array(0);

  /**
   * @param keepsGaps whether a recording's gap marks pass whatever schema and instruments are asked for: records of the others
   * are missing all the same
   * @throws SYMBOL_UNKNOWN for a symbol that a file with mappings does not map
   */
  constructor(input: Input, options: SelectionOptions, { keepsGaps }: { readonly keepsGaps: boolean }) {
    this.#options = options;
    this.#keepsGaps = keepsGaps;
    this.#name = input.name;
    this.#left = options.limit ?? Number.POSITIVE_INFINITY;
    this.#symbols = options.symbols === undefined ? null : new Set(options.symbols);
    this.#instruments = this.#symbols === null ? null : symbolInstruments(input, this.#symbols);
    this.#reader = new RecordReader({ tsOut: input.tsOut });
    const { schema, start, end } = options;
    const ids = options.instruments?.map((id): [number, TimeRange[]] => [id, [forever]]);
    for (const [id, ranges] of ids ?? []) this.#instruments?.set(id, ranges);
    const instruments = this.#instruments ?? (ids === undefined ? undefined : new Map(ids));
    const isAll = schema === undefined && start === undefined && end === undefined && instruments === undefined;
    const time = { ...(start === undefined ? {} : { start }), ...(end === undefined ? {} : { end }) };
    this.#timeFilter = new RecordFilter(time);
    this.#filter = isAll
      ? null
      : new RecordFilter({
          ...(schema === undefined ? {} : { rtypes: new Set(schemaRtypes[schema]) }),
          ...time,
          ...(instruments === undefined ? {} : { instruments }),
        });
  }

  /** True when the limit is reached: nothing more will pass. */
  get isDone(): boolean {
    return this.#left <= 0;
  }

  /** The records of the batch that pass, or null when none does; the batch itself when all do. */
  take(batch: RecordBatch): RecordBatch | null {
    if (this.#left <= 0) return null;
    if (this.#symbols !== null && batch.rtype === rtype.symbolMapping) this.#learn(batch);
    if (this.#filter === null) return this.#limited(batch);
    if (this.#out.length < batch.count) this.#out = new Uint32Array(batch.count);
    let count = this.#filter.select(batch, this.#out);
    if (this.#keepsGaps && gapsOf(batch) !== null) count = this.#addGaps(batch, count);
    if (count === 0) return null;
    if (count === batch.count) return this.#limited(batch);
    const bytes = copySelected(batch, this.#out, count);
    return this.#limited({ ...batch, count, bytes, words: new Uint32Array(bytes.buffer) });
  }

  /** Says that the stream is over. Throws SYMBOL_UNKNOWN when nothing in it said which instruments the symbols are. */
  end(): void {
    if (this.#symbols === null || notNull(this.#instruments).size > 0) return;
    throw new SpymasterError(
      'SYMBOL_UNKNOWN',
      `Cannot find ${[...this.#symbols].join(', ')} in ${this.#name}: it maps no symbols. Choose --instruments instead.`,
      { symbols: [...this.#symbols] },
    );
  }

  /** Metadata of what passes. */
  narrow(metadata: Metadata): Metadata {
    const { schema, start, end, limit } = this.#options;
    return narrowMetadata(metadata, {
      ...(schema === undefined ? {} : { schema }),
      ...(start === undefined ? {} : { start }),
      ...(end === undefined ? {} : { end }),
      ...(limit === undefined ? {} : { limit: BigInt(limit) }),
      ...(this.#symbols === null ? {} : { symbols: this.#symbols }),
    });
  }

  /** Puts the batch's gap marks in the time asked for among the first `count` indexes of `#out`; returns how many those are then. */
  #addGaps(batch: RecordBatch, count: number): number {
    const inTime = new Uint32Array(batch.count);
    const marks = inTime.subarray(0, this.#timeFilter.select(batch, inTime));
    const gaps = marks.filter((index) => readStreamMark(batch, index)?.kind === 'gap');
    const all = [...new Set([...this.#out.subarray(0, count), ...gaps])].sort((a, b) => a - b);
    this.#out.set(all);
    return all.length;
  }

  #limited(batch: RecordBatch): RecordBatch {
    const count = Math.min(batch.count, this.#left);
    this.#left -= count;
    if (count === batch.count) return batch;
    const bytes = count * batch.recordBytes;
    return { ...batch, count, bytes: batch.bytes.subarray(0, bytes), words: batch.words.subarray(0, bytes / 4) };
  }

  #learn(batch: RecordBatch): void {
    for (let index = 0; index < batch.count; index++) {
      const record = this.#reader.read(batch, index) as DbnRecord;
      if (!('stypeOutSymbol' in record)) continue;
      const wanted =
        notNull(this.#symbols).has(record.stypeOutSymbol) || notNull(this.#symbols).has(record.stypeInSymbol);
      if (wanted) notNull(this.#instruments).set(record.instrumentId, [forever]);
    }
  }
}

function symbolInstruments(input: Input, symbols: ReadonlySet<string>): Map<number, readonly TimeRange[]> {
  const map = input.metadata === null ? null : new TsSymbolMap(input.metadata);
  if (map === null || map.isEmpty) return new Map();
  const known = map.symbols;
  const unknown = [...symbols].filter((symbol) => !known.has(symbol));
  if (unknown.length === 0) return map.instrumentsOf(symbols);
  const names = [...known].sort();
  const shown = names.slice(0, shownNames).join(', ');
  const more = names.length > shownNames ? ` and ${names.length - shownNames} more` : '';
  throw new SpymasterError(
    'SYMBOL_UNKNOWN',
    `Cannot find ${unknown.join(', ')} in ${input.name}: it maps ${shown}${more}.`,
    { symbols: unknown, known: names },
  );
}
