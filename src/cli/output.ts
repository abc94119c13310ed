import { once } from 'node:events';
import { errorCatalogue, exitCode, SpymasterError } from '../errors.ts';
import { systemError } from '../system_errors.ts';
import { Progress, type ProgressOptions } from './progress.ts';
import { StatusLine } from './status_line.ts';

/** What the command line writes to: standard output for results, standard error for progress and errors. */
export interface OutputStreams {
  readonly stdout: NodeJS.WritableStream;
  readonly stderr: NodeJS.WritableStream & { readonly isTTY?: boolean; readonly columns?: number };
}

/**
 * The one place where commands write.
 *
 * Results go to standard output: text, or with `--json` exactly one JSON object, an error included
 * (`{"error": {"code", "message", …fields}}`), so that a script reads one stream and one shape. Progress and, without
 * `--json`, errors go to standard error.
 */
export class Output {
  readonly #streams: OutputStreams;
  #stdoutClosed = false;

  /** How the process will end; a command that has reported a failure itself sets it. */
  exitCode: number = exitCode.ok;

  constructor(streams: OutputStreams) {
    this.#streams = streams;
    // A reader that went away (`| head`) is no failure of the command: it finishes its work without printing.
    for (const stream of [streams.stdout, streams.stderr]) {
      stream.on('error', (error: NodeJS.ErrnoException) => {
        if (stream === streams.stdout) this.#stdoutClosed = true;
        if (error.code !== 'EPIPE') this.exitCode = exitCode.failure;
      });
    }
  }

  /** True once standard output has no reader any more: a command that only prints may stop. */
  get stdoutClosed(): boolean {
    return this.#stdoutClosed;
  }

  /** Prints text and a line end. */
  print(text: string): void {
    if (!this.#stdoutClosed) this.#streams.stdout.write(`${text}\n`);
  }

  /** Prints the one JSON object of `--json`; a bigint becomes a decimal string. */
  json(value: object): void {
    this.print(JSON.stringify(value, (_key, item: unknown) => (typeof item === 'bigint' ? item.toString() : item)));
  }

  /** Writes a piece of a long output and waits while the reader is slow; false once there is no reader any more. */
  async write(piece: string | Uint8Array): Promise<boolean> {
    if (this.#stdoutClosed) return false;
    const { stdout } = this.#streams;
    if (!stdout.write(piece)) {
      // Whichever comes second must not go on listening.
      const first = new AbortController();
      const { signal } = first;
      await Promise.race([once(stdout, 'drain', { signal }), once(stdout, 'close', { signal })]).catch(() => {});
      first.abort();
    }
    return !this.#stdoutClosed;
  }

  /** A remark that is not the result (standard error). */
  note(text: string): void {
    this.#streams.stderr.write(`${text}\n`);
  }

  /** Starts showing how far a long piece of work is (standard error); call `stop` when it ends or fails. */
  progress(options: ProgressOptions): Progress {
    return new Progress(this.#streams.stderr, options);
  }

  /** Starts a line that says how work stands that has no end (standard error); call `stop` when it ends or fails. */
  statusLine(): StatusLine {
    return new StatusLine(this.#streams.stderr);
  }

  /** Reports an error and sets the exit code that it means. */
  error(thrown: unknown, json: boolean): void {
    const error = systemError(thrown) ?? thrown;
    if (error instanceof SpymasterError) {
      if (json) this.json({ error: { code: error.code, message: error.message, ...error.fields } });
      else this.note(`Error [${error.code}]: ${error.message}`);
      this.exitCode = errorCatalogue[error.code].exitCode;
      return;
    }
    if (error instanceof Error && error.name === 'AbortError') {
      if (json) this.json({ error: { code: 'INTERRUPTED', message: 'Interrupted.' } });
      else this.note('Interrupted.');
      this.exitCode = exitCode.interrupted;
      return;
    }
    const cause = error instanceof Error ? error : new Error(String(error));
    if (json) this.json({ error: { code: 'UNEXPECTED', message: cause.message } });
    this.note(`Unexpected error, a defect of Spymaster: please report it with this trace.\n${cause.stack}`);
    this.exitCode = exitCode.unexpected;
  }
}

/** Sentences of warning as lines. */
export function warningLines(warnings: readonly string[]): string[] {
  return warnings.map((warning) => `Warning: ${warning}`);
}
