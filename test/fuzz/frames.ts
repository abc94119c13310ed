import { equal } from 'node:assert/strict';
import { gridColumns } from '../../src/engine/index.ts';
import { SpymasterError } from '../../src/errors.ts';
import { createGridFrameDecoder, createWireFrame } from '../../src/wire/index.ts';
import { seeded } from '../helpers/seeded.ts';
import { mutateBytes, seedOf } from './mutate.ts';
import type { Target } from './target.ts';

const radii = [1, 5, 10];

/** Binary grid frames, of several sizes. */
export function makeTarget(kept: readonly Uint8Array[]): Target {
  const decoders = radii.map((radius) => ({ radius, decode: createGridFrameDecoder(2 * radius + 1) }));
  const corpus = [...radii.map(frameOf), ...kept];
  return {
    corpus,
    codes: ['PROTOCOL'],
    mutate: (random) => mutateBytes(random, corpus),
    read: (input) => {
      let refused: SpymasterError | null = null;
      let read = 0;
      for (const { radius, decode } of decoders) {
        try {
          const { columns } = decode(placed(input));
          for (const [name] of gridColumns) equal(columns[name].length, 2 * radius + 1);
          read++;
        } catch (error) {
          if (!(error instanceof SpymasterError)) throw error;
          refused = error;
        }
      }
      if (read === 0 && refused !== null) throw refused;
      equal(read, 1, 'a frame has one size');
      return 'read';
    },
  };
}

/** A frame of random numbers. */
function frameOf(radius: number): Uint8Array {
  const random = seeded(radius);
  const { bytes, columns } = createWireFrame(radius);
  for (const [name, type] of gridColumns) {
    const column = columns[name];
    for (let row = 0; row < column.length; row++) {
      if (name === 'k') column[row] = row - radius;
      else column[row] = type === 'int64' ? BigInt(row) : Math.floor(random() * 100);
    }
  }
  return bytes.slice();
}

/** The bytes where a message may have them: at the start of their memory, or anywhere. */
function placed(input: Uint8Array): Uint8Array<ArrayBuffer> {
  const at = seedOf(input) % 3 === 0 ? seedOf(input) % 16 : 0;
  const memory = new Uint8Array(at + input.length);
  memory.set(input, at);
  return memory.subarray(at);
}
