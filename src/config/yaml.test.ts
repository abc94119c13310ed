import { deepEqual, equal, match, ok, throws } from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { SpymasterError } from '../errors.ts';
import { canonicalJson, contentHash, formatYaml, nearest, type Plain, parseYaml, sha256Hex } from './index.ts';

test('clock times and dates stay text', () => {
  deepEqual(parseYaml('a: 09:30\nb: 2026-02-06\n', 'f').value, { a: '09:30', b: '2026-02-06' });
});

test('syntax errors and double keys point at file, line and column', () => {
  const at = (text: string) => {
    try {
      parseYaml(text, 'x.yaml');
    } catch (error) {
      ok(error instanceof SpymasterError && error.code === 'CONFIG_PARSE', String(error));
      return error.message;
    }
    throw new Error('accepted');
  };
  match(at('a: 1\nb: [1, 2\n'), /^Cannot parse x\.yaml:\d+:\d+: /);
  match(at('a: 1\na: 2\n'), /x\.yaml:2:1: the key "a" is given twice/);
  match(at('a: 1\n---\nb: 2\n'), /x\.yaml:2:1: a second document starts here; keep one/);
  match(at('a: !!js/function x\n'), /x\.yaml:1:4/);
});

test('alias bombs are refused in bounded time and memory', () => {
  const lines = ['a0: &a0 [x, x, x, x, x, x, x, x, x]'];
  for (let i = 1; i < 12; i++)
    lines.push(
      `a${i}: &a${i} [${Array(9)
        .fill(`*a${i - 1}`)
        .join(', ')}]`,
    );
  throws(() => parseYaml(lines.join('\n'), 'bomb.yaml'), {
    code: 'CONFIG_PARSE',
    message: /aliases expand to too much/,
  });
  throws(() => parseYaml('['.repeat(100_000), 'deep.yaml'), { code: 'CONFIG_PARSE' });
});

test('any text is parsed or refused with a typed error', () => {
  const snippets = fc.array(
    fc.constantFrom('a: 1\n', '- ', '{', '}', '[', '*a', '&a ', '"', "'", '|\n', '\t', '? ', '!', '%', '\u0000'),
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string({ unit: 'binary' }),
        snippets.map((parts) => parts.join('')),
      ),
      (text) => {
        try {
          parseYaml(text, 'f');
        } catch (error) {
          ok(error instanceof SpymasterError && error.code === 'CONFIG_PARSE', String(error));
        }
      },
    ),
    { numRuns: 150 },
  );
});

const plain = fc.jsonValue({ maxDepth: 3 }) as fc.Arbitrary<Plain>;

test('YAML that is written reads back as the same value', () => {
  fc.assert(
    fc.property(plain, (value) => {
      equal(canonicalJson(parseYaml(formatYaml(value), 'f').value), canonicalJson(value));
    }),
    { numRuns: 200 },
  );
});

test('canonical JSON ignores key order and keeps everything else', () => {
  equal(canonicalJson({ b: [1, 'é', null], a: { d: 1e21, c: -0.5 } }), '{"a":{"c":-0.5,"d":1e+21},"b":[1,"é",null]}');
  equal(canonicalJson({ a: undefined, b: 1 }), '{"b":1}');
  throws(() => canonicalJson({ a: Number.NaN }), /finite/);
  fc.assert(
    fc.property(plain, (value) => deepEqual(JSON.parse(canonicalJson(value)), JSON.parse(JSON.stringify(value)))),
  );
});

test('hashes are SHA-256', () => {
  equal(sha256Hex('abc'), 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  equal(contentHash({ b: 1, a: 2 }, 8), sha256Hex('{"a":2,"b":1}').slice(0, 8));
});

test('the nearest key counts edits and swaps', () => {
  equal(nearest('tau_jrek', ['tau_velocity', 'tau_jerk', 'tick_size']), 'tau_jerk');
  equal(nearest('Tick_Size', ['tau_velocity', 'tau_jerk', 'tick_size']), 'tick_size');
  equal(nearest('x', []), null);
});
