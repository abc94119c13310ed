import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type ProductType, productRoot } from '../config/index.ts';
import { present, SpymasterError } from '../errors.ts';
import { openToRead, readError } from '../files/index.ts';
import { formatNames } from '../format.ts';
import type { Lake } from './lake.ts';

/** Names shown in an error before the rest is counted. */
const maxNamesShown = 20;

/**
 * The replay file of an instrument's session date YYYY-MM-DD, on this machine while the lake is used: a .dbn, .dbn.zst or .dbz with the date (20260206 or
 * 2026-02-06) in its name; preferred in this order, then one that names the symbol.
 * Throws FILE_NOT_FOUND, which lists what is there, also when several files fit equally well.
 */
export async function findRawFile(lake: Lake, productType: ProductType, symbol: string, date: string): Promise<string> {
  const path = await locateRawFile(lake, productType, symbol, date);
  await lake.storage?.keep(lake.relative(path));
  return path;
}

/** The same without bringing it here from object storage. */
export async function locateRawFile(
  lake: Lake,
  productType: ProductType,
  symbol: string,
  date: string,
): Promise<string> {
  const folder = lake.rawFolder(productType, symbol);
  const names = await rawNames(lake, folder);
  const name = names === null ? null : chooseRawFile(names, symbol, date);
  if (typeof name === 'string') return join(folder, name);
  const found =
    names === null
      ? 'but that folder does not exist'
      : Array.isArray(name)
        ? `but these fit equally well: ${formatNames(name, maxNamesShown)}; keep one of them`
        : `but it holds ${names.length === 0 ? 'nothing' : formatNames([...names].sort(), maxNamesShown)}`;
  throw new SpymasterError(
    'FILE_NOT_FOUND',
    `Cannot find a replay file of ${productType} ${symbol} for ${date}: expected a .dbn, .dbn.zst or .dbz file with ` +
      `${date.replaceAll('-', '')} or ${date} in its name in ${folder}, ${found}.`,
    { path: folder, symbol, date, ...(names === null ? {} : { names: names.slice(0, maxNamesShown) }) },
  );
}

/** The date YYYY-MM-DD of the newest replay file of an instrument; throws FILE_NOT_FOUND when there is none. */
export async function latestRawDate(lake: Lake, productType: ProductType, symbol: string): Promise<string> {
  const folder = lake.rawFolder(productType, symbol);
  const dates = ((await rawNames(lake, folder)) ?? [])
    .filter(isReplayFile)
    .flatMap((name) => [...name.matchAll(/(?<!\d)(\d{4})(-?)(\d{2})\2(\d{2})(?!\d)/g)])
    .map(([, year, , month, day]) => `${year}-${month}-${day}`);
  const latest = dates.sort().at(-1);
  if (latest !== undefined) return latest;
  throw new SpymasterError(
    'FILE_NOT_FOUND',
    `Cannot find a replay file of ${productType} ${symbol}: expected .dbn, .dbn.zst or .dbz files with a date in their names in ` +
      `${folder}; \`npx spymaster download\` puts some there, or name a file with --file.`,
    { path: folder, symbol },
  );
}

/** The raw files of an instrument's root, as they were when the folder was listed. */
export class RawFolder {
  readonly #folder: string;
  readonly #symbol: string;
  /** Names by the contract that they name, '' where they name none. */
  readonly #byContract: ReadonlyMap<string, readonly string[]>;

  private constructor(folder: string, symbol: string, byContract: ReadonlyMap<string, readonly string[]>) {
    this.#folder = folder;
    this.#symbol = symbol;
    this.#byContract = byContract;
  }

  /** Lists the folder, which may be missing. Throws FILE_UNREADABLE. */
  static async list(lake: Lake, productType: ProductType, symbol: string): Promise<RawFolder> {
    const folder = lake.rawFolder(productType, symbol);
    const names = (await rawNames(lake, folder)) ?? [];
    return new RawFolder(
      folder,
      symbol,
      Map.groupBy(names, (name) => contractIn(name, productType, symbol) ?? ''),
    );
  }

