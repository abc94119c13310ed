import { z } from 'zod';
import { deliveryMonth } from '../config/index.ts';
import { action, mboWord, rtypeMbo } from '../dbn/index.ts';
import { openRecords } from '../files/index.ts';
import type { Lake } from '../lake/index.ts';
import { FileFacts, type ReadOptions } from './file_facts.ts';
import { FileSymbols } from './file_symbols.ts';

const volumesSchema = z.record(z.string(), z.number().int().nonnegative());

/** Traded volume of each symbol that a file holds, 0 for those without trades. */
export type Volumes = Readonly<z.output<typeof volumesSchema>>;
export type VolumeFacts = FileFacts<typeof volumesSchema>;

/** Volumes of raw files, read once each. */
export function volumeFacts(lake: Lake): VolumeFacts {
  return new FileFacts(lake, { folder: 'contract_volumes', schema: volumesSchema, read: readVolumes });
}

/** Sizes of the trades of an MBO file, summed by symbol. Throws what `openRecords` does. */
async function readVolumes(path: string, { onProgress, signal }: ReadOptions): Promise<Volumes> {
  await using source = await openRecords(path);
  const symbols = new FileSymbols(path, source.metadata);
  const byId = new Map<number, number>();
  for await (const batch of source) {
    signal?.throwIfAborted();
    symbols.add(batch);
    if (batch.rtype === rtypeMbo) addTrades(batch.words, batch.recordBytes / 4, batch.count, byId);
    onProgress?.(path, source.bytesRead, source.sizeBytes);
  }
  const volumes = new Map<string, number>([...symbols.all].map((symbol) => [symbol, 0]));
  for (const [instrumentId, volume] of byId) {
    const symbol = symbols.of(instrumentId);
    if (symbol !== undefined) volumes.set(symbol, (volumes.get(symbol) ?? 0) + volume);
  }
  return Object.fromEntries(volumes);
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
  const outrights = Object.entries(volumes).flatMap(([symbol, volume]) => {
    const month = deliveryMonth(root, symbol, date);
    return month === null ? [] : [{ symbol, volume, month }];
  });
  const [first] = outrights.sort((a, b) => b.volume - a.volume || a.month - b.month);
  return first === undefined ? null : { symbol: first.symbol, compared: outrights.length };
}

/** Volumes of several files of one day: a contract in two of them traded what the larger says, for both hold the same trades. */
export function mergeVolumes(all: readonly Volumes[]): Volumes {
  const merged: Record<string, number> = {};
  for (const volumes of all) {
    for (const [symbol, volume] of Object.entries(volumes)) merged[symbol] = Math.max(volume, merged[symbol] ?? 0);
  }
  return merged;
}
