import { SpymasterError } from '../../src/errors.ts';
import type { Target } from './target.ts';

/** A target for the tests of the fuzzer: an input is a word that says how reading it ends. */
export function makeTarget(): Target {
  const endings: Readonly<Record<string, () => string>> = {
    read: () => 'read',
    refuse: () => {
      throw new SpymasterError('PROTOCOL', 'Cannot read it: it is refused.');
    },
    'wrong code': () => {
      throw new SpymasterError('PORT_TAKEN', 'Cannot read it: the port is taken.');
    },
    throw: () => {
      throw new TypeError('no such thing');
    },
    spin: () => {
      for (;;);
    },
    bytes: () => `${new Uint8Array(200 << 20).fill(1).at(-1)}`,
    heap: () => {
      const kept: object[] = [];
      for (;;) kept.push({ kept: [kept.length] });
    },
  };
  return {
    corpus: [],
    codes: ['PROTOCOL'],
    mutate: (random) => new TextEncoder().encode(random() < 0.5 ? 'read' : 'refuse'),
    read: (input) => endings[new TextDecoder().decode(input)]?.() ?? 'unknown',
  };
}
