import { constants, openSync, statSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { writeError } from './write_error.ts';

/** A file under construction: invisible before `commit`, and gone after `abort`. */
export interface AtomicFile {
  /** Name that the file bears until it is committed; a device or FIFO has no other than its own. */
  readonly temporaryPath: string;
  /** Bytes written so far. */
  readonly bytesWritten: number;
  /** Appends bytes, which may be reused once the promise is fulfilled; one write at a time. */
  write(bytes: Uint8Array): Promise<void>;
  /** Makes the file durable and gives it its name. */
  commit(): Promise<void>;
  /** Removes what was written; does nothing after `commit`. What a device or FIFO took stays there. */
  abort(): Promise<void>;
}

/** How often a FIFO without a reader is looked at again. */
const readerPollMs = 50;

/** Opens a device or FIFO, waiting for a FIFO's reader. Throws LAKE_NOT_WRITABLE, and AbortError when the signal aborts. */
export async function openOutputStream(path: string, signal: AbortSignal | undefined): Promise<AtomicFile> {
  for (;;) {
    signal?.throwIfAborted();
    try {
      if (!statSync(path).isFIFO()) return await device(path);
      // A blocking open would hold a thread that nothing can end before a reader comes.
      return fifo(path, openSync(path, constants.O_WRONLY | constants.O_NONBLOCK));
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code !== 'ENXIO' || !statSync(path).isFIFO()) throw writeError(path, cause);
    }
    await pause(readerPollMs, undefined, signal === undefined ? {} : { signal });
  }
}

async function device(path: string): Promise<AtomicFile> {
  const file = await open(path, constants.O_WRONLY);
  let bytesWritten = 0;
  return {
    temporaryPath: path,
    get bytesWritten() {
      return bytesWritten;
    },
    write: async (bytes) => {
      try {
        for (let at = 0; at < bytes.length; ) at += (await file.write(bytes, at)).bytesWritten;
      } catch (cause) {
        throw writeError(path, cause);
      }
      bytesWritten += bytes.length;
    },
    commit: () => file.close(),
    abort: () => file.close(),
  };
}

/** A FIFO is written by the event loop, so that a slow reader holds up no thread. */
function fifo(path: string, fd: number): AtomicFile {
  const socket = new Socket({ fd, readable: false, writable: true });
  // Each write reports its own failure.
  socket.on('error', () => {});
  let bytesWritten = 0;
  const close = (end: () => void) =>
    new Promise<void>((done) => {
      if (socket.destroyed) return done();
      socket.once('close', () => done());
      end();
    });
  return {
    temporaryPath: path,
    get bytesWritten() {
      return bytesWritten;
    },
    write: async (bytes) => {
      await new Promise<void>((done, fail) => {
        socket.write(bytes, (cause) => (cause ? fail(writeError(path, cause)) : done()));
      });
      bytesWritten += bytes.length;
    },
    commit: () => close(() => socket.end(() => socket.destroy())),
    abort: () => close(() => socket.destroy()),
  };
}
