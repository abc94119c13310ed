import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { zstdCompress, zstdDecompress } from 'node:zlib';
import { canonicalJson, contentHash, sha256Hex } from '../../config/index.ts';
import { SpymasterError } from '../../errors.ts';
import { type FinishedOrders, type FinishedPosition, readPositions, writePositions } from '../../execution/index.ts';
import { makeFolder, Pins, readError, remove, systemClock, touch, writeFileAtomic } from '../../files/index.ts';
import type { Lake } from '../../lake/index.ts';
import { StateReader, StateWriter } from '../../state.ts';

const compress = promisify(zstdCompress);
const decompress = promisify(zstdDecompress);
/** Of the rules by which orders are filled and positions left, and of the files: what another one wrote is not read. */
const version = 1;
const extension = '.pass.zst';
const keyFile = 'key.json';
const pinsFolder = '.pins';

/** What a pass of the feed says of its market, whatever was followed. Times in nanoseconds since the session's start. */
export interface PassMarket {
  readonly executions: number;
  /** Share of the executions at the front of their queue; null without any. */
  readonly frontShare: number | null;
  /** As the file's definitions say; null without them. */
  readonly matchAlgorithm: string | null;
  /** Time of the last event before the session's end, and the mid that it left. */
  readonly last: { readonly tsNs: number; readonly mid: number };
}

/** Positions that one pass of the feed followed. */
export interface KeptPass {
  readonly market: PassMarket;
  readonly orders: FinishedOrders;
  readonly positions: readonly FinishedPosition[];
}

/** A kept pass as it lies in the lake. */
export interface PassEntry {
  readonly path: string;
  readonly sizeBytes: number;
  /** When it was last used, UNIX milliseconds. */
  readonly usedMs: number;
  /** Whether a process works with it now. */
  readonly isInUse: boolean;
  /** What it belongs to; null where that cannot be read. */
  readonly key: PassEntryKey | null;
  /** Why it cannot be used, `is damaged`; null when it can. */
  readonly problem: string | null;
}

/** Of what a pass belongs to, what tells it from others. */
export interface PassEntryKey {
  readonly symbol: string;
  /** Start of the session, UNIX nanoseconds. */
  readonly startNs: string;
  readonly entry: 'market' | 'join';
  readonly entryLatencyUs: number;
  readonly size: number;
  readonly met: boolean;
  readonly version: number;
}

/**
 * Passes of the feed that a lake keeps, each in an immutable file whose name is the SHA-256 of its bytes, in a folder of those
 * with one key. What is missing or damaged is followed anew, with a notice.
 */
export class PassStore {
  readonly #lake: Lake;
  readonly #notice: (text: string) => void;

  constructor(lake: Lake, notice: (text: string) => void) {
    this.#lake = lake;
    this.#notice = notice;
  }

