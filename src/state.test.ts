import { deepEqual, equal, throws } from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { SpymasterError } from './errors.ts';
import { StateReader, StateWriter } from './state.ts';

function sample(): Uint8Array {
  const writer = new StateWriter();
  writer.array(Float64Array.of(1.5, Number.NaN, Number.NEGATIVE_INFINITY, -0));
  writer.array(Uint32Array.of(0xffffffff, 1, 2));
  writer.array(Int32Array.of());
  writer.array(Int32Array.of(-7));
  writer.number(1e300);
  return writer.finish();
}

const isStateInvalid = (error: unknown) => error instanceof SpymasterError && error.code === 'STATE_INVALID';

test('written values are read back bit for bit at any alignment', () => {
  for (const offset of [0, 1, 4, 8]) {
    const state = sample();
    const bytes = new Uint8Array(state.length + offset).subarray(offset);
    bytes.set(state);
    const reader = new StateReader(bytes);
    deepEqual([...reader.float64s()], [1.5, Number.NaN, Number.NEGATIVE_INFINITY, -0]);
    deepEqual([...reader.uint32s()], [0xffffffff, 1, 2]);
    equal(reader.int32s().length, 0);
    deepEqual([...reader.int32s()], [-7]);
    equal(reader.number(), 1e300);
  }
});

test('an array may change between its writing and the end, and is then saved as it ended', () => {
  const writer = new StateWriter();
  const values = Float64Array.of(1);
  writer.array(values);
  values[0] = 2;
  equal(new StateReader(writer.finish()).number(), 2);
});

test('a state cut anywhere, with any bit flipped, or longer than it was is STATE_INVALID', () => {
  const state = sample();
  for (let length = 0; length < state.length; length++) {
    throws(() => new StateReader(state.slice(0, length)), isStateInvalid, `cut at ${length}`);
  }
  for (let bit = 0; bit < state.length * 8; bit++) {
    const damaged = state.slice();
    damaged[bit >> 3]! ^= 1 << (bit & 7);
    throws(() => new StateReader(damaged), isStateInvalid, `bit ${bit}`);
  }
  const longer = new Uint8Array(state.length + 8);
  longer.set(state);
  throws(() => new StateReader(longer), isStateInvalid);
});

test('two words with their highest bits flipped are STATE_INVALID', () => {
  const state = sample();
  for (let first = 16; first < state.length; first += 4) {
    for (let second = first + 4; second < state.length; second += 4) {
      const damaged = state.slice();
      damaged[first + 3]! ^= 0x80;
      damaged[second + 3]! ^= 0x80;
      throws(() => new StateReader(damaged), isStateInvalid, `bytes ${first} and ${second}`);
    }
  }
});

test('other items than were written are STATE_INVALID', () => {
  const started = () => {
    const reader = new StateReader(sample());
    reader.float64s();
    return reader;
  };
  throws(() => started().float64s(), isStateInvalid, 'three words are no doubles');
  throws(() => started().end(), isStateInvalid, 'something is left');
  const reader = started();
  for (let item = 0; item < 3; item++) reader.uint32s();
  reader.number();
  reader.end();
  throws(() => reader.number(), isStateInvalid, 'nothing is left');
});

test('bytes that are no state are STATE_INVALID', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200, size: 'max' }), (bytes) => {
      throws(() => new StateReader(bytes), isStateInvalid);
    }),
    { numRuns: 300 },
  );
});
