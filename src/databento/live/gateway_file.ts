import {
  type DbnVersion,
  dateOfNs,
  indexTsWord,
  type Metadata,
  namedInstruments,
  type RecordBatch,
  rtype,
  type SType,
  streamMappings,
  symbolCstrLenV2,
  tsOfWords,
  undefinedTimestamp,
  upgradeBatch,
} from '../../dbn/index.ts';
import { SpymasterError } from '../../errors.ts';
import { openRecords } from '../../files/index.ts';

/** Records at a file's start that are searched for symbol mappings and the publisher. */
const searchedRecords = 5000;

/** An instrument of the files, under one of its names, on a range of dates (YYYYMMDD, half-open). */
interface Name {
  readonly stype: SType | null;
  readonly symbol: string;
  readonly instrumentId: number;
  readonly startDate: number;
  readonly endDate: number;
}

/** What a subscribed symbol stands for. */
export interface Resolved {
  readonly instrumentId: number;
  readonly asked: string;
  /** The raw symbol; what was asked for where the files do not tell it. */
  readonly raw: string;
}

interface PlayedFile {
  readonly path: string;
  readonly metadata: Metadata;
  /** Time of the first record, UNIX nanoseconds: `ts_recv`, or `ts_event` where there is none. */
  readonly firstNs: bigint;
}

/** A batch of the files: which file it is of, how many records of it came before, and the records in the stream's version. */
export interface PlayedBatch {
  readonly file: number;
  readonly firstRecord: number;
  readonly batch: RecordBatch;
}

/** DBN files as one recording of a market, played one after the other in order of time. */
export class GatewayFiles {
  readonly dataset: string;
  /** The version that all records are given: the newest of the files', 2 at least, for version 1 has no codes. */
  readonly version: DbnVersion;
  readonly symbolCstrLen: number;
  /** Whether the files' records end in a send time. */
  readonly tsOut: boolean;
  /** Publisher of the first market data; 0 where a file has none. */
  readonly publisherId: number;
  /** Time of the first record, and the end that the last file states; UNIX nanoseconds. */
  readonly firstNs: bigint;
  readonly endNs: bigint | null;
  readonly #files: readonly PlayedFile[];
  readonly #names: readonly Name[];

  private constructor(files: readonly PlayedFile[], names: readonly Name[], publisherId: number) {
    const [first] = files;
    const last = files.at(-1);
    if (first === undefined || last === undefined) throw new SpymasterError('USAGE', 'Cannot play no file: give one.');
    for (const { path, metadata } of files) {
      if (metadata.dataset === first.metadata.dataset && metadata.tsOut === first.metadata.tsOut) continue;
      throw new SpymasterError(
        'SCHEMA_MISMATCH',
        `Cannot play ${path} behind ${first.path}: expected the same dataset and ts_out, got ${metadata.dataset} and ` +
          `${metadata.tsOut} behind ${first.metadata.dataset} and ${first.metadata.tsOut}.`,
        { path },
      );
    }
    for (const [index, { path, firstNs }] of files.entries()) {
      const before = files[index - 1];
      if (before?.firstNs === firstNs) throw overlap(path, before.path);
    }
    this.#files = files;
    this.#names = names;
    this.publisherId = publisherId;
    this.dataset = first.metadata.dataset;
    this.tsOut = first.metadata.tsOut;
    this.version = Math.max(2, ...files.map(({ metadata }) => metadata.version)) as DbnVersion;
    this.symbolCstrLen = Math.max(symbolCstrLenV2, ...files.map(({ metadata }) => metadata.symbolCstrLen));
    this.firstNs = first.firstNs;
    this.endNs = last.metadata.end;
  }

  /**
   * Reads the heads of the files and puts them in order of time. Throws what reading DBN files does, FILE_EMPTY for a file
   * without records, SCHEMA_MISMATCH for files of several datasets and USAGE for two that begin at the same time.
   */
  static async open(paths: readonly string[]): Promise<GatewayFiles> {
    const heads = await Promise.all(paths.map(readHead));
    heads.sort((a, b) => (a.file.firstNs < b.file.firstNs ? -1 : 1));
    const publisherId = heads.find((head) => head.publisherId !== 0)?.publisherId ?? 0;
    return new GatewayFiles(
      heads.map(({ file }) => file),
      heads.flatMap(({ names }) => names),
      publisherId,
    );
  }

  /** The file that is played at a time: the last one that has begun. */
  fileAt(ns: bigint): number {
    return Math.max(
      0,
      this.#files.findLastIndex(({ firstNs }) => firstNs <= ns),
    );
  }

