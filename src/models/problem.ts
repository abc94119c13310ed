import { SpymasterError } from '../errors.ts';

/** A model's file that cannot be used: `key` is the place in it, `text` the end of a sentence that says what to do. */
export function modelProblem(file: string, key: string, text: string): SpymasterError {
  return new SpymasterError('MODEL_INVALID', `Cannot use the model ${file}: ${text}.`, { path: file, key });
}

/** A value in an error, cut where it is long. */
export function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length <= 60 ? text : `${text.slice(0, 57)}…`;
}
