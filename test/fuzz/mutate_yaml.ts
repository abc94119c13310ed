import { parse, stringify } from 'yaml';
import { pick } from '../helpers/seeded.ts';
import { below, changeCount, mutateBytes } from './mutate.ts';
import { changed, withToken } from './mutate_json.ts';
import type { Random } from './target.ts';

/** Pieces of YAML text, sound and not. */
const tokens: readonly string[] = [
  ...[
    '&a ',
    '*a',
    '<<: *a\n',
    '? ',
    '- ',
    ': ',
    ', ',
    '{',
    '}',
    '[',
    ']',
    '"',
    "'",
    '|\n',
    '>-\n',
    '#',
    '\\',
    '%',
    '@',
  ],
  ...[
    '---\n',
    '...\n',
    '%YAML 1.1\n',
    '!!binary ',
    '!!set ',
    '!!float ',
    '!!str ',
    '!<tag:x> ',
    '\n',
    '\t',
    '  ',
    '\r\n',
  ],
  ...[
    '.nan',
    '.inf',
    '-.inf',
    '0x1F',
    '0o17',
    '1_000',
    '1e400',
    '-0',
    '1e-400',
    '~',
    'yes',
    '09:30',
    '2026-02-06',
    '!',
  ],
  ...['\u0000', '\ufeff', '\u2028', '\ud800', '__proto__: 1\n', 'constructor: {}\n', '"\\x00"', '"\\ud800"'],
  '['.repeat(300),
  '{a: '.repeat(300),
  '- '.repeat(300),
  `a: &a [${'x, '.repeat(9)}x]\nb: &b [${'*a, '.repeat(9)}*a]\nc: &c [${'*b, '.repeat(9)}*b]\nd: [${'*c, '.repeat(9)}*c]\n`,
];

type LineMutator = (lines: string[], at: number, random: Random) => void;

const lineMutators: readonly LineMutator[] = [
  (lines, at) => lines.splice(at, 1),
  (lines, at) => lines.splice(at, 0, lines[at] ?? ''),
  (lines, at, random) => lines.splice(at, 0, pick(random, lines)),
  (lines, at, random) => lines.splice(at, 1, pick(random, lines)),
  (lines, at) => lines.splice(at, 1, `  ${lines[at]}`),
  (lines, at) => lines.splice(at, 1, (lines[at] ?? '').replace(/^ +/, '')),
  (lines, at, random) => lines.splice(at, 1, (lines[at] ?? '').replace(/:.*/, `: ${pick(random, tokens)}`)),
  (lines, at, random) =>
    lines.splice(
      at,
      1,
      (lines[at] ?? '').replace(/[\d.]+/, () => pick(random, numbers)),
    ),
];

const numbers = [
  '0',
  '-1',
  '1',
  '2',
  '3',
  '0.5',
  '1e9',
  '1e300',
  '-1e300',
  '1e-300',
  '99999999999999999999',
  '.nan',
  '.inf',
];

/** YAML text of one of the corpus, changed in its values, its lines, its text, or its bytes. */
export function mutateYaml(random: Random, corpus: readonly string[]): Uint8Array {
  let text = pick(random, corpus);
  const how = random();
  if (how < 0.5) text = written(random, changed(random, parse(text, { logLevel: 'silent' })));
  if (how >= 0.45 && how < 0.75) text = withLines(random, text);
  if (how >= 0.7 && how < 0.9) text = withToken(random, text, tokens);
  const bytes = new TextEncoder().encode(text);
  return how >= 0.88 ? mutateBytes(random, [bytes]) : bytes;
}

function written(random: Random, value: unknown): string {
  return random() < 0.5 ? JSON.stringify(value, null, 2) : stringify(value);
}

function withLines(random: Random, text: string): string {
  const lines = text.split('\n');
  for (let left = changeCount(random); left > 0; left--) {
    pick(random, lineMutators)(lines, below(random, lines.length), random);
    if (lines.length === 0) lines.push('');
  }
  return lines.join('\n');
}
