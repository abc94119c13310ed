import {
  encodeMetadata,
  layoutInVersion,
  type Metadata,
  PitSymbolMap,
  type RecordBatch,
  RecordReader,
  RecordText,
  rtype,
  schemaRtypes,
  TsSymbolMap,
} from '../dbn/index.ts';
import { present } from '../errors.ts';
import type { BufferedSink } from './byte_sink.ts';

/** Where records go: batches in the order of the stream, then the end. */
export interface RecordSink {
  /** False once there is no reader any more. */
  readonly isOpen: boolean;
  write(batch: RecordBatch): Promise<void>;
  finish(): Promise<void>;
  abort(): Promise<void>;
}

/** Writes DBN; `metadata` is null for a fragment. */
export async function dbnSink(sink: BufferedSink, metadata: Metadata | null): Promise<RecordSink> {
  if (metadata !== null) await sink.write(encodeMetadata(metadata));
  return {
    get isOpen() {
      return sink.isOpen;
    },
    write: (batch) => sink.write(batch.bytes),
    finish: () => sink.finish(),
    abort: () => sink.abort(),
  };
}

export interface TextSinkOptions {
  readonly format: 'json' | 'csv';
  readonly prettyPrices: boolean;
  readonly prettyTimes: boolean;
  readonly mapSymbols: boolean;
  readonly tsOut: boolean;
  readonly metadata: Metadata | null;
}

/** Writes JSON lines or CSV, a header even when no record follows. */
export async function textSink(sink: BufferedSink, options: TextSinkOptions): Promise<RecordSink> {
  const { metadata, mapSymbols } = options;
  const symbols = new StreamSymbols(metadata, options.tsOut);
  const text = new RecordText({
    ...options,
    ...(mapSymbols ? { symbolOf: (id: number, date: number) => symbols.get(id, date) } : {}),
  });
  const encoder = new TextEncoder();
  const schema = metadata?.schema;
  if (schema) {
    const layout = layoutInVersion(present(schemaRtypes[schema][0]), metadata.version);
    if (layout !== null) await sink.write(encoder.encode(text.header(layout)));
  }
  return {
    get isOpen() {
      return sink.isOpen;
    },
    write: async (batch) => {
      if (mapSymbols) symbols.onBatch(batch);
      await sink.write(encoder.encode(text.lines(batch)));
    },
    finish: () => sink.finish(),
    abort: () => sink.abort(),
  };
}

/** Symbols of a stream's records: by its metadata, and by the mapping records that it holds. */
export class StreamSymbols {
  readonly #ofDate: TsSymbolMap | null;
  readonly #now = new PitSymbolMap();
  readonly #reader: RecordReader;

  constructor(metadata: Metadata | null, tsOut: boolean) {
    this.#ofDate = metadata === null ? null : new TsSymbolMap(metadata);
    this.#reader = new RecordReader({ tsOut });
  }

  /** The symbol of an instrument on a date (YYYYMMDD), or undefined. */
  get(instrumentId: number, date: number): string | undefined {
    return this.#now.get(instrumentId) ?? this.#ofDate?.get(instrumentId, date);
  }

  /** Takes in a batch's symbol mappings, before its records are looked up. */
  onBatch(batch: RecordBatch): void {
    if (batch.rtype !== rtype.symbolMapping) return;
    for (let index = 0; index < batch.count; index++) {
      const record = this.#reader.read(batch, index);
      if (record.layout !== 'unknown') this.#now.onRecord(record);
    }
  }
}
