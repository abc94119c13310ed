import { createHash } from 'node:crypto';
import { closeSync, fsyncSync, openSync, writeSync } from 'node:fs';
import { parentPort } from 'node:worker_threads';
import parquet from 'parquet-wasm';
import { assert } from '../errors.ts';
import type { ParquetReply, ParquetRequest, WrittenFile } from './parquet_thread.ts';

/*
 * The Parquet thread: turns Arrow batches into Parquet files. A batch is copied into WebAssembly memory and its buffer goes
 * back to the sender at once; row groups are compressed and written as they fill, so memory stays bounded.
 */

/** A file under construction; batches wait here until the encoder pulls them. */
class OpenFile {
  readonly #id: number;
  readonly #waiting: { buffer: ArrayBuffer; byteLength: number }[] = [];
  #isComplete = false;
  #wake: (() => void) | null = null;

  constructor(id: number) {
    this.#id = id;
  }

  push(buffer: ArrayBuffer, byteLength: number): void {
    this.#waiting.push({ buffer, byteLength });
    this.#wake?.();
  }

  complete(): void {
    this.#isComplete = true;
    this.#wake?.();
  }

  /** Writes the file; fulfilled when it is durable. */
  async write(path: string, properties: parquet.WriterProperties): Promise<WrittenFile> {
    const file = openSync(path, 'wx');
    const hash = createHash('sha256');
    let fileBytes = 0;
    try {
      const first = await this.#nextTable();
      assert(first !== null, 'a file gets at least one batch');
      for await (const chunk of await this.#encode(first, properties)) {
        for (let at = 0; at < chunk.length; ) at += writeSync(file, chunk, at);
        fileBytes += chunk.length;
        hash.update(chunk);
      }
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    return { fileBytes, sha256: hash.digest('hex') };
  }

  /** The bytes of the file; a table without rows has no batch, which the stream encoder would wait for. */
  async #encode(
    first: parquet.Table,
    properties: parquet.WriterProperties,
  ): Promise<AsyncIterable<Uint8Array> | Uint8Array[]> {
    if (first.numBatches === 0) return [parquet.writeParquet(first, properties)];
    const source = new ReadableStream<parquet.RecordBatch>(
      {
        start: (controller) => enqueue(controller, first),
        pull: async (controller) => {
          const table = await this.#nextTable();
          if (table === null) controller.close();
          else enqueue(controller, table);
        },
      },
      { highWaterMark: 0 },
    );
    return (await parquet.transformParquetStream(source, properties)) as ReadableStream<Uint8Array>;
  }

  /** The next batch, copied into WebAssembly memory; null behind the last. */
  async #nextTable(): Promise<parquet.Table | null> {
    while (this.#waiting.length === 0 && !this.#isComplete) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    const next = this.#waiting.shift();
    if (next === undefined) return null;
    const table = parquet.Table.fromIPCStream(new Uint8Array(next.buffer, 0, next.byteLength));
    reply({ type: 'returned', id: this.#id, buffer: next.buffer }, [next.buffer]);
    return table;
  }
}

function enqueue(controller: ReadableStreamDefaultController<parquet.RecordBatch>, table: parquet.Table): void {
  for (const batch of table.recordBatches()) controller.enqueue(batch);
  table.free();
}

/**
 * Zstd throughout; no dictionaries (three times slower, and larger, on these columns); minima and maxima only for the
 * columns that queries select ranges of.
 */
function writerProperties(rowGroupRows: number, rangeColumns: readonly string[]): parquet.WriterProperties {
  let builder = new parquet.WriterPropertiesBuilder()
    .setCompression(parquet.Compression.ZSTD)
    .setCreatedBy('spymaster')
    .setDictionaryEnabled(false)
    .setMaxRowGroupSize(rowGroupRows)
    .setStatisticsEnabled(parquet.EnabledStatistics.None);
  for (const column of rangeColumns) {
    builder = builder.setColumnStatisticsEnabled(column, parquet.EnabledStatistics.Chunk);
  }
  return builder.build();
}

function reply(message: ParquetReply, transfer: ArrayBuffer[] = []): void {
  parentPort?.postMessage(message, transfer);
}

const files = new Map<number, OpenFile>();

parentPort?.on('message', (request: ParquetRequest) => {
  const { id } = request;
  if (request.type === 'create') {
    const file = new OpenFile(id);
    files.set(id, file);
    file
      .write(request.path, writerProperties(request.rowGroupRows, request.rangeColumns))
      .then((written) => reply({ type: 'finished', id, written }))
      .catch((cause: unknown) => {
        const { code, message } =
          cause instanceof Error ? (cause as NodeJS.ErrnoException) : { code: '', message: String(cause) };
        reply({ type: 'failed', id, code: code ?? '', message });
      })
      .finally(() => files.delete(id));
  } else if (request.type === 'batch') files.get(id)?.push(request.buffer, request.byteLength);
  else files.get(id)?.complete();
});