  /**
   * The files of a session date, one for each contract that files name, preferred as by `findRawFile`; under '' the one that
   * names none, which may hold them all. Several that fit equally well are all given.
   */
  on(date: string): Map<string, string | string[]> {
    const files = new Map<string, string | string[]>();
    for (const [contract, names] of this.#byContract) {
      const chosen = chooseRawFile(names, contract === '' ? this.#symbol : contract, date);
      if (chosen === null) continue;
      const path = (name: string) => join(this.#folder, name);
      files.set(contract, typeof chosen === 'string' ? path(chosen) : chosen.map(path));
    }
    return files;
  }
}

/** The contract of a symbol's root that the name of a file names; null where it names none, and for equities. */
export function contractIn(name: string, productType: ProductType, symbol: string): string | null {
  if (productType === 'equity_mbo') return null;
  const root = RegExp.escape(productRoot(productType, symbol));
  return new RegExp(`(?<![A-Za-z])${root}[FGHJKMNQUVXZ]\\d{1,2}(?!\\d)`).exec(name)?.[0] ?? null;
}

/** Names of what is in a folder of raw files; null when there is no such folder. */
export async function rawNames(lake: Lake, folder: string): Promise<string[] | null> {
  if (lake.storage !== null) return lake.storage.names(lake.relative(folder));
  return await readdir(folder).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT' || cause.code === 'ENOTDIR') return null;
    throw readError(folder, cause);
  });
}

/** Names of replay files end so; earlier ones are preferred. */
const replayExtensions = ['.dbn', '.dbn.zst', '.dbz'];

function isReplayFile(name: string): boolean {
  return replayExtensions.some((extension) => name.endsWith(extension)) && !name.startsWith('.');
}

/** The name that fits; all of them when several fit equally well; null when none does. */
export function chooseRawFile(names: readonly string[], symbol: string, date: string): string | string[] | null {
  const compact = date.replaceAll('-', '');
  const dated = new RegExp(`(?<!\\d)(?:${compact}|${date})(?!\\d)`);
  const format = (name: string) => replayExtensions.findIndex((extension) => name.endsWith(extension));
  const rank = (name: string) => 2 * format(name) + (name.includes(symbol) ? 0 : 1);
  const fitting = names.filter((name) => isReplayFile(name) && dated.test(name)).sort();
  const best = Math.min(...fitting.map(rank));
  const chosen = fitting.filter((name) => rank(name) === best);
  if (chosen.length === 0) return null;
  return chosen.length === 1 ? present(chosen[0]) : chosen;
}

/** What tells one raw file from another without reading all of it. */
export interface FileIdentity {
  readonly name: string;
  readonly sizeBytes: number;
  readonly modifiedNs: string;
  /** SHA-256 of the first and the last 64 KiB. */
  readonly ends: string;
}

/** The identity of the file at `path`; throws FILE_NOT_FOUND or FILE_UNREADABLE. */
export async function fileIdentity(path: string): Promise<FileIdentity> {
  const { file, sizeBytes } = await openToRead(path);
  try {
    const { mtimeNs } = await file.stat({ bigint: true });
    const buffer = new Uint8Array(Math.min(64 * 1024, sizeBytes));
    const hash = createHash('sha256');
    for (const position of [0, sizeBytes - buffer.length]) {
      const { bytesRead } = await file.read(buffer, 0, buffer.length, position);
      hash.update(buffer.subarray(0, bytesRead));
    }
    const name = path.slice(path.lastIndexOf('/') + 1);
    return { name, sizeBytes, modifiedNs: String(mtimeNs), ends: hash.digest('hex') };
  } catch (cause) {
    throw readError(path, cause);
  } finally {
    await file.close();
  }
}
