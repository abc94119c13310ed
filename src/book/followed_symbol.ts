import { type RecordBatch, severalInstruments, streamMappings, unknownSymbol } from '../dbn/index.ts';
import { SpymasterError } from '../errors.ts';

/**
 * The instrument id of one symbol, which the file's metadata, the mapping records of a live recording, or the file's only
 * instrument say (model.md §1.2).
 */
export class FollowedSymbol {
  /** −1 until it is known. */
  instrumentId: number;
  readonly #symbol: string;
  /** Whether metadata or stream map any symbol: an unmapped file must hold one instrument alone. */
  #isMapped: boolean;
  /** Symbols of the stream's mapping records: what each instrument resolved to, and all that could be asked for. */
  readonly #names = new Map<number, string>();
  readonly #known = new Set<string>();

  /** @param instrumentId the id of `symbol` by the metadata; null where the metadata maps nothing */
  constructor(symbol: string, instrumentId: number | null) {
    this.#symbol = symbol;
    this.instrumentId = instrumentId ?? -1;
    this.#isMapped = instrumentId !== null;
  }

  /**
   * Takes the instrument of a record of an unmapped file; false where the file is mapped, and the record another's.
   * @throws SYMBOL_UNKNOWN for a second instrument of an unmapped file
   */
  adopt(instrumentId: number): boolean {
    if (this.#isMapped) return false;
    if (this.instrumentId >= 0) {
      throw new SpymasterError(
        'SYMBOL_UNKNOWN',
        `Cannot tell which instrument to replay: the file maps no symbols and holds instrument ids ` +
          `${this.instrumentId} and ${instrumentId}. Use a file with symbol mappings.`,
        { instrumentIds: [String(this.instrumentId), String(instrumentId)] },
      );
    }
    this.instrumentId = instrumentId;
    return true;
  }

  /**
   * Takes in the mapping records of a batch; true when the symbol moved to another instrument.
   * @param hasRecords whether records of the instrument came since it was mapped
   * @throws SYMBOL_UNKNOWN for a symbol that stands for several instruments at once, and for records that came before any
   * mapping and belong to another symbol
   */
  map(batch: RecordBatch, hasRecords: boolean): boolean {
    let moved = false;
    let isUsed = hasRecords;
    const mappings = streamMappings(batch);
    for (const { instrumentId, stypeIn, stypeInSymbol, stypeOutSymbol } of mappings) {
      this.#names.set(instrumentId, stypeOutSymbol);
      this.#known.add(stypeInSymbol).add(stypeOutSymbol);
      const isOurs = stypeInSymbol === this.#symbol || stypeOutSymbol === this.#symbol;
      if (!this.#isMapped && this.instrumentId >= 0 && !(isOurs && instrumentId === this.instrumentId)) {
        throw this.#unknown();
      }
      this.#isMapped = true;
      if (!isOurs || instrumentId === this.instrumentId) continue;
      // Version 1 does not say what was subscribed to: two ids without a record between them are a parent's.
      const isParent = stypeInSymbol === this.#symbol && stypeIn === 'parent';
      if (this.instrumentId >= 0 && (isParent || (stypeIn === null && !isUsed))) throw this.#several(mappings);
      if (this.instrumentId >= 0) moved = true;
      this.instrumentId = instrumentId;
      isUsed = false;
    }
    return moved;
  }

  /** Throws SYMBOL_UNKNOWN at the end of a file whose mapping records never named the symbol. */
  assertFound(): void {
    if (this.#isMapped && this.instrumentId < 0) throw this.#unknown();
  }

  /** State for `restore`. */
  save(): readonly [instrumentId: number, isMapped: number] {
    return [this.instrumentId, this.#isMapped ? 1 : 0];
  }

  restore(instrumentId: number, isMapped: number): void {
    this.instrumentId = instrumentId;
    this.#isMapped = isMapped === 1;
  }

  #unknown(): SpymasterError {
    return unknownSymbol(this.#symbol, [...this.#known]);
  }

  #several(mappings: ReturnType<typeof streamMappings>): SpymasterError {
    const ours = mappings.filter(
      ({ stypeInSymbol, stypeOutSymbol }) => stypeInSymbol === this.#symbol || stypeOutSymbol === this.#symbol,
    );
    const ids = [...new Set([this.instrumentId, ...ours.map(({ instrumentId }) => instrumentId)])];
    for (const { instrumentId, stypeOutSymbol } of ours) this.#names.set(instrumentId, stypeOutSymbol);
    return severalInstruments(
      this.#symbol,
      ids.map((id) => (this.#names.has(id) ? `${this.#names.get(id)} (${id})` : String(id))),
    );
  }
}
