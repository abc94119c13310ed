import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { canonicalJson, deliveryMonth, sha256Hex } from '../config/index.ts';
import { action, mboWord, rtypeMbo, streamMappings, TsSymbolMap } from '../dbn/index.ts';
import { SpymasterError } from '../errors.ts';
import { openRecords, writeFileAtomic } from '../files/index.ts';
import { type FileIdentity, fileIdentity, type Lake } from '../lake/index.ts';

/** Traded volume of each symbol that a file holds. */
export type Volumes = ReadonlyMap<string, number>;

export interface VolumeOptions {
  /** Called while a file is read whose volumes are not cached. */
  readonly onProgress?: ((path: string, bytesRead: number, sizeBytes: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

const entrySchema = z.strictObject({
  version: z.literal(1),
  file: z.strictObject({ name: z.string(), sizeBytes: z.number(), modifiedNs: z.string(), ends: z.string() }),
  volumes: z.record(z.string(), z.number().int().nonnegative()),
});

/**
 * Sums of the sizes of trades in raw files, kept in `cache/contract_volumes/` for as long as a file is the same
 * (`fileIdentity`). Deleting the folder costs only the time to read again.
 */
export class VolumeCache {
  readonly #lake: Lake;

  constructor(lake: Lake) {
    this.#lake = lake;
  }

  /** The volumes in a file, from the cache or by reading it. Throws what `openRecords` does. */
  async volumes(path: string, options: VolumeOptions = {}): Promise<Volumes> {
    const file = await fileIdentity(path);
    const known = await this.#load(path, file);
    if (known !== null) return known;
    const volumes = await readVolumes(path, options);
    const entry = { version: 1, file, volumes: Object.fromEntries(volumes) };
    try {
      await writeFileAtomic(this.#file(path), `${JSON.stringify(entry)}\n`);
    } catch (error) {
      // A lake on a read-only disk costs only time.
      if (!(error instanceof SpymasterError) || error.code !== 'LAKE_NOT_WRITABLE') throw error;
    }
    return volumes;
  }

  /** The symbols that a file maps, from the cache or by opening it. Throws what `openRecords` does. */
  async symbols(path: string): Promise<ReadonlySet<string>> {
    const known = await this.#load(path, await fileIdentity(path));
    if (known !== null) return new Set(known.keys());
    await using source = await openRecords(path);
    return new TsSymbolMap(source.metadata).symbols;
  }

  #file(path: string): string {
    const name = sha256Hex(this.#lake.relative(path)).slice(0, 32);
    return this.#lake.path('cache', 'contract_volumes', `${name}.json`);
  }

  async #load(path: string, file: FileIdentity): Promise<Volumes | null> {
    const text = await readFile(this.#file(path), 'utf8').catch(() => null);
    if (text === null) return null;
    try {
      const parsed = entrySchema.safeParse(JSON.parse(text));
      if (!parsed.success || canonicalJson(parsed.data.file) !== canonicalJson(file)) return null;
      return new Map(Object.entries(parsed.data.volumes));
    } catch {
      return null;
    }
  }
}

/** Sizes of the trades of an MBO file, summed by symbol; 0 for symbols without trades. Throws what `openRecords` does. */
async function readVolumes(path: string, { onProgress, signal }: VolumeOptions): Promise<Volumes> {
  await using source = await openRecords(path);
  const symbols = new TsSymbolMap(source.metadata);
  const date = Number(
    /(\d{4})-?(\d{2})-?(\d{2})/
      .exec(path.slice(path.lastIndexOf('/') + 1))
      ?.slice(1)
      .join('') ?? '0',
  );
  const byId = new Map<number, number>();
  const streamed = new Map<number, string>();
  for await (const batch of source) {
    signal?.throwIfAborted();
    for (const { instrumentId, stypeOutSymbol } of streamMappings(batch)) streamed.set(instrumentId, stypeOutSymbol);
    if (batch.rtype === rtypeMbo) addTrades(batch.words, batch.recordBytes / 4, batch.count, byId);
    onProgress?.(path, source.bytesRead, source.sizeBytes);
  }
  const volumes = new Map<string, number>([...symbols.symbols].map((symbol) => [symbol, 0]));
  for (const [instrumentId, volume] of byId) {
    const symbol = streamed.get(instrumentId) ?? symbols.get(instrumentId, date);
    if (symbol !== undefined) volumes.set(symbol, (volumes.get(symbol) ?? 0) + volume);
  }
  return volumes;
}

function addTrades(words: Uint32Array, step: number, count: number, byId: Map<number, number>): void {
  for (let i = 0, at = 0; i < count; i++, at += step) {
    if ((((words[at + mboWord.flagsChannelActionSide] as number) >>> 16) & 0xff) !== action.trade) continue;
    const id = words[at + mboWord.instrumentId] as number;
    byId.set(id, (byId.get(id) ?? 0) + (words[at + mboWord.size] as number));
  }
}

/** The most traded outright of a root, and how many outrights were compared; null where the volumes have none. */
export function mostTraded(
  root: string,
  volumes: Volumes,
  date: string,
): { readonly symbol: string; readonly compared: number } | null {
  const outrights = [...volumes].flatMap(([symbol, volume]) => {
    const month = deliveryMonth(root, symbol, date);
    return month === null ? [] : [{ symbol, volume, month }];
  });
  const [first] = outrights.sort((a, b) => b.volume - a.volume || a.month - b.month);
  return first === undefined ? null : { symbol: first.symbol, compared: outrights.length };
}

/** Volumes of several files of one day: a contract in two of them traded what the larger says, for both hold the same trades. */
export function mergeVolumes(all: readonly Volumes[]): Volumes {
  const merged = new Map<string, number>();
  for (const volumes of all) {
    for (const [symbol, volume] of volumes) merged.set(symbol, Math.max(volume, merged.get(symbol) ?? 0));
  }
  return merged;
}
