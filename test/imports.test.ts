import { deepEqual, ok } from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { test } from 'node:test';
import { present } from '../src/errors.ts';
import { pureRooms } from './helpers/pure_rooms.ts';

const root = resolve(import.meta.dirname, '..');

/** Which rooms a room may import, beside itself and the root files of `src`. */
const pureArrows: Record<string, readonly string[]> = {
  dbn: [],
  config: ['alerts', 'orders'],
  statistics: [],
  models: [],
  book: ['dbn'],
  physics: ['dbn', 'book'],
  spectrum: ['physics'],
  signals: ['spectrum', 'config', 'orders', 'models'],
  engine: ['dbn', 'book', 'orders', 'physics', 'spectrum', 'signals', 'config'],
  wire: ['engine', 'orders', 'spectrum', 'signals', 'alerts', 'config'],
  playback: ['wire'],
  synth: ['dbn', 'config'],
  evaluation: ['statistics', 'signals'],
  execution: ['dbn', 'book'],
  orders: ['dbn', 'book'],
  alerts: ['orders'],
};
/** The same of rooms with files, clocks and threads; each of them may import every pure room but `synth` besides. */
const arrows: Record<string, readonly string[]> = {
  files: [],
  report: ['files'],
  lake: ['files'],
  inspect: ['files'],
  sessions: ['lake', 'files'],
  replay: ['lake', 'files'],
  publish: ['lake', 'files'],
  'databento/historical': ['sessions', 'lake', 'files'],
  'databento/live': ['sessions', 'lake', 'files'],
  campaign: ['replay', 'publish', 'lake', 'files'],
  user_signals: ['lake', 'files'],
  sweep: ['user_signals', 'report', 'sessions', 'replay', 'lake', 'files'],
  training: ['user_signals', 'sweep', 'sessions', 'replay', 'lake', 'files'],
  fleet: ['user_signals', 'sweep', 'sessions', 'replay', 'lake', 'files'],
  analysis: ['report', 'replay', 'lake', 'files'],
  doctor: ['databento/historical', 'lake', 'files'],
  server: ['databento/live', 'user_signals', 'sweep', 'replay', 'lake', 'files'],
};
const pages = ['web/vacuum-pressure', 'web/experiments', 'web/start'];
/** Which folders of its page a folder may import; files beside the folders may import them all. */
const pageArrows: Record<string, Record<string, readonly string[]>> = {
  'web/vacuum-pressure': {
    session: [],
    feed: [],
    viewport: ['session'],
    playback: ['session', 'viewport', 'feed'],
    local: ['feed'],
    gl: ['session', 'viewport'],
    chart: ['session', 'viewport', 'playback', 'gl'],
    view: ['session', 'viewport', 'playback', 'feed', 'local', 'chart'],
  },
  'web/experiments': { model: [], view: ['model'] },
  'web/start': {},
};
/** Libraries that pure rooms may use: each runs in a browser as it is. */
const pureLibraries: Record<string, readonly string[]> = {
  config: ['zod', 'yaml', '@noble/hashes/sha2.js', '@noble/hashes/utils.js'],
  wire: ['@uwdata/flechette', 'zod'],
};

/** The room that a file belongs to: `lake`, `databento/historical`, `web/shared`; `root` for files of `src` itself. */
function roomOf(path: string): string | null {
  const [top, first, second] = relative(root, path).split('/') as [string, string, string | undefined];
  if (top === 'web') return `web/${first}`;
  if (top !== 'src') return null;
  if (second === undefined) return 'root';
  return first === 'databento' ? `${first}/${second}` : first;
}

/** The rooms that `room` may import; null: every one. */
function upstream(room: string): readonly string[] | null {
  if (room === 'cli') return null;
  if (room === 'root') return [];
  if (room === 'web/shared') return [...pureRooms];
  if (pages.includes(room)) return ['web/shared', ...pureRooms];
  const pure = pureArrows[room];
  if (pure !== undefined) return pure;
  return [...arrows[room]!, ...[...pureRooms].filter((name) => name !== 'synth')];
}

interface Import {
  readonly specifier: string;
  /** The file that is imported; null for a library. */
  readonly target: string | null;
  /** Whether it is loaded with the file itself, and not when it is needed. */
  readonly isStatic: boolean;
}

function importsOf(path: string, text: string): Import[] {
  return [...text.matchAll(/(?<!['"])(from|import|import\()\s*['"]([^'"]+)['"]/g)].map(([, keyword, specifier]) => ({
    specifier: specifier!,
    target: specifier!.startsWith('.') ? resolve(dirname(path), specifier!) : null,
    isStatic: keyword !== 'import(',
  }));
}

