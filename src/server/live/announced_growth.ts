import { type Growth, sizeOrNull } from '../../files/index.ts';

/** How long a reader waits for a word from the writer before it looks at the file all the same. */
const lookMs = 100;

/** A counter that the writer of a file raises behind each write, and that readers in other threads wait at. */
export type WriteCounter = Int32Array<SharedArrayBuffer>;

export function createWriteCounter(): WriteCounter {
  return new Int32Array(new SharedArrayBuffer(4));
}

/** Says that the file has grown. */
export function announceWrite(counter: WriteCounter): void {
  Atomics.add(counter, 0, 1);
  Atomics.notify(counter, 0);
}

/**
 * The growth of a file whose writer is a thread of this process: its readers go on as soon as it has written, where `pollingGrowth`
 * looks every few milliseconds.
 */
export function announcedGrowth(path: string, counter: WriteCounter, isEnded: () => boolean): Growth {
  return {
    async grownPast(offset) {
      for (;;) {
        // What is written from here on ends the wait below.
        const seen = Atomics.load(counter, 0);
        const hasEnded = isEnded();
        const sizeBytes = await sizeOrNull(path);
        // The compressed file has taken its place.
        if (sizeBytes === null) return 'ended';
        if (sizeBytes !== offset) return 'grown';
        if (hasEnded) return 'ended';
        await Atomics.waitAsync(counter, 0, seen, lookMs).value;
      }
    },
  };
}
