import { SpymasterError } from '../errors.ts';

/** First bytes of files in other encodings, longest first; without a mark, a text of Latin letters has zero bytes. */
const otherEncodings: readonly (readonly [name: string, bytes: readonly (number | null)[]])[] = [
  ['UTF-32', [0xff, 0xfe, 0, 0]],
  ['UTF-32', [0, 0, 0xfe, 0xff]],
  ['UTF-16', [0xff, 0xfe]],
  ['UTF-16', [0xfe, 0xff]],
  ['UTF-16', [0, null]],
  ['UTF-16', [null, 0]],
];

/**
 * The text of a configuration file's bytes: UTF-8, with or without a byte order mark (which is left out).
 * Throws CONFIG_PARSE for any other encoding, with the first line that is not UTF-8.
 */
export function configText(bytes: Uint8Array, file: string): string {
  const fail = (found: string, cause?: unknown): never => {
    const text = `Cannot parse ${file}: expected UTF-8, got ${found}; save it as UTF-8.`;
    throw new SpymasterError('CONFIG_PARSE', text, { path: file }, cause);
  };
  const encoding = otherEncodings.find(
    ([, start]) => bytes.length >= start.length && start.every((byte, i) => byte === null || byte === bytes[i]),
  );
  if (encoding !== undefined) return fail(encoding[0]);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    return fail(`other bytes in line ${firstBadLine(bytes)}`, cause);
  }
}

/** 1-based. A line feed is never part of another character, so that lines can be decoded alone. */
function firstBadLine(bytes: Uint8Array): number {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let line = 1;
  for (let start = 0; start < bytes.length; line++) {
    const feed = bytes.indexOf(0x0a, start);
    const end = feed === -1 ? bytes.length : feed + 1;
    try {
      decoder.decode(bytes.subarray(start, end));
    } catch {
      return line;
    }
    start = end;
  }
  return line;
}
