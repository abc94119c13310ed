import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { zstdCompress, zstdDecompress } from 'node:zlib';
import { canonicalJson, contentHash, sha256Hex } from '../../config/index.ts';
import { SpymasterError } from '../../errors.ts';
import { type FinishedOrders, type FinishedPosition, readPositions, writePositions } from '../../execution/index.ts';
import { makeFolder, remove, writeFileAtomic } from '../../files/index.ts';
import type { Lake } from '../../lake/index.ts';
import { StateReader, StateWriter } from '../../state.ts';

const compress = promisify(zstdCompress);
const decompress = promisify(zstdDecompress);
/** Of the rules by which orders are filled and positions left, and of the files: what another one wrote is not read. */
const version = 1;
const extension = '.pass.zst';
const keyFile = 'key.json';

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
    const folder = this.#folder(key);
    const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return [];
      throw error;
    });
    const passes: KeptPass[] = [];
    for (const name of names.filter((one) => one.endsWith(extension)).sort()) {
      const path = join(folder, name);
      const pass = await this.#read(path, name.slice(0, -extension.length));
      if (pass !== null) passes.push(pass);
    }
    return passes;
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

  async #read(path: string, hash: string): Promise<KeptPass | null> {
    try {
      const bytes = await readFile(path);
      if (sha256Hex(bytes) === hash) return passOf(await decompress(bytes));
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
