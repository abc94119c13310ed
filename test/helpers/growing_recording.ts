import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LiveOptions, Recording, RecordingSink } from '../../src/server/index.ts';

/** A recording that a test makes grow: what a recorder does, at the test's pace. */
export class GrowingRecording {
  readonly path: string;
  readonly #folder: string;
  readonly #recording: Recording;
  #sink: RecordingSink | null = null;

  constructor(symbol: string, date: string) {
    this.#folder = mkdtempSync(join(tmpdir(), 'spymaster-live-'));
    this.path = join(this.#folder, `glbx-mdp3-${date.replaceAll('-', '')}.mbo.dbn`);
    this.#recording = { path: this.path, symbol, date };
  }

  /** What `serve --live` starts a server with. */
  options(serving: string, symbol?: string): LiveOptions {
    return {
      serving,
      ...(symbol !== undefined && { symbol }),
      record: (_target, sink) => {
        this.#sink = sink;
        return { close: async () => {} };
      },
    };
  }

  get sink(): RecordingSink {
    if (this.#sink === null) throw new Error('no server was started with it');
    return this.#sink;
  }

  begin(head: Uint8Array): void {
    writeFileSync(this.path, head);
    this.sink.begin(this.#recording);
  }

  /** The recording of another session takes its place, all of it at once. */
  next(date: string, bytes: Uint8Array): void {
    const path = join(this.#folder, `glbx-mdp3-${date.replaceAll('-', '')}.mbo.dbn`);
    writeFileSync(path, bytes);
    this.sink.begin({ path, symbol: this.#recording.symbol, date });
  }

  append(bytes: Uint8Array): void {
    appendFileSync(this.path, bytes);
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
