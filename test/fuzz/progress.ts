import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';

/** What the process that reads inputs is doing. */
export const phase = { making: 0, reading: 1, ending: 2 } as const;

const headBytes = 12;

/** How far reading inputs has come, and the input that is being read. */
export interface Progress {
  readonly phase: number;
  readonly begun: number;
  readonly input: Uint8Array;
}

/** Writes progress into a file: what it says outlives the process, however that ends. */
export class ProgressWriter {
  readonly #file: number;
  readonly #head = new Uint32Array(3);

  constructor(path: string) {
    this.#file = openSync(path, 'w');
    this.enter(phase.making);
  }

  enter(next: number): void {
    this.#head[0] = next;
    writeSync(this.#file, this.#head, 0, headBytes, 0);
  }

  /** Says that an input is about to be read. */
  begin(input: Uint8Array): void {
    writeSync(this.#file, input, 0, input.length, headBytes);
    this.#head[1] = (this.#head[1] ?? 0) + 1;
    this.#head[2] = input.length;
    writeSync(this.#file, this.#head, 0, headBytes, 0);
  }

  close(): void {
    closeSync(this.#file);
  }
}

/** What a progress file says; of one that is not there yet, that nothing was begun. */
export function readProgress(path: string): Progress {
  let bytes: Uint8Array;
  try {
    bytes = new Uint8Array(readFileSync(path));
  } catch {
    return { phase: phase.making, begun: 0, input: new Uint8Array(0) };
  }
  const [now = 0, begun = 0, length = 0] = new Uint32Array(bytes.buffer, 0, Math.floor(bytes.length / headBytes) * 3);
  return { phase: now, begun, input: bytes.slice(headBytes, headBytes + length) };
}
