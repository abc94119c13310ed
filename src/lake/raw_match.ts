import { present, SpymasterError } from '../errors.ts';
import type { HashRecordsOptions, RecordsIdentity } from '../files/index.ts';
import { type DatasetManifest, type RawSource, sourcesOf } from './datasets.ts';
import type { Lake } from './lake.ts';
import { findRawFile, locateRawFile } from './raw.ts';
import { RawHashCache, type RawHashes } from './raw_hashes.ts';

/**
 * How a dataset's raw file, as it is now, compares with the one that the dataset was made from. `same`: the records that were
 * used are equal; `differs`: they are not; `missing`: there is no raw file; `unknown`: it was not hashed yet, or cannot be read.
 */
export interface RawMatch {
  readonly state: 'same' | 'differs' | 'missing' | 'unknown';
  /** The raw file; null when it is missing. */
  readonly path: string | null;
  /** What was found, a sentence without its full stop; empty for `same`. */
  readonly found: string;
}

export interface RawMatchOptions extends HashRecordsOptions {
  /** Whether a file is read whose hashes are not cached. */
  readonly hash: boolean;
}

/** Compares datasets with their raw files, which are each read once at most. Throws what hashing throws for no file's sake. */
export async function matchRawFiles(
  lake: Lake,
  manifests: readonly DatasetManifest[],
  options: RawMatchOptions,
): Promise<Map<string, RawMatch>> {
  const matches = new Map<RawSource, RawMatch>();
  const byPath = new Map<string, RawSource[]>();
  const sources = manifests.map((manifest) => ({ manifest, made: sourcesOf(manifest) }));
  for (const { manifest, made } of sources) {
    const { product_type, symbol } = manifest.spec.capture;
    for (const source of made) {
      try {
        const path = await locateRawFile(lake, product_type, symbol, source.dt);
        if (await isSource(lake, path, source)) {
          matches.set(source, { ...same, path });
          continue;
        }
        if (options.hash) await findRawFile(lake, product_type, symbol, source.dt);
        byPath.set(path, [...(byPath.get(path) ?? []), source]);
      } catch (error) {
        matches.set(source, unreadable('missing', null, error));
      }
    }
  }
  const cache = new RawHashCache(lake);
  for (const [path, made] of byPath) {
    let match: (source: RawSource) => RawMatch;
    try {
      const hashes = options.hash ? await cache.hashes(path, wanted(made), options) : await cache.cached(path);
      match = (source) => compare(path, source, hashes);
    } catch (error) {
      const failed = unreadable('unknown', path, error);
      match = () => failed;
    }
    for (const source of made) matches.set(source, match(source));
  }
  return new Map(
    sources.map(({ manifest, made }) => [
      manifest.dataset_id,
      worstOf(made.map((source) => present(matches.get(source)))),
    ]),
  );
}

/** Of how a dataset's raw files compare, what says most against it; of equals the first. */
function worstOf(matches: readonly RawMatch[]): RawMatch {
  const order = ['differs', 'missing', 'unknown', 'same'];
  return present(matches.toSorted((a, b) => order.indexOf(a.state) - order.indexOf(b.state))[0]);
}

/** Whether a raw file on object storage is by its manifest the one that a dataset was made from: then it need not be read. */
async function isSource(lake: Lake, path: string, source: RawSource): Promise<boolean> {
  const stored = await lake.storage?.entry(lake.relative(path));
  return stored?.files[0]?.sha256 === source.sha256;
}

/** What a user of a dataset should know of its raw file, in sentences; null when they agree. */
export function rawNotice(datasetId: string, { state, found }: RawMatch): string | null {
  if (state === 'same') return null;
  if (state === 'differs') {
    return (
      `The raw file of ${datasetId} changed since the dataset was made: ${found}. The dataset is as it was; ` +
      '`npx spymaster generate <pipeline.yaml> --rebuild` makes one of the new file beside it.'
    );
  }
  const remedy = state === 'missing' ? '' : ' `npx spymaster doctor` says more.';
  return `Cannot tell whether ${datasetId} still agrees with its raw file: ${found}.${remedy}`;
}

/** Compares one dataset with its raw file. */
export async function matchRawFile(lake: Lake, manifest: DatasetManifest, options: RawMatchOptions): Promise<RawMatch> {
  const match = (await matchRawFiles(lake, [manifest], options)).get(manifest.dataset_id);
  return match ?? { state: 'unknown', path: null, found: 'its raw file was not compared' };
}

function wanted(sources: readonly RawSource[]) {
  const identities = sources.flatMap(({ records }) => (records === undefined ? [] : [records]));
  return {
    // A manifest of before the records were hashed has the hash of the file alone.
    file: identities.length < sources.length,
    // Whether a file goes on behind `bytes` is told by there being one more.
    recordBytes: identities.flatMap(({ bytes, ends_with_file }) => (ends_with_file ? [bytes, bytes + 1] : [bytes])),
  };
}

function compare(path: string, source: RawSource, hashes: RawHashes): RawMatch {
  const { records } = source;
  if (records !== undefined) return { ...compareRecords(path, records, hashes), path };
  if (hashes.fileSha256 === null) return { ...notHashed(path), path };
  if (hashes.fileSha256 === source.sha256) return { ...same, path };
  const found =
    `${path} is not the file that the dataset was made from (SHA-256 ${short(source.sha256)} then, ` +
    `${short(hashes.fileSha256)} now; the manifest has no hash of the records, so the difference may be the compression alone)`;
  return { state: 'differs', path, found };
}

type Outcome = Omit<RawMatch, 'path'>;
const same: Outcome = { state: 'same', found: '' };

function compareRecords(path: string, records: RecordsIdentity, hashes: RawHashes): Outcome {
  const { bytes, sha256, ends_with_file } = records;
  const total = hashes.recordsBytes;
  const differs = (why: string): Outcome => ({
    state: 'differs',
    found: `${path} is not what the dataset was made from: ${why}`,
  });
  if (total !== null && total < bytes) {
    return differs(`it holds ${total} bytes of records, the dataset was made from ${bytes}`);
  }
  const actual = hashes.recordsSha256.get(bytes);
  if (actual === undefined) return notHashed(path);
  if (actual !== sha256) {
    return differs(
      `the SHA-256 of the ${bytes} bytes of records used was ${short(sha256)}, now it is ${short(actual)}`,
    );
  }
  if (!ends_with_file || total === bytes) return same;
  if (total === null && !hashes.recordsSha256.has(bytes + 1)) return notHashed(path);
  return differs(`it goes on after the ${bytes} bytes of records where it ended before the capture did`);
}

function notHashed(path: string): Outcome {
  return { state: 'unknown', found: `${path} was not hashed yet` };
}

function unreadable(state: 'missing' | 'unknown', path: string | null, error: unknown): RawMatch {
  if (!(error instanceof SpymasterError)) throw error;
  const isMissing = state === 'missing' && error.code === 'FILE_NOT_FOUND';
  return { state: isMissing ? 'missing' : 'unknown', path, found: error.message.replace(/\.$/, '') };
}

function short(sha256: string): string {
  return `${sha256.slice(0, 12)}…`;
}
