import type { TornTail } from '../files/index.ts';
import { plural } from '../format.ts';

/** What the end of a recording says that nobody writes to. */
export function tornTailSentence({ byteOffset, bytes }: TornTail): string {
  return (
    `the recording ends in ${plural(bytes, 'byte')} at byte ${byteOffset} that are no whole record: its recorder was ` +
    'stopped while it wrote them, and they are left out'
  );
}

/** Said of a file to which a recorder writes now. */
export const recordingGoesOn = 'the file is still being recorded: it was read up to its last whole record';
