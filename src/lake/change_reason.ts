import { SpymasterError } from '../errors.ts';

/** Longest reason of a change, in characters. */
export const maxReasonLength = 500;

/** The reason of a change as it is stored, one line. Throws USAGE for one that is empty, too long, or not plain text. */
export function checkedReason(text: string): string {
  const reason = text.trim().replaceAll(/\s+/g, ' ');
  const isPlain = !/\p{Cc}/u.test(reason);
  if (reason !== '' && reason.length <= maxReasonLength && isPlain) return reason;
  throw new SpymasterError(
    'USAGE',
    `Cannot use this reason: expected 1 to ${maxReasonLength} characters of plain text, got ${reason.length === 0 ? 'none' : isPlain ? reason.length : 'control characters'}.`,
    { key: 'reason' },
  );
}
