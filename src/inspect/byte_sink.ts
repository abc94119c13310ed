import { once } from 'node:events';
import { constants, createZstdCompress } from 'node:zlib';
import { createAtomicFile, refuseExisting } from '../files/index.ts';
import type { OutputOptions } from './tool_options.ts';

/** Where bytes go. A file appears whole, when `finish` is called, or not at all. */
export interface ByteSink {
  /** Takes bytes, which may be reused once the promise is fulfilled; false once there is no reader any more. */
  write(bytes: Uint8Array): Promise<boolean>;
  finish(): Promise<void>;
  /** Gives up; does nothing after `finish`. */
  abort(): Promise<void>;
}

/** Standard output: takes bytes and returns whether it still has a reader. */
export interface StandardOutput {
  write(bytes: Uint8Array): Promise<boolean>;
}

/** Opens the output that the options name. Throws FILE_EXISTS and LAKE_NOT_WRITABLE. */
export async function openByteSink(options: OutputOptions, output: StandardOutput): Promise<ByteSink> {
  const sink = options.output === '-' ? standardOutput(output) : await fileSink(options.output, options.force ?? false);
  return options.zstd === true || options.output.endsWith('.zst') ? zstdSink(sink) : sink;
}

async function fileSink(path: string, force: boolean): Promise<ByteSink> {
  refuseExisting(path, { force });
  const file = await createAtomicFile(path, { force });
  return {
    write: async (bytes) => {
      await file.write(bytes);
      return true;
    },
    finish: () => file.commit(),
    abort: () => file.abort(),
  };
}

function standardOutput(output: StandardOutput): ByteSink {
  return {
    // The stream keeps what it cannot hand on at once, so it gets a copy.
    write: (bytes) => output.write(new Uint8Array(bytes)),
    finish: async () => {},
    abort: async () => {},
  };
}

function zstdSink(sink: ByteSink): ByteSink {
  const zstd = createZstdCompress({ params: { [constants.ZSTD_c_checksumFlag]: 1 } });
  let isOpen = true;
  const pump = (async () => {
    for await (const chunk of zstd) isOpen = await sink.write(chunk as Uint8Array);
  })();
  pump.catch((error: Error) => zstd.destroy(error));
  return {
    write: async (bytes) => {
      if (!zstd.write(new Uint8Array(bytes))) await Promise.race([once(zstd, 'drain'), pump]);
      return isOpen;
    },
    finish: async () => {
      zstd.end();
      await pump;
      await sink.finish();
    },
    abort: async () => {
      zstd.destroy();
      await pump.catch(() => {});
      await sink.abort();
    },
  };
}

/** Gathers small writes into large ones. */
export class BufferedSink {
  readonly #sink: ByteSink;
  readonly #buffer = new Uint8Array(1 << 20);
  #used = 0;
  /** False once there is no reader any more. */
  isOpen = true;

  constructor(sink: ByteSink) {
    this.#sink = sink;
  }

  async write(bytes: Uint8Array): Promise<void> {
    if (this.#used + bytes.length > this.#buffer.length) await this.#flush();
    if (bytes.length > this.#buffer.length) this.isOpen = await this.#sink.write(bytes);
    else {
      this.#buffer.set(bytes, this.#used);
      this.#used += bytes.length;
    }
  }

  async finish(): Promise<void> {
    await this.#flush();
    await this.#sink.finish();
  }

  abort(): Promise<void> {
    return this.#sink.abort();
  }

  async #flush(): Promise<void> {
    if (this.#used > 0) this.isOpen = await this.#sink.write(this.#buffer.subarray(0, this.#used));
    this.#used = 0;
  }
}
