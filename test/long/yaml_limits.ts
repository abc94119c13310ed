import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { test } from 'node:test';
import {
  configText,
  defaultRuntimeConfig,
  parseExperimentSpec,
  parseRuntimeConfig,
  parseYaml,
} from '../../src/config/index.ts';
import { parsePipelineSpec } from '../../src/config/pipeline_spec.ts';
import { SpymasterError } from '../../src/errors.ts';

function refusal(run: () => unknown): SpymasterError {
  try {
    run();
  } catch (error) {
    if (error instanceof SpymasterError) return error;
    throw error;
  }
  throw new Error('accepted');
}

const parseError = (text: string) => {
  const error = refusal(() => parseYaml(text, 'x.yaml'));
  equal(error.code, 'CONFIG_PARSE');
  return error.message;
};
const lines = (count: number, line: (i: number) => string) =>
  Array.from({ length: count }, (_, i) => line(i)).join('\n');

test('keys, parts and levels are counted before anything is built of them', () => {
  const keys = (count: number) => lines(count, (i) => `k${i}: ${i}`);
  equal(Object.keys(parseYaml(keys(20_000), 'f').value as object).length, 20_000);
  equal(parseError(keys(20_001)), 'Cannot parse x.yaml: it holds 20,001 keys; at most 20,000 are read.');
  match(parseError(keys(300_000)), /it holds 300,000 keys; at most 20,000/);
  match(parseError(`{${lines(25_000, (i) => `"k${i}": 1,`)}}`), /it holds 25,000 keys; at most 20,000/);
  match(parseError(`a: [${'1,'.repeat(100_000)}]`), /it has 300,\d{3} keys, values, marks, .*; at most 200,000/);
  match(parseError('#\n'.repeat(120_000)), /it has 240,\d{3} keys, values.*; at most 200,000/);
  deepEqual(parseYaml('["::", ":", a:b]', 'f').value, ['::', ':', 'a:b']);

  const nested = (levels: number) => `${'['.repeat(levels)}${']'.repeat(levels)}`;
  ok(Array.isArray(parseYaml(nested(64), 'f').value));
  match(parseError(nested(65)), /x\.yaml:1:65: more than 64 levels, one in another/);
  const blocks = (levels: number) => lines(levels, (i) => `${' '.repeat(i)}a:`);
  ok(parseYaml(blocks(64), 'f').value);
  match(parseError(blocks(66)), /more than 64 levels/);
  match(parseError('- '.repeat(100)), /more than 64 levels/);
});

/** Texts at the limits that cost a naive reader the square of their length. */
test('every text below the limits is answered', () => {
  const all = [
    '['.repeat(50_000),
    ']'.repeat(50_000),
    `[${','.repeat(50_000)}]`,
    '&a '.repeat(25_000),
    '!a '.repeat(25_000),
    '---\n'.repeat(50_000),
    '%a\n'.repeat(25_000),
    `a: &a 1\nb: [${'*a,'.repeat(50_000)}]`,
    `a: &a {${lines(9000, (i) => ` k${i}: 1,`)} }\nb: {<<: [${'*a,'.repeat(30_000)}]}`,
    `[${lines(15_000, (i) => ` &a${i} 1,`)}${lines(15_000, (i) => ` *a${i},`)}]`,
    `${'k'.repeat(4_000_000)}: 1`,
  ];
  for (const text of all) {
    try {
      parseYaml(text, 'f');
    } catch (error) {
      ok(error instanceof SpymasterError && error.code === 'CONFIG_PARSE', String(error));
    }
  }
});

test('an error tells its first problems and counts the others', () => {
  const { value, origin } = parseYaml(
    lines(20_000, (i) => `${i === 7 ? `? ${'x'.repeat(3_000_000)}\n` : `k${i}`}: 1`),
    'x.yaml',
  );
  const error = refusal(() => parsePipelineSpec(value, origin));
  const told = error.message.split('\n');
  equal(told.length, 21);
  // Three keys are missing, too.
  equal(told.at(-1), '  and 19,983 more');
  match(error.message, /x\.yaml:2:1: unknown key "k1"/);
  ok(error.message.length < 10_000);
  equal((error.fields.problems as string[]).length, 21);
});

