import { createHash } from 'node:crypto';
import { errorCode } from '../../dbn/index.ts';
import { SpymasterError } from '../../errors.ts';

/** The port of every live gateway. */
export const livePort = 13_000;
/** Most symbols of one subscription line. */
export const maxSymbolsPerLine = 500;
/** Longest line that either side takes, bytes: a full subscription of long symbols has 40 KiB. */
export const maxLineBytes = 64 * 1024;
/** Range of the heartbeat interval that a client may ask for, and the interval without asking; seconds. */
export const heartbeatRangeS = { min: 5, max: 1800, default: 30 } as const;

/** Whether the gateway ends the session behind an error message of this code. */
export function endsSession(code: number): boolean {
  return code !== errorCode.symbolResolution && code !== errorCode.skippedRecords && code <= errorCode.replayAgedOut;
}

/** The fields of a control line by key, `key=value` separated by `|`; an empty field, such as behind a trailing `|`, is left out. */
export function parseLine(line: string): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  for (const part of line.trim().split('|')) {
    if (part === '') continue;
    const at = part.indexOf('=');
    fields.set(at < 0 ? part : part.slice(0, at), at < 0 ? '' : part.slice(at + 1));
  }
  return fields;
}

/** A control line with its newline; fields without a value are left out. */
export function formatLine(fields: Readonly<Record<string, string | number | bigint | undefined>>): string {
  const parts = Object.entries(fields).flatMap(([key, value]) => (value === undefined ? [] : [`${key}=${value}`]));
  return `${parts.join('|')}\n`;
}

/** The answer to a challenge (CRAM): the hash of challenge and key, and the key's last five characters, by which it is found. */
export function challengeAnswer(challenge: string, key: string): string {
  return `${createHash('sha256').update(`${challenge}|${key}`).digest('hex')}-${key.slice(-5)}`;
}

/** The time of `start=`: UNIX nanoseconds, or ISO 8601 (UTC where it has no offset); null for anything else. */
export function parseStart(text: string): bigint | null {
  if (/^\d{1,20}$/.test(text)) return BigInt(text);
  for (const candidate of [text, `${text}Z`, `${text}T00:00Z`]) {
    try {
      return Temporal.Instant.from(candidate).epochNanoseconds;
    } catch {}
  }
  return null;
}

/**
 * The address of a dataset's gateway, or of the one that is given as `host`, `host:port` or `[IPv6]:port`.
 *
 * Throws USAGE for an address of another form.
 */
export function gatewayAddress(dataset: string, given?: string): { readonly host: string; readonly port: number } {
  if (given === undefined) {
    return { host: `${dataset.toLowerCase().replaceAll('.', '-')}.lsg.databento.com`, port: livePort };
  }
  const [, bracketed, plain, portText] = /^(?:\[([0-9a-f:.]+)\]|([^:\s[\]/@]+))(?::(\d{1,5}))?$/i.exec(given) ?? [];
  const host = bracketed ?? plain;
  const port = portText === undefined ? livePort : Number(portText);
  if (host !== undefined && port >= 1 && port <= 65_535) return { host, port };
  throw new SpymasterError('USAGE', `Cannot use the gateway "${given}": expected HOST:PORT, such as 127.0.0.1:13000.`, {
    gateway: given,
  });
}

/** Splits bytes into the lines of the protocol's first part; what is behind the last line that was asked for stays as bytes. */
export class LineReader {
  #bytes: Uint8Array = new Uint8Array(0);
  /** Bytes that are known to hold no newline. */
  #searched = 0;

  /** Takes the next bytes. Throws LIVE_LOST where a line is longer than `maxLineBytes`. */
  push(chunk: Uint8Array): void {
    const joined = new Uint8Array(this.#bytes.length + chunk.length);
    joined.set(this.#bytes);
    joined.set(chunk, this.#bytes.length);
    this.#bytes = joined;
    if (this.#newline() > maxLineBytes || (this.#newline() < 0 && joined.length > maxLineBytes)) {
      throw new SpymasterError(
        'LIVE_LOST',
        `Cannot read a line of the live protocol: expected at most ${maxLineBytes} bytes up to its end, got ${joined.length}.`,
        { bytes: joined.length },
      );
    }
  }

  /** The next whole line without its end, or null when more bytes are needed. */
  next(): string | null {
    const at = this.#newline();
    if (at < 0) return null;
    const line = new TextDecoder().decode(this.#bytes.subarray(0, at));
    this.#bytes = this.#bytes.subarray(at + 1);
    this.#searched = 0;
    return line.endsWith('\r') ? line.slice(0, -1) : line;
  }

  /** The bytes that no line has taken; they are the caller's from now on. */
  rest(): Uint8Array {
    const rest = this.#bytes;
    this.#bytes = new Uint8Array(0);
    this.#searched = 0;
    return rest;
  }

  #newline(): number {
    const at = this.#bytes.indexOf(10, this.#searched);
    this.#searched = at < 0 ? this.#bytes.length : at;
    return at;
  }
}