const sources = ['src', 'web']
  .flatMap((folder) => readdirSync(join(root, folder), { withFileTypes: true, recursive: true }))
  .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name) && !/\.test\.tsx?$/.test(entry.name))
  .map((entry) => join(entry.parentPath, entry.name))
  .filter((path) => !path.includes('/dist/'))
  .map((path) => {
    const text = readFileSync(path, 'utf8');
    return { path, name: relative(root, path), room: roomOf(path)!, text, imports: importsOf(path, text) };
  });

test('imports follow the arrows of ARCHITECTURE.md, through the doors of each room', () => {
  const wrong: string[] = [];
  for (const { name, room, imports } of sources) {
    const allowed = upstream(room);
    for (const { specifier, target } of imports) {
      const targetRoom = target === null ? null : roomOf(target);
      if (targetRoom === null || targetRoom === room || targetRoom === 'root') continue;
      const where = `${name} imports ${specifier}`;
      if (allowed !== null && !allowed.includes(targetRoom))
        wrong.push(`${where}: ${room} may not import ${targetRoom}`);
      else if (targetRoom !== 'web/shared' && !/\/(?:index|light)\.ts$/.test(specifier)) {
        wrong.push(`${where}: import the index of the room, or its light door`);
      }
    }
  }
  deepEqual(wrong, []);
});

/** Libraries that are loaded in a few milliseconds. */
const lightLibraries = ['@noble/hashes/sha2.js', '@noble/hashes/utils.js'];

test('a light door loads other light doors alone, and no library that takes time', () => {
  const files = new Map(sources.map((source) => [source.path, source]));
  const doors = sources.filter(({ name }) => /^src\/(?:[\w-]+\/)+light\.ts$/.test(name));
  const wrong = new Set<string>();
  const seen = new Set<string>();
  const visit = ({ path, name, text }: (typeof sources)[number]): void => {
    if (seen.has(path)) return;
    seen.add(path);
    for (const { specifier, target, isStatic } of importsOf(path, withoutTypes(text))) {
      if (!isStatic) continue;
      if (target === null) {
        if (!specifier.startsWith('node:') && !lightLibraries.includes(specifier))
          wrong.add(`${name} loads ${specifier}`);
      } else if (specifier.endsWith('/index.ts')) wrong.add(`${name} loads ${specifier}`);
      else visit(present(files.get(target)));
    }
  };
  for (const door of doors) visit(door);
  deepEqual([...wrong], []);
  ok(doors.length > 0);
});

test('a thread of a sweep loads neither schemas nor YAML, which take longer than its first cells', () => {
  const files = new Map(sources.map((source) => [source.path, source]));
  const [loaded, libraries] = [new Set<string>(), new Set<string>()];
  const visit = (path: string): void => {
    const { name, text } = present(files.get(path));
    if (loaded.has(name)) return;
    loaded.add(name);
    for (const { specifier, target, isStatic } of importsOf(path, withoutTypes(text))) {
      if (isStatic && target !== null) visit(target);
      else if (isStatic && !specifier.startsWith('node:')) libraries.add(specifier);
    }
  };
  visit(join(root, 'src/sweep/sweep_worker.ts'));
  deepEqual(
    [...libraries].filter((library) => !lightLibraries.includes(library)),
    [],
  );
  ok(loaded.has('src/signals/derivative.ts'));
});

/** A module without the imports that are not there when it runs. */
function withoutTypes(text: string): string {
  return text
    .replace(/^(?:import|export) type [^;]*? from '[^']*';$/gm, '')
    .replace(/^(?:import|export) \{(?:\s*type \w+,?)*\s*\} from '[^']*';$/gm, '');
}

test('folders of a page import in one direction', () => {
  const wrong: string[] = [];
  for (const [page, folders] of Object.entries(pageArrows)) {
    const folderOf = (path: string): string | null => {
      const [folder, ...rest] = relative(join(root, page), path).split('/');
      return folder === undefined || folder === '..' || rest.length === 0 ? null : folder;
    };
    for (const { path, name, imports } of sources) {
      const folder = folderOf(path);
      if (folder === null) continue;
      const allowed = folders[folder];
      if (allowed === undefined) wrong.push(`${name}: the folder ${folder} has no arrows`);
      for (const { specifier, target } of imports) {
        const targetFolder = target === null ? null : folderOf(target);
        if (targetFolder === null || targetFolder === folder || allowed?.includes(targetFolder)) continue;
        wrong.push(`${name} imports ${specifier}: ${folder} may not import ${targetFolder}`);
      }
    }
  }
  deepEqual(wrong, []);
});