  /** All passes of a key. */
  async load(key: object): Promise<KeptPass[]> {
    const passes: KeptPass[] = [];
    for (const path of await passFiles(this.#folder(key))) {
      const pass = await this.#read(path);
      if (pass !== null) passes.push(pass);
    }
    return passes;
  }

  /** Keeps other processes from removing the passes of some keys until its end, where the file system can. */
  async hold(keys: readonly object[]): Promise<AsyncDisposable> {
    const paths = (await Promise.all(keys.map((key) => passFiles(this.#folder(key))))).flat();
    const pins = new Pins(join(this.#lake.passes(), pinsFolder));
    try {
      if (paths.length > 0) pins.pin([...new Set(paths)]);
    } catch (error) {
      // A lake that is only read, or a file system without links.
      if (!(error instanceof SpymasterError)) throw error;
    }
    return { [Symbol.asyncDispose]: () => pins.close() };
  }

  /** Keeps a pass; of its orders those of its positions. */
  async save(key: object, pass: KeptPass): Promise<void> {
    const folder = this.#folder(key);
    try {
      const bytes = await compress(bytesOf(pass));
      await makeFolder(folder);
      await writeFileAtomic(join(folder, keyFile), `${canonicalJson(keyOf(key))}\n`);
      await writeFileAtomic(join(folder, `${sha256Hex(bytes)}${extension}`), bytes);
    } catch (error) {
      if (!(error instanceof SpymasterError)) throw error;
      this.#notice(`The orders of the session are not kept: ${error.message}`);
    }
  }

  #folder(key: object): string {
    return this.#lake.passes(contentHash(keyOf(key), 64));
  }

  async #read(path: string): Promise<KeptPass | null> {
    try {
      const bytes = await readFile(path);
      if (sha256Hex(bytes) === hashOf(path)) {
        const pass = passOf(await decompress(bytes));
        // The time of last use decides what `cache prune` removes first.
        await touch(path, systemClock.nowMs());
        return pass;
      }
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT') return null;
      if (code !== 'STATE_INVALID') throw error;
    }
    this.#notice(`The orders kept in ${path} are damaged and are ignored; they are followed anew.`);
    await remove(path).catch(() => {});
    return null;
  }
}

const keyOf = (key: object) => ({ ...key, version });
const hashOf = (path: string) => basename(path).slice(0, -extension.length);

/** The files of passes in a folder, sorted. */
async function passFiles(folder: string): Promise<string[]> {
  const names = await namesIn(folder);
  return names.filter((name) => name.endsWith(extension)).map((name) => join(folder, name));
}

async function namesIn(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw readError(folder, error);
  });
  return names.sort();
}

/** All passes that a lake keeps, each verified, the one used last first. */
export async function passEntries(lake: Lake): Promise<PassEntry[]> {
  const root = lake.passes();
  await new Pins(join(root, pinsFolder)).removeStale();
  const entries: PassEntry[] = [];
  for (const name of await namesIn(root)) {
    if (name === pinsFolder) continue;
    const folder = lake.passes(name);
    const files = await passFiles(folder);
    const key = files.length === 0 ? null : await entryKey(join(folder, keyFile));
    for (const path of files) {
      const status = await stat(path).catch(() => null);
      if (status === null) continue;
      const bytes = await readFile(path).catch(() => null);
      const isWhole = bytes !== null && sha256Hex(bytes) === hashOf(path);
      const isOld = key !== null && key.version !== version;
      const problem = !isWhole ? 'is damaged' : isOld ? `is of version ${key.version}, not ${version}` : null;
      const { size: sizeBytes, mtimeMs: usedMs, nlink } = status;
      entries.push({ path, sizeBytes, usedMs, isInUse: nlink > 1, key, problem });
    }
  }
  return entries.sort((a, b) => b.usedMs - a.usedMs);
}

async function entryKey(path: string): Promise<PassEntryKey | null> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as PassEntryKey;
  } catch {
    return null;
  }
}

/** Removes a kept pass, and its folder when it was the last; what is followed with its key is followed anew. */
export async function removePass({ path }: PassEntry): Promise<void> {
  await remove(path);
  const folder = dirname(path);
  const rest = await namesIn(folder);
  if (rest.every((name) => name === keyFile)) await remove(folder);
}

function bytesOf({ market, orders, positions }: KeptPass): Uint8Array {
  const { executions, frontShare, matchAlgorithm, last } = market;
  const writer = new StateWriter();
  writer.array(Float64Array.of(executions, frontShare ?? Number.NaN, last.tsNs, last.mid));
  writer.number(matchAlgorithm?.charCodeAt(0) ?? 0);
  writePositions(writer, orders, positions);
  return writer.finish();
}

function passOf(bytes: Uint8Array): KeptPass {
  const reader = new StateReader(bytes);
  const [executions = 0, share = Number.NaN, tsNs = 0, mid = Number.NaN] = reader.float64s();
  const algorithm = reader.number();
  const market: PassMarket = {
    executions,
    frontShare: Number.isNaN(share) ? null : share,
    matchAlgorithm: algorithm === 0 ? null : String.fromCharCode(algorithm),
    last: { tsNs, mid },
  };
  const pass = { market, ...readPositions(reader) };
  reader.end();
  return pass;
}
