import { deepEqual, ok } from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, extname, join, relative, resolve } from 'node:path';
import { test } from 'node:test';
import { pureRooms } from './helpers/pure_rooms.ts';

const root = resolve(import.meta.dirname, '..');

/** Files below a folder of the repository, without what is installed or built. */
function filesBelow(folder: string, extensions: readonly string[]): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && extensions.includes(extname(entry.name)))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
    .filter((path) => !/(^|\/)(node_modules|dist)\//.test(path))
    .sort();
}

const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const rootPages = readdirSync(root).filter((name) => name.endsWith('.md'));
const pages = [...rootPages, ...filesBelow('docs', ['.md'])];
const sources = ['src', 'web', 'test', 'bench'].flatMap((folder) => filesBelow(folder, ['.ts', '.tsx', '.css']));
const settings = ['configs', 'schemas'].flatMap((folder) => filesBelow(folder, ['.yaml', '.json']));

/** A page without its fenced and indented code. */
const prose = (text: string): string => text.replace(/^```.*?^```/gms, '').replace(/^ {4}.*$/gm, '');

/** Headings of a page, as written. */
function headings(page: string): string[] {
  return [...prose(read(page)).matchAll(/^#+ +(.+?) *$/gm)].map(([, text]) => text ?? '');
}

/** The anchor that a heading gets where Markdown is shown. */
function anchor(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');
}

/** A source as running text: comments that go on over lines are joined. */
const joined = (text: string): string => text.replace(/\n\s*(?:\*|\/\/|#)?\s*/g, ' ');

/** The file that a pointer such as `docs/stream.md`, `model.md` or `../x.md` means; null when there is none. */
function pageNamed(name: string, from: string): string | null {
  const candidates = [join(dirname(from), name), name, join('docs', name)];
  return candidates.find((path) => !path.startsWith('..') && existsSync(join(root, path))) ?? null;
}

test('links between pages lead to files and headings', () => {
  const dangling: string[] = [];
  let links = 0;
  for (const page of pages) {
    for (const [, target = ''] of prose(read(page)).matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^(https?|mailto):/.test(target)) continue;
      links++;
      const [path = '', fragment] = target.split('#');
      const file = path === '' ? page : join(dirname(page), path);
      if (!existsSync(join(root, file))) dangling.push(`${page}: ${target}`);
      else if (fragment !== undefined && !headings(file).map(anchor).includes(fragment)) {
        dangling.push(`${page}: ${target}: no such heading`);
      }
    }
  }
  ok(links > 50, `only ${links} links found`);
  deepEqual(dangling, []);
});

test('pages that code, settings and pages name are there', () => {
  const dangling: string[] = [];
  for (const path of [...sources, ...settings, ...pages]) {
    if (path === 'test/tidy.test.ts') continue;
    for (const [name] of read(path).matchAll(/(?:[\w.-]+\/)*[\w-]+\.md\b/g)) {
      // Inputs of tests that are not part of the repository.
      if (name.startsWith('../shared/')) continue;
      if (pageNamed(name, path) === null) dangling.push(`${path}: ${name}`);
    }
  }
  deepEqual([...new Set(dangling)], []);
});

test('sections that code and pages name are there', () => {
  const dangling: string[] = [];
  let pointers = 0;
  const sectionPattern = /([\w-]+\.md),? (§[\d.]+(?:(?: to |–|, | and )§[\d.]+)*)/g;
  const quotedPattern = /([\w-]+\.md)(?:,? §[\d.]+)?,? ("[^"]+"(?:, "[^"]+")*)/g;
  for (const path of [...sources, ...pages]) {
    if (path === 'test/tidy.test.ts') continue;
    const text = joined(read(path));
    for (const [pointer, name = '', numbers = ''] of text.matchAll(sectionPattern)) {
      for (const [, number = ''] of numbers.matchAll(/§(\d+(?:\.\d+)?)/g)) {
        pointers++;
        if (!hasSection(name, path, number)) dangling.push(`${path}: ${pointer}`);
      }
    }
    for (const [pointer, name = '', titles = ''] of text.matchAll(quotedPattern)) {
      const page = pageNamed(name, path);
      for (const [, title = ''] of titles.matchAll(/"([^"]+)"/g)) {
        pointers++;
        const isThere = page !== null && (headings(page).includes(title) || read(page).includes(`**${title}**`));
        if (!isThere) dangling.push(`${path}: ${pointer}`);
      }
    }
  }
  ok(pointers > 60, `only ${pointers} pointers found`);
  deepEqual(dangling, []);
});

/** Whether a page has the section `4`, or the numbered rule `1.3` in its section 1. */
function hasSection(name: string, from: string, number: string): boolean {
  const page = pageNamed(name, from);
  if (page === null) return false;
  const [section = '', rule] = number.split('.');
  const body = new RegExp(`^## §${section} .*?$(.*?)(?=^## )`, 'ms').exec(`${read(page)}\n## end`);
  return body !== null && (rule === undefined || new RegExp(`^${rule}\\. `, 'm').test(body[1] ?? ''));
}

/** Files that are longer than others may be, and why. */
const longFiles: Readonly<Record<string, string>> = {
  'src/book/book.ts': 'one kernel over one state: each action changes order table, levels and counters together',
  'src/engine/engine.ts': 'one loop over one state: phases, bins and saved state belong together',
  'src/physics/physics.ts': 'one kernel over one state: its loops share private offsets and factors',
};
const maxLines = 400;

test('no file is longer than it needs to be', () => {
  const tooLong = [...filesBelow('src', ['.ts']), ...filesBelow('web', ['.ts', '.tsx', '.css'])]
    .filter((path) => read(path).trimEnd().split('\n').length > maxLines)
    .sort();
  deepEqual(
    tooLong.filter((path) => !(path in longFiles)),
    [],
    `files of more than ${maxLines} lines`,
  );
  deepEqual(
    Object.keys(longFiles).filter((path) => !tooLong.includes(path)),
    [],
    'files that no longer need an exception',
  );
});

/** The components of a TSX file, named with a capital, and how many lines each has; 0 where the end was not found. */
function componentLines(source: string): { name: string; lines: number }[] {
  const lines = source.split('\n');
  return lines.flatMap((line, start) => {
    const [, indent, name] =
      /^( *)(?:export )?(?:default )?(?:function|class|const) ([A-Z]\w*)\b.*[{(]$/.exec(line) ?? [];
    if (indent === undefined || name === undefined) return [];
    const ends = ['}', '};', '});', ');'].map((end) => indent + end);
    return [{ name, lines: lines.slice(start).findIndex((text) => ends.includes(text)) + 1 }];
  });
}
const maxComponentLines = 100;

test('no component is longer than 100 lines', () => {
  const components = filesBelow('web', ['.tsx']).flatMap((path) =>
    componentLines(read(path)).map(({ name, lines }) => ({ at: `${path}: ${name}`, lines })),
  );
  ok(components.length > 60, `only ${components.length} components found`);
  deepEqual(
    components.filter(({ lines }) => lines === 0),
    [],
    'components whose end was not found',
  );
  deepEqual(
    components.filter(({ lines }) => lines > maxComponentLines),
    [],
  );
});

/** Where SQL stands: each table has one place that knows its columns. */
const sqlPlaces = [
  'src/lake/results/',
  'src/lake/dataset_bins.ts',
  'src/lake/dataset_reader.ts',
  'src/lake/registry_',
  'src/lake/serving_registry.ts',
  'src/databento/historical/',
  'src/files/sqlite.ts',
  'src/publish/',
  'src/user_signals/scores/read_scores.ts',
];
const sqlPattern =
  /\b(?:SELECT [\w*$(]|INSERT (?:OR \w+ )?INTO|DELETE FROM|CREATE (?:TEMP |OR |UNIQUE )*(?:TABLE|VIEW|INDEX)|FROM [a-z(]|FROM \$\{)/;

test('SQL stands where its tables are known', () => {
  const files = [...filesBelow('src', ['.ts']), ...filesBelow('web', ['.ts', '.tsx'])];
  const withSql = files.filter((path) => !path.endsWith('.test.ts') && sqlPattern.test(withoutComments(read(path))));
  deepEqual(
    withSql.filter((path) => !sqlPlaces.some((place) => path.startsWith(place))),
    [],
  );
  deepEqual(
    sqlPlaces.filter((place) => !withSql.some((path) => path.startsWith(place))),
    [],
    'places without SQL',
  );
});

test('style sheets take type sizes, corners and layers from web/shared/tokens.css', () => {
  const literal = /^\s*(?:font-size|z-index|border-radius): .*\b[1-9]\d*(?:px)?\b(?!%|\.|em)/;
  const found = filesBelow('web', ['.css'])
    .filter((path) => path !== 'web/shared/tokens.css')
    .flatMap((path) => [...read(path).split('\n').entries()].map(([at, line]) => ({ line, at: `${path}:${at + 1}` })))
    .filter(({ line }) => literal.test(line.replaceAll(/var\(--[\w-]+\)/g, '')));
  deepEqual(
    found.map(({ line, at }) => `${at}: ${line.trim()}`),
    [],
  );
});

/** Names that bring in the clock, chance, the environment or the machine. */
const impureNames = [
  /\bnew Date\(\s*\)/,
  /\b(?:Date|performance)\.now\b/,
  /\bTemporal\.Now\b/,
  /\b(?:setTimeout|setInterval|setImmediate|queueMicrotask|requestAnimationFrame)\b/,
  /\b(?:fetch|XMLHttpRequest|WebSocket|Worker)\(/,
  /\bcrypto\b/,
  /\bMath\.random\b/,
  /\b(?:process|console|globalThis|navigator|localStorage)\./,
  /\bimport\.meta\b/,
  /\btoLocale\w*String\b|\bIntl\./,
];
/** The platform's own may differ in the last bit: `src/elementary.ts` has those that are the same everywhere. */
const inexactNames = /\bMath\.(?:exp|expm1|tanh|sinh|cosh|log|log1p|log2|log10|pow|sin|cos|tan|cbrt|hypot)\b/;
const exactRooms = new Set(['book', 'physics', 'spectrum', 'signals', 'engine', 'synth']);

test('pure rooms know no clock, chance, environment or inexact function', () => {
  const impure: string[] = [];
  for (const room of pureRooms) {
    ok(statSync(join(root, 'src', room)).isDirectory());
    for (const path of filesBelow(join('src', room), ['.ts']).filter((name) => !name.endsWith('.test.ts'))) {
      const code = withoutTexts(read(path));
      const names = [...impureNames, ...(exactRooms.has(room) ? [inexactNames] : [])];
      for (const name of names) {
        const found = name.exec(code);
        if (found !== null) impure.push(`${path}: ${found[0]}`);
      }
    }
  }
  deepEqual(impure, []);
});

function withoutComments(source: string): string {
  return source.replace(/\/\*.*?\*\//gs, '').replace(/(^|\s)\/\/.*$/gm, '$1');
}

/** A source without its comments and plain texts; what stands in `${}` of a template stays. */
function withoutTexts(source: string): string {
  return withoutComments(source).replace(/'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"/g, "''");
}

test('the table "Where is …?" of ARCHITECTURE.md is right', () => {
  const [, section = ''] = read('ARCHITECTURE.md').split('## Where is …?');
  const rows = [...section.split('\n## ')[0]!.matchAll(/^\| (?!Where|---).* \| `(.+?)` \| `(.+?)` \|$/gm)];
  ok(rows.length >= 20, `only ${rows.length} rows`);
  const wrong = rows.filter(([, path, name]) => {
    const declaration = new RegExp(`export (async )?(const|function|class|interface|type) ${name}\\b`);
    return !existsSync(join(root, path!)) || !declaration.test(read(path!));
  });
  deepEqual(
    wrong.map(([row]) => row),
    [],
  );
});

test('no file but its own knows the derivative signal by name', () => {
  const named = sources.filter(
    (path) => !/^(test|bench)\/|\.test\.tsx?$/.test(path) && /['"]derivative['"]/.test(read(path)),
  );
  deepEqual(named, ['src/signals/derivative.ts']);
});

test('words that say too little, or that no engineer would use, stay out', () => {
  const words = /\b(TODO|FIXME|whoever|told of|tells of|patiently|breathe|untold|in its midst|goes home)\b/i;
  const found = [...sources, ...pages]
    .filter((path) => path !== 'test/tidy.test.ts' && path !== 'CHANGELOG.md')
    .flatMap((path) =>
      read(path)
        .split('\n')
        .map((line, i) => ({ line, at: `${path}:${i + 1}` })),
    )
    .filter(({ line }) => words.test(line));
  deepEqual(
    found.map(({ line, at }) => `${at}: ${line.trim()}`),
    [],
  );
});

/** Constants that share name and value by chance: they mean different things, and each may change without the others. */
const unrelatedConstants = ['headerBytes', 'shownNames', 'batchRows', 'maxWaiting', 'keptBytes'];

test('a constant stands once', () => {
  const places = new Map<string, string[]>();
  for (const path of sources.filter((name) => /^(src|web)\//.test(name) && !/\.test\.tsx?$/.test(name))) {
    // Module-level literals; a hot file's own copy of an imported value is none.
    for (const [, name, value] of read(path).matchAll(/^(?:export )?const (\w+)(?:: [^=]+)? = (.*['\d].*);$/gm)) {
      const key = `${name} = ${value}`;
      places.set(key, [...(places.get(key) ?? []), path]);
    }
  }
  ok(places.size > 200, `only ${places.size} constants found`);
  const twins = [...places].filter(([, paths]) => paths.length > 1);
  const names = [...new Set(twins.map(([key]) => key.split(' ')[0]!))];
  deepEqual(
    twins.filter(([key]) => !unrelatedConstants.includes(key.split(' ')[0]!)),
    [],
  );
  deepEqual([...unrelatedConstants].sort(), names.sort(), 'names that no longer stand twice');
});

test('codes and undefined values of DBN stand in src/dbn alone', () => {
  const literals = [
    /\bconst (?:action|sideChar|sideCode|rtype|undefined)\w*(?:: \w+)? = (?:\d|\{ \w+: \d|.*charCodeAt)/,
    /0x7fff_?ffff_?ffff_?ffffn|0xffff_?ffff_?ffff_?ffffn|\b2n \*\* 6[34]n - 1n/i,
    /=== 0x[7f]fff_?ffff\b.*=== 0xffff_?ffff\b/i,
  ];
  const found = sources
    .filter((path) => /^(src|web)\//.test(path) && !path.startsWith('src/dbn/') && !/\.test\.tsx?$/.test(path))
    .flatMap((path) =>
      literals.flatMap((literal) => literal.exec(read(path))?.[0] ?? []).map((text) => `${path}: ${text}`),
    );
  deepEqual(found, []);
});