  /**
   * The records from the start of a file on; a batch is valid until the next is asked for. Throws what reading does, and
   * USAGE where a file begins before the one in front of it has ended.
   */
  async *batches(fromFile: number): AsyncGenerator<PlayedBatch, void, undefined> {
    let lastNs = 0n;
    for (const [index, { path, firstNs }] of this.#files.slice(fromFile).entries()) {
      const file = fromFile + index;
      if (firstNs < lastNs) throw overlap(path, this.#files[file - 1]?.path ?? '');
      await using source = await openRecords(path);
      let firstRecord = 0;
      for await (const batch of source) {
        if (!isControl(batch.rtype)) {
          const last = ((batch.count - 1) * batch.recordBytes) / 4 + indexTsWord(batch);
          const ns = tsOfWords(batch.words, last);
          if (ns !== undefinedTimestamp) lastNs = ns;
        }
        yield { file, firstRecord, batch: upgradeBatch(batch, this.version, this.tsOut) };
        firstRecord += batch.count;
      }
    }
  }

  /** The instruments that a symbol stands for at a time; none where the files do not know it. */
  resolve(stypeIn: string, symbol: string, atNs: bigint): Resolved[] {
    const date = dateOfNs(atNs);
    const ids = stypeIn === 'instrument_id' ? this.#withId(symbol) : this.#withName(stypeIn, symbol, date);
    return [...ids].map((instrumentId) => ({
      instrumentId,
      asked: symbol,
      raw: this.#rawSymbol(instrumentId, date) ?? symbol,
    }));
  }

  /** Every instrument that the files name. */
  all(atNs: bigint): Resolved[] {
    const ids = new Set(this.#names.map(({ instrumentId }) => instrumentId));
    return [...ids].map((instrumentId) => {
      const raw = this.#rawSymbol(instrumentId, dateOfNs(atNs)) ?? String(instrumentId);
      return { instrumentId, asked: raw, raw };
    });
  }

  #withId(symbol: string): Set<number> {
    const id = Number(symbol);
    return new Set(this.#names.some(({ instrumentId }) => instrumentId === id) ? [id] : []);
  }

  #withName(stypeIn: string, symbol: string, date: number): Set<number> {
    const named = this.#names.filter((name) => name.symbol === symbol && (name.stype ?? stypeIn) === stypeIn);
    const now = named.filter(({ startDate, endDate }) => startDate <= date && date < endDate);
    // A raw symbol means one contract, also on a day on which the file does not map it.
    const found = now.length > 0 || stypeIn !== 'raw_symbol' ? now : named.slice(-1);
    if (found.length > 0 || (stypeIn !== 'parent' && stypeIn !== 'continuous')) return idsOf(found);
    return idsOf(this.#contracts(stypeIn, symbol, date));
  }

  /** Contracts by their root, in files that name raw symbols only: the n-th of those that the files map, in their order. */
  #contracts(stypeIn: string, symbol: string, date: number): Name[] {
    const [, root, rank] = (stypeIn === 'parent' ? /^(.+)\.FUT()$/ : /^(.+)\.[cvn]\.(\d+)$/).exec(symbol) ?? [];
    const contracts = this.#names.filter(
      ({ stype, symbol: raw, startDate, endDate }) =>
        stype === 'raw_symbol' &&
        raw.replace(/[FGHJKMNQUVXZ]\d{1,2}$/, '') === root &&
        startDate <= date &&
        date < endDate,
    );
    if (stypeIn === 'parent') return contracts;
    const id = [...idsOf(contracts)][Number(rank)];
    return contracts.filter(({ instrumentId }) => instrumentId === id);
  }

  #rawSymbol(id: number, date: number): string | undefined {
    const named = this.#names.filter(({ stype, instrumentId }) => stype === 'raw_symbol' && instrumentId === id);
    return (named.findLast(({ startDate, endDate }) => startDate <= date && date < endDate) ?? named.at(-1))?.symbol;
  }
}

function idsOf(names: readonly Name[]): Set<number> {
  return new Set(names.map(({ instrumentId }) => instrumentId));
}

function overlap(path: string, before: string): SpymasterError {
  return new SpymasterError(
    'USAGE',
    `Cannot play ${path} behind ${before}: it begins before that one ends; join them with \`spymaster dbn merge\`.`,
    { path },
  );
}

/** Symbols that hold on every date. */
const always = { startDate: 0, endDate: 99_999_999 };

async function readHead(path: string): Promise<{ file: PlayedFile; names: Name[]; publisherId: number }> {
  await using source = await openRecords(path);
  const { metadata } = source;
  const stype = metadata.stypeOut === 'instrument_id' ? metadata.stypeIn : metadata.stypeOut;
  const names: Name[] = namedInstruments(metadata).map(({ symbol, instrumentId, interval }) => ({
    ...{ stype, symbol, instrumentId },
    ...{ startDate: interval.startDate, endDate: interval.endDate },
  }));
  let firstNs: bigint | null = null;
  let publisherId = 0;
  let read = 0;
  for await (const batch of source) {
    for (const { instrumentId, stypeIn, stypeInSymbol, stypeOutSymbol } of streamMappings(batch)) {
      names.push({ stype: 'raw_symbol', symbol: stypeOutSymbol, instrumentId, ...always });
      names.push({ stype: stypeIn, symbol: stypeInSymbol, instrumentId, ...always });
    }
    if (!isControl(batch.rtype)) {
      const ns = tsOfWords(batch.words, indexTsWord(batch));
      if (ns !== undefinedTimestamp) firstNs ??= ns;
      if (publisherId === 0) publisherId = (batch.words[0] ?? 0) >>> 16;
    }
    read += batch.count;
    if (read >= searchedRecords && firstNs !== null) break;
  }
  if (firstNs !== null) return { file: { path, metadata, firstNs }, names, publisherId };
  throw new SpymasterError('FILE_EMPTY', `Cannot play ${path}: it has no market data; give a file with records.`, {
    path,
  });
}

/** Whether records of a type are of the gateway and not of the market. */
export function isControl(type: number): boolean {
  return type === rtype.system || type === rtype.error || type === rtype.symbolMapping;
}
