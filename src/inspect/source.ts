import type { Metadata } from '../dbn/index.ts';
import { SpymasterError } from '../errors.ts';
import { type ByteInput, type DbnInput, openDbnInput, openFileBytes, openRecords } from '../files/index.ts';
import type { InputOptions } from './tool_options.ts';

export type Input = DbnInput;

/**
 * Opens a file, or standard input for `-`, and upgrades what it reads when asked to.
 *
 * Throws what `openDbn` throws, with the path; FILE_NOT_FOUND and FILE_UNREADABLE.
 */
export async function openInput(path: string, { fragment, tsOut, upgrade }: InputOptions): Promise<Input> {
  return await openDbnInput(path === '-' ? standardInput() : await openFileBytes(path), {
    fragment: fragment ?? false,
    tsOut: tsOut ?? false,
    ...(upgrade !== undefined && { upgrade }),
  });
}

/** The same for a reader that takes a live recording as far as it goes: that may still grow, or end within a record. */
export async function openAsItIs(path: string, { fragment }: Pick<InputOptions, 'fragment'>): Promise<Input> {
  return path === '-' || fragment === true
    ? await openInput(path, fragment ? { fragment } : {})
    : await openRecords(path);
}

function standardInput(): ByteInput {
  if (process.stdin.isTTY === true) {
    throw new SpymasterError('USAGE', 'Expected a file name, or DBN data on standard input, got a terminal.');
  }
  const input: AsyncIterable<Uint8Array> = process.stdin;
  let bytesRead = 0;
  async function* counted(): AsyncGenerator<Uint8Array, void, undefined> {
    for await (const chunk of input) {
      bytesRead += chunk.length;
      yield chunk;
    }
  }
  return {
    name: 'standard input',
    source: counted(),
    sizeBytes: null,
    get bytesRead() {
      return bytesRead;
    },
    close: async () => {},
  };
}

/** The metadata of an input that must have one. */
export function requireMetadata(input: Input, why: string): Metadata {
  if (input.metadata !== null) return input.metadata;
  throw new SpymasterError('USAGE', `Cannot ${why} ${input.name}: a fragment has no metadata.`);
}
