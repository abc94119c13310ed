import { type Growth, watchedGrowth } from '../../files/index.ts';
import type { WriteLogReader } from './write_log.ts';

/** How long a reader waits for a word from the writer before it looks at the file all the same. */
const lookMs = 100;

/**
 * The growth of a file whose writer is a thread of this process: its readers go on as soon as it has written, where `pollingGrowth`
 * looks every few milliseconds.
 */
export function announcedGrowth(path: string, writes: WriteLogReader, isEnded: () => boolean): Growth {
  return watchedGrowth(path, {
    isEnded,
    look: () => {
      const { count, sizeBytes } = writes;
      return { knownBytes: sizeBytes, wait: () => writes.grown(count, lookMs) };
    },
  });
}
