import { ok } from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ErrorCode, SpymasterError } from '../../src/errors.ts';

/** Draws numbers in [0, 1). */
export type Random = () => number;

/** A part of the product that reads bytes or text of others. An input alone decides how reading it ends. */
export interface Target {
  /** Sound inputs, and such as once failed; mutation starts from them. */
  readonly corpus: readonly Uint8Array[];
  /** Error codes that an input may end in. */
  readonly codes: readonly ErrorCode[];
  /** An input: one of the corpus, changed. */
  mutate(random: Random): Uint8Array;
  /**
   * Reads an input, and gives one word for how that ended. @throws SpymasterError for an input that is refused, any other
   * error for a defect
   */
  read(input: Uint8Array): string | Promise<string>;
  close?(): void | Promise<void>;
}

/** Makes a target; `kept` are the inputs of its corpus folder, `folder` an empty folder to work in. */
export type MakeTarget = (kept: readonly Uint8Array[], folder: string) => Target | Promise<Target>;

/** Longest input that is made. */
export const maxInputBytes = 128 * 1024;
/** Longest message of an error that still counts as a sentence: it may list every wrong key of a file. */
const maxMessageLength = 30_000;

/** Reads an input and says how that ended: a word of the target, or the code of the error. @throws for a defect */
export async function outcomeOf(target: Target, input: Uint8Array): Promise<string> {
  try {
    return await target.read(input);
  } catch (error) {
    if (!(error instanceof SpymasterError)) throw error;
    const { code, message } = error;
    ok(target.codes.includes(code), `${code} is no code of this target: ${message}`);
    ok(message.length <= maxMessageLength, `a message of ${message.length} characters`);
    // More of what is wrong may follow in lines of their own.
    ok(message.split('\n  also ')[0]?.endsWith('.'), `the message ends like a sentence: ${message}`);
    return code;
  }
}

/** The files of a corpus folder, by name; none where there is no such folder. */
export function keptInputs(folder: string): Uint8Array[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .sort()
    .map((name) => new Uint8Array(readFileSync(join(folder, name))));
}
