import { SpymasterError } from '../../errors.ts';

/** The error of a file of the replaced program that has no form today; `why` is a sentence's part. */
export function refusal(file: string, key: string, why: string): SpymasterError {
  return new SpymasterError('CONFIG_INVALID', `Cannot bring ${file} into today's form: ${why}.`, { path: file, key });
}