test('merge keys are merged, own keys win, and errors point at the line that says it', () => {
  const text = 'base: &base {a: 1, b: 2}\nx: {<<: *base, b: 3}\ny:\n  b: 4\n  <<: [{c: 5, a: 6}, *base]\nz: *base\n';
  const { value, origin } = parseYaml(text, 'f');
  const base = { a: 1, b: 2 };
  deepEqual(value, { base, x: { a: 1, b: 3 }, y: { b: 4, c: 5, a: 6 }, z: base });
  deepEqual(origin.locate(['x', 'a']), { line: 1, column: 17 });
  deepEqual(origin.locate(['x', 'b'], true), { line: 2, column: 16 });
  deepEqual(origin.locate(['y', 'c']), { line: 5, column: 12 });
  deepEqual(origin.locate(['z', 'b'], true), { line: 1, column: 20 });
  deepEqual(parseYaml('{"<<": 1}', 'f').value, { '<<': 1 });
  match(parseError('a: {<<: 1}'), /x\.yaml:1:9: "<<" merges maps: give it an alias of one, or a list of them/);
  match(parseError('a: {<<: {b: 1}, <<: {c: 1}}'), /x\.yaml:1:17: the key "<<" is given twice/);
  match(parseError('a: &a {b: *a}'), /x\.yaml:1:11: the alias \*a stands within its own anchor/);
  match(parseError('a: *b'), /x\.yaml:1:4: the alias \*b has no anchor &b before it/);
});

test('a text that YAML takes for something else is shown as it was written, with its quotes', () => {
  const withSymbol = (written: string) => {
    const text = lines(1, () => JSON.stringify({ ...defaultRuntimeConfig, symbol: '@' }).replace('"@"', written));
    const { value, origin } = parseYaml(text, 'i.yaml');
    return refusal(() => parseRuntimeConfig(value, origin)).message;
  };
  for (const [written, read] of [
    ['TRUE', 'true'],
    ['True', 'true'],
    ['NULL', 'null'],
    ['6E5', '600000'],
    ['0x1F', '31'],
    ['0o17', '15'],
    ['1.50', '1.5'],
    ['007', '7'],
  ] as const) {
    const at = `symbol is ${read}; write it in quotes: "${written}".`;
    ok(withSymbol(written).endsWith(at), withSymbol(written));
  }
  // Quotes would not help.
  for (const written of ['~', '-5', '[A]', '"a/b"', '"TRUE/"']) {
    match(withSymbol(written), /symbol is .*; allowed: an instrument symbol/);
  }
  // What YAML 1.2 reads as text needs none.
  for (const written of ['ON', 'yes', '1_000', 'N']) {
    const text = JSON.stringify({ ...defaultRuntimeConfig, symbol: '@' }).replace('"@"', written);
    equal(parseRuntimeConfig(parseYaml(text, 'i').value, 'i').symbol, written);
  }
});

test('what may be a number, too, is not told to be quoted', () => {
  const experiment = 'name: 5\nserving: s\neval: {tp_ticks: 1, sl_ticks: 1, max_hold_bins: 1}\n';
  const told = (text: string) => {
    const { value, origin } = parseYaml(`${experiment}${text}`, 'e.yaml');
    return refusal(() => parseExperimentSpec(value, origin)).message;
  };
  match(
    told('sweep: {per_signal: {ads: {d: [1e999]}}}'),
    /d\[0\] is Infinity; allowed: a number, a text, true or false/,
  );
  match(told('serving_: 1'), /e\.yaml:1:7: name is 5; write it in quotes: "5"/);
});

