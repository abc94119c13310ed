import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { SpymasterError } from '../../errors.ts';
import {
  createAtomicFile,
  makeFolder,
  openRecords,
  openToWrite,
  placeGrownFile,
  remove,
  sha256File,
  writeError,
} from '../../files/index.ts';

import type { JobFile } from './api.ts';
import { PassingFailure } from './api_error.ts';
import type { DatabentoHttp, HttpRequest } from './http.ts';

export interface FetchOptions {
  readonly http: DatabentoHttp;
  readonly file: JobFile;
  /** Where the bytes gather; what is there already is continued. In the same file system as `path`. */
  readonly partPath: string;
  /** The final name, given only once size and SHA-256 are right. */
  readonly path: string;
  readonly onBytes: (bytesDone: number) => void;
}

/**
 * Downloads a file of known size and SHA-256, puts it in its place whole, and gives its SHA-256. A transfer that is cut
 * goes on where it stopped, in this process or the next.
 *
 * Throws CHECKSUM_MISMATCH, after which nothing is left of what came, and API_UNREACHABLE, LAKE_NOT_WRITABLE.
 */
export async function fetchFile(options: FetchOptions): Promise<string> {
  const { file, partPath, path } = options;
  for (const folder of [dirname(partPath), dirname(path)]) {
    try {
      makeFolder(folder);
    } catch (cause) {
      throw writeError(path, cause);
    }
  }
  const hadBytes = (await sizeOf(partPath)) > 0;
  const gathered = async (): Promise<string> => {
    await gather(options);
    return verify(file, partPath).catch(async (error: unknown) => {
      await remove(partPath);
      throw error;
    });
  };
  const sha256 = await gathered().catch((error: unknown) => {
    // What an earlier process left may have been damaged since; what came whole in this one may not.
    if (hadBytes && isDamage(error)) return gathered();
    throw error;
  });
  await placeGrownFile(partPath, path);
  return sha256;
}

/** Whether a file came whole but is not what it should be. */
export function isDamage(error: unknown): boolean {
  return error instanceof SpymasterError && /^(CHECKSUM_MISMATCH|ZSTD_CORRUPT|DBN_)/.test(error.code);
}

/** Requests what is missing until the part has its whole size. */
async function gather({ http, file, partPath, onBytes }: FetchOptions): Promise<void> {
  const url = http.trusted(file.url);
  let have = await sizeOf(partPath);
  let received = 0;
  const run = async (): Promise<void> => {
    have = await sizeOf(partPath);
    if (have > file.size) {
      await remove(partPath);
      have = 0;
    }
    if (have === file.size && have > 0) return;
    const headers: Record<string, string> = have > 0 ? { range: `bytes=${have}-` } : {};
    const { response, body, discard } = await openFrom(http, { method: 'GET', url, headers }, partPath);
    if (response.status === 206 && !continues(response, have, file.size)) {
      await discard();
      await remove(partPath);
      throw new PassingFailure(`${url.origin}${url.pathname} answered with another range than was asked for`, false);
    }
    // A server that knows no ranges sends everything.
    const part = await openToWrite(partPath, response.status === 206 ? 'append' : 'replace').catch(
      async (error: unknown) => {
        await discard();
        throw error;
      },
    );
    if (response.status !== 206) have = 0;
    try {
      for await (const chunk of body) {
        if (have + chunk.length > file.size) throw mismatch(file, `more than ${file.size} bytes`);
        await part.write(chunk);
        have += chunk.length;
        received += chunk.length;
        onBytes(have);
      }
    } catch (error) {
      if (error instanceof SpymasterError && error.code === 'CHECKSUM_MISMATCH') await remove(partPath);
      throw error;
    } finally {
      await part.close();
    }
    if (have < file.size) throw new PassingFailure(`${url.origin}${url.pathname} ended after ${have} bytes`, false);
  };
  if (have === file.size && have > 0) return;
  await http.retry(run, { progress: () => received });
}

/** Opens the answer; a server that cannot serve the range makes the next try start over. */
async function openFrom(http: DatabentoHttp, request: HttpRequest, partPath: string) {
  try {
    return await http.open(request);
  } catch (error) {
    if (!(error instanceof SpymasterError) || error.fields.status !== 416) throw error;
    await remove(partPath);
    throw new PassingFailure(`${request.url.origin} has no such range`, false, { cause: error });
  }
}

function continues(response: Response, have: number, size: number): boolean {
  const range = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(response.headers.get('content-range') ?? '');
  return range !== null && Number(range[1]) === have && (range[2] === '*' || Number(range[2]) === size);
}

/** Gives the file's SHA-256; one that was announced without any must decode to its last record instead. */
async function verify(file: JobFile, partPath: string): Promise<string> {
  const size = await sizeOf(partPath);
  if (size !== file.size) throw mismatch(file, `${size} bytes`);
  const actual = await sha256File(partPath);
  if (file.sha256 !== null && actual !== file.sha256) throw mismatch(file, `SHA-256 ${actual.slice(0, 12)}…`);
  if (file.sha256 === null) await decodeAll(partPath);
  return actual;
}

function mismatch(file: JobFile, got: string): SpymasterError {
  return new SpymasterError(
    'CHECKSUM_MISMATCH',
    `Refused ${file.filename}: expected ${file.size} bytes${file.sha256 === null ? '' : ` with SHA-256 ${file.sha256.slice(0, 12)}…`}, ` +
      `got ${got}. Nothing of it is kept; run the command again to download it once more, which costs nothing.`,
    { filename: file.filename, ...(file.sha256 !== null && { expected: file.sha256 }) },
  );
}

async function sizeOf(path: string): Promise<number> {
  return (await stat(path).catch(() => null))?.size ?? 0;
}

/**
 * Writes a stream of DBN to its place once it has ended and its every record decodes: there is no checksum to compare.
 * A stream that was cut leaves nothing; it is not begun again by itself, because what was sent has been billed.
 */
export async function fetchStream(
  http: DatabentoHttp,
  request: HttpRequest,
  path: string,
  onBytes: (bytesDone: number) => void,
): Promise<{ sizeBytes: number; sha256: string }> {
  const { body, discard } = await http.retry(() => http.open(request), { unless: (failure) => failure.mayHaveArrived });
  const file = await createAtomicFile(path).catch(async (error: unknown) => {
    await discard();
    throw error;
  });
  const hash = createHash('sha256');
  try {
    for await (const chunk of body) {
      await file.write(chunk);
      hash.update(chunk);
      onBytes(file.bytesWritten);
    }
    await decodeAll(file.temporaryPath);
    const sizeBytes = file.bytesWritten;
    await file.commit();
    return { sizeBytes, sha256: hash.digest('hex') };
  } catch (error) {
    await file.abort();
    throw error;
  }
}

async function decodeAll(path: string): Promise<void> {
  await using records = await openRecords(path);
  for await (const _ of records) {
    // Decoding is the check.
  }
}
