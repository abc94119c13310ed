import { pick } from '../helpers/seeded.ts';
import { below, changeCount, mutateBytes } from './mutate.ts';
import type { Random } from './target.ts';

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** Values at the edges of what fields hold. */
const edgeValues: readonly Json[] = [
  ...[null, true, false, 0, -0, -1, 1, 2, 0.1, 0.25, 100, 1e9, 1e15, 1e300, -1e300, 5e-324, 2 ** 31, 2 ** 32, 2 ** 53],
  ...['', ' ', '0', '1', '-1', '0x10', '1e3', 'NaN', 'Infinity', 'null', 'true', 'max', '__proto__', 'constructor'],
  ...['a'.repeat(300), '\u0000', '\ud800', '\ufeff', '../..', '/', 'é', '日本', '\u202e', "'; --"],
  ...['2026-02-06', '2026-02-30', '0000-00-00', '2026-03-08', '09:30', '24:00', '25:61', '09:30:00', '02:30'],
  ...['9223372036854775807', '9223372036854775808', '18446744073709551615', '-9223372036854775808'],
  [],
  {},
  [null],
  [[]],
  [0, -1],
  ['a', 'a'],
  { a: 1 },
  JSON.parse('{"__proto__": 1}') as Json,
];

/** Pieces of JSON text, sound and not. */
const tokens: readonly string[] = [
  ...['{', '}', '[', ']', ',', ':', '"', '\\', '\\u', '\\ud800', '\n', '\ufeff', '\u0000', '\u2028'],
  ...['NaN', 'Infinity', '1e999', '-', '+1', '01', '.5', 'null', 'true', '//', '/*', "'"],
  '['.repeat(20_000),
  '{"a":'.repeat(10_000),
  `${'['.repeat(5_000)}${']'.repeat(5_000)}`,
];

/** JSON text of one of the values, changed in its structure, in its text, or in its bytes. */
export function mutateJson(random: Random, corpus: readonly string[]): string {
  let text = pick(random, corpus);
  const how = random();
  if (how < 0.7) {
    const value = parsed(text);
    if (value !== undefined) text = JSON.stringify(changed(random, value, corpus));
  }
  if (how >= 0.55 && how < 0.85) text = withToken(random, text, tokens);
  if (how >= 0.8) text = new TextDecoder().decode(mutateBytes(random, [new TextEncoder().encode(text)]));
  return text;
}

/** A value after a few changes. */
export function changed(random: Random, value: Json, corpus: readonly string[] = []): Json {
  let made = value;
  for (let left = changeCount(random); left > 0 && partsOf(made, mostParts) > 0; left--)
    made = changeOne(random, made, corpus);
  return made;
}

/** Parts of a value that is changed further: changes may repeat what was repeated before. */
const mostParts = 10_000;

/** What is left of a number of parts when those of a value are taken off; 0 or less where it has as many. */
function partsOf(value: Json, left: number): number {
  let rest = left - 1;
  if (value === null || typeof value !== 'object') return rest;
  for (const inner of Object.values(value) as Json[]) {
    if (rest <= 0) break;
    rest = partsOf(inner, rest);
  }
  return rest;
}

/** A text with pieces of the dictionary put in, or over something. */
export function withToken(random: Random, text: string, dictionary: readonly string[]): string {
  let made = text;
  for (let left = changeCount(random); left > 0; left--) {
    const at = below(random, made.length + 1);
    const skipped = random() < 0.6 ? 0 : below(random, 8);
    made = made.slice(0, at) + pick(random, dictionary) + made.slice(at + skipped);
  }
  return made;
}

function changeOne(random: Random, value: Json, corpus: readonly string[]): Json {
  const isInner = value !== null && typeof value === 'object' && Object.keys(value).length > 0;
  if (!isInner || random() < 0.05) return replacement(random, value, corpus);
  if (Array.isArray(value)) {
    const list: Json[] = [...value];
    const at = below(random, list.length);
    const how = random();
    if (how < 0.6) list[at] = changeOne(random, list[at]!, corpus);
    else if (how < 0.75) list.splice(at, 1);
    else if (how < 0.95) list.splice(at, 0, list[below(random, list.length)]!);
    else list.push(...new Array<Json>(1 + below(random, 2000)).fill(list[at]!));
    return list;
  }
  const entries: [string, Json][] = Object.entries(value);
  const at = below(random, entries.length);
  const [key, inner] = entries[at]!;
  const how = random();
  if (how < 0.7) entries[at] = [key, changeOne(random, inner, corpus)];
  else if (how < 0.8) entries.splice(at, 1);
  else if (how < 0.9) entries[at] = [oddKey(random, key), inner];
  else entries.push([oddKey(random, key), replacement(random, inner, corpus)]);
  return Object.fromEntries(entries);
}

function replacement(random: Random, value: Json, corpus: readonly string[]): Json {
  const how = random();
  if (typeof value === 'number' && how < 0.4) return value * pick(random, [-1, 0, 2, 0.5, 10, 1000, 1e6, 1e9]);
  if (typeof value === 'string' && how < 0.2) return withToken(random, value, tokens.slice(0, 20));
  if (how > 0.95) return parsed(pick(random, corpus.length > 0 ? corpus : ['{}'])) ?? null;
  if (how > 0.9) return nested(random, value);
  return pick(random, edgeValues);
}

function nested(random: Random, value: Json): Json {
  let made = value;
  for (let left = pick(random, [1, 3, 100]); left > 0; left--) made = random() < 0.5 ? [made] : { a: made };
  return made;
}

function oddKey(random: Random, key: string): string {
  return pick(random, [`${key}s`, key.slice(0, -1), key.toUpperCase(), '', '__proto__', 'toString', 'a'.repeat(100)]);
}

function parsed(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}