test('a key __proto__ is refused where keys are free, too', () => {
  const text = 'name: e\nserving: s\neval: {tp_ticks: 1, sl_ticks: 1, max_hold_bins: 1}\nsweep: {per_signal: ';
  for (const [rest, at] of [
    ['{__proto__: {d: [1]}}}', /e\.yaml:4:22: unknown key "sweep\.per_signal\.__proto__"; this name is not allowed/],
    ['{ads: {__proto__: [1]}}}', /e\.yaml:4:28: unknown key "sweep\.per_signal\.ads\.__proto__"; this name is not/],
  ] as const) {
    const { value, origin } = parseYaml(`${text}${rest}`, 'e.yaml');
    match(refusal(() => parseExperimentSpec(value, origin)).message, at);
  }
});

test('keys with names of JavaScript are unknown keys like others', () => {
  for (const key of ['__proto__', 'constructor', 'toString', 'hasOwnProperty', '<<<']) {
    const { value, origin } = parseYaml(`{"${key}": {"symbol": "A"}}`, 'x.yaml');
    deepEqual(Object.keys(value as object), [key]);
    match(refusal(() => parseRuntimeConfig(value, origin)).message, new RegExp(`x.yaml:1:2: unknown key "${key}"`));
  }
  equal((parseYaml('{"__proto__": {"polluted": 1}}', 'f').value as { polluted?: number }).polluted, undefined);
  equal(({} as { polluted?: number }).polluted, undefined);
});

test('sentences about syntax name nothing of the parser', () => {
  match(parseError('a: ]'), /x\.yaml:1:4: unexpected "\]"/);
  match(parseError('? [a]\n: 1'), /a key must be a text/);
  match(parseError('a: !!binary x y'), /x\.yaml:1:4: the tag "!!binary" does not fit or is not known; leave it out/);
  match(parseError('a: "b'), /x\.yaml:1:6: missing closing "quote/);
  const texts = [
    ...['['.repeat(5000), '- '.repeat(5000), 'a: 1\n---\nb: 1', '{a: 1}}', '- a\nb: 1', 'a: b: c', '[a', '{', '"', '@'],
    ...['a:\n\t- 1', '%YAML 9\n---\na', '? a\n? [b]: c', 'a: |x\n', '&a &b c', '*', '!<x', 'a: "\\q"', '- - a\n -b'],
  ];
  for (const text of texts) {
    const message = (() => {
      try {
        parseYaml(text, 'x.yaml');
        return '';
      } catch (error) {
        ok(error instanceof SpymasterError, String(error));
        return error.message;
      }
    })();
    ok(!/call stack|YAML\.|stringKeys|token|flow-|node|undefined|seq-/i.test(message), message);
  }
});

test('a configuration is UTF-8, with or without a mark', () => {
  const bytes = (text: string, ...before: number[]) => new Uint8Array([...before, ...new TextEncoder().encode(text)]);
  const utf16 = (text: string, ...before: number[]) =>
    new Uint8Array([...before, ...[...text].flatMap((letter) => [letter.charCodeAt(0), 0])]);
  equal(configText(bytes('a: é', 0xef, 0xbb, 0xbf), 'f'), 'a: é');
  equal(configText(bytes(''), 'f'), '');
  const told = (input: Uint8Array) => refusal(() => configText(input, 'x.yaml')).message;
  const expected = (found: string) => `Cannot parse x.yaml: expected UTF-8, got ${found}; save it as UTF-8.`;
  equal(told(utf16('a: 1', 0xff, 0xfe)), expected('UTF-16'));
  equal(told(utf16('a: 1')), expected('UTF-16'));
  equal(told(new Uint8Array([0xfe, 0xff, 0, 0x61])), expected('UTF-16'));
  equal(told(new Uint8Array([0xff, 0xfe, 0, 0, 0x61, 0, 0, 0])), expected('UTF-32'));
  equal(told(new Uint8Array([...bytes('a: 1\nb: '), 0xe9, 0x0a])), expected('other bytes in line 2'));
  equal(told(new Uint8Array([...bytes('a: 1\n'), 0xc3])), expected('other bytes in line 2'));
});