test('no room imports the command line, and every room has its arrows', () => {
  const wrong = sources.flatMap(({ name, room, imports }) => [
    ...(room.startsWith('web/') || room === 'root' || room === 'cli' || pureArrows[room] || arrows[room]
      ? []
      : [`${name}: the room ${room} has no arrows`]),
    ...imports
      .filter(({ target }) => room !== 'cli' && target !== null && roomOf(target) === 'cli')
      .map(({ specifier }) => `${name} imports ${specifier}`),
  ]);
  deepEqual(wrong, []);
});

test('pure rooms use no clock, randomness, environment or library that a browser lacks', () => {
  const wrong: string[] = [];
  for (const { name, room, text, imports } of sources) {
    if (!pureRooms.has(room)) continue;
    for (const { specifier, target } of imports) {
      if (target === null && !pureLibraries[room]?.includes(specifier)) wrong.push(`${name} imports ${specifier}`);
    }
    if (/\b(Math\.random|Date\.now|performance\.now|process\.)/.test(text)) {
      wrong.push(`${name} reads a clock, randomness or the environment`);
    }
  }
  deepEqual(wrong, []);
});

/** Names of node:fs that change what is on disk. */
const writing =
  /^(?:append|chmod|chown|copy|cp$|createWriteStream|fchmod|fdatasync|fsync|ftruncate|futimes|lchown|link|lutimes|mkd|open|rename|rm|symlink|truncate|unlink|utimes|write)/;
/** Files outside of `files` that may write, and what. */
const writers: Readonly<Record<string, string>> = {
  'src/cli/dbn/write_records.ts': 'a folder of the system for temporary files, on the way to standard output',
  'src/cli/demo.ts': 'a lake in the system’s folder for temporary files',
  'src/cli/session_file.ts': 'a session in the system’s folder for temporary files, on the way into a lake',
  'src/cli/interrupts.ts': 'standard error, when nothing else runs any more',
  'src/server/telemetry.ts': 'a log that grows at the path that the user gave',
};

test('what writes to the disk stands in files', () => {
  const found = new Set<string>();
  const wrong: string[] = [];
  for (const { name, room, text } of sources) {
    if (room === 'files') continue;
    for (const [, names = ''] of text.matchAll(/import\s+(?!type\b)([^;]*?)\s+from 'node:fs(?:\/promises)?'/g)) {
      const taken = names.startsWith('{')
        ? names
            .slice(1, -1)
            .split(',')
            .map((part) => part.trim().replace(/ as .*/, ''))
        : ['open'];
      const bad = taken.filter((part) => writing.test(part));
      if (bad.length === 0) continue;
      if (name in writers) found.add(name);
      else wrong.push(`${name} imports ${bad.join(', ')}`);
    }
  }
  deepEqual(wrong, []);
  deepEqual([...found].sort(), Object.keys(writers).sort(), 'files that no longer need an exception');
});

test('protocols of files do no I/O, and the clock of the lake is given', () => {
  const wrong: string[] = [];
  for (const { name, room, text, imports } of sources) {
    const isProtocol = name.startsWith('src/files/protocol/') && !/\/(node_calls|run_steps)\.ts$/.test(name);
    for (const { specifier } of isProtocol ? imports : []) {
      if (/^node:(?!path$)|\/(node_calls|run_steps)\.ts$/.test(specifier)) wrong.push(`${name} imports ${specifier}`);
    }
    if (!(room in arrows) || room === 'server' || name === 'src/files/clock.ts') continue;
    if (/\bDate\.now\b|\bnew Date\(\)|\bTemporal\.Now\b/.test(text))
      wrong.push(`${name} reads the clock of the machine`);
  }
  deepEqual(wrong, []);
});

test('no files import each other in a circle', () => {
  const files = new Map(sources.map((source) => [source.path, source]));
  const circles: string[] = [];
  const state = new Map<string, 'open' | 'done'>();
  const visit = (path: string, trail: readonly string[]): void => {
    if (state.get(path) === 'done') return;
    if (state.get(path) === 'open') {
      const circle = [...trail.slice(trail.indexOf(path)), path];
      circles.push(circle.map((file) => relative(root, file)).join(' → '));
      return;
    }
    state.set(path, 'open');
    for (const { target, isStatic } of files.get(path)?.imports ?? []) {
      if (isStatic && target !== null && files.has(target)) visit(target, [...trail, path]);
    }
    state.set(path, 'done');
  };
  for (const path of files.keys()) visit(path, []);
  deepEqual(circles, []);
});
