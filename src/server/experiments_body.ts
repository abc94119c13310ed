import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { type Body, jsonBody } from './thread_answers.ts';

const compress = promisify(gzip);
/** Small answers are not worth compressing. */
const leastCompressedBytes = 4096;

/** A JSON value as an answer, compressed where the client accepts it and it is worth it. */
export async function compressedBody(value: unknown, acceptsGzip: boolean): Promise<Body> {
  const plain = jsonBody(value);
  if (!acceptsGzip || plain.body.length < leastCompressedBytes) return plain;
  return { body: new Uint8Array(await compress(plain.body, { level: 2 })), encoding: 'gzip' };
}
