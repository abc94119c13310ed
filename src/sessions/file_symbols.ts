import { type Metadata, type RecordBatch, streamMappings, TsSymbolMap } from '../dbn/index.ts';

/** Which symbol an instrument of a day's file has: by its metadata, or by the mapping records of a live recording. */
export class FileSymbols {
  readonly #map: TsSymbolMap;
  readonly #date: number;
  readonly #streamed = new Map<number, string>();

  /** @param path - of a file whose name has the session date */
  constructor(path: string, metadata: Metadata) {
    this.#map = new TsSymbolMap(metadata);
    const name = path.slice(path.lastIndexOf('/') + 1);
    this.#date = Number(/(?<!\d)(\d{4})-?(\d{2})-?(\d{2})(?!\d)/.exec(name)?.slice(1).join('') ?? '0');
  }

  /** Takes the mappings of a batch of records. */
  add(batch: RecordBatch): void {
    for (const { instrumentId, stypeOutSymbol } of streamMappings(batch))
      this.#streamed.set(instrumentId, stypeOutSymbol);
  }

  /** Every symbol that was named. */
  get all(): ReadonlySet<string> {
    return new Set([...this.#map.symbols, ...this.#streamed.values()]);
  }

  of(instrumentId: number): string | undefined {
    return this.#streamed.get(instrumentId) ?? this.#map.get(instrumentId, this.#date);
  }
}
