import { deepEqual } from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { test } from 'node:test';
import { pureRooms } from './pure_rooms.ts';

const root = resolve(import.meta.dirname, '..');

/** Which rooms a room may import, beside itself and `src/errors.ts`. Data flows left to right; imports look left. */
const upstream: Record<string, readonly string[]> = {
  dbn: [],
  config: [],
  book: ['dbn'],
  physics: ['dbn', 'book'],
  spectrum: ['physics'],
  signals: ['spectrum', 'config'],
  engine: ['dbn', 'book', 'physics', 'spectrum', 'signals', 'config'],
  wire: ['engine', 'spectrum', 'signals', 'config'],
  playback: ['wire'],
  synth: ['dbn', 'config'],
  lake: ['dbn', 'engine', 'wire', 'config', 'signals'],
  lab: ['dbn', 'engine', 'wire', 'signals', 'spectrum', 'config', 'lake'],
  server: ['dbn', 'engine', 'wire', 'playback', 'signals', 'config', 'lake', 'lab'],
  cli: ['dbn', 'book', 'engine', 'wire', 'signals', 'spectrum', 'config', 'synth', 'lake', 'lab', 'server'],
  web: ['dbn', 'engine', 'wire', 'playback', 'spectrum', 'signals', 'config'],
};
/** Libraries that pure rooms may use: each runs in a browser as it is. */
const pureLibraries: Record<string, readonly string[]> = {
  config: ['zod', 'yaml', '@noble/hashes/sha2.js', '@noble/hashes/utils.js'],
  wire: ['@uwdata/flechette', 'zod'],
};

function roomOf(path: string): string | undefined {
  const parts = relative(root, path).split('/');
  if (parts[0] === 'web') return 'web';
  return parts[0] === 'src' && parts.length > 2 ? parts[1] : undefined;
}

function sources(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name) && !/\.test\.tsx?$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => !path.includes('/dist/'));
}

test('imports follow the arrows of ARCHITECTURE.md, through the index of each room', () => {
  const wrong: string[] = [];
  for (const path of [...sources(join(root, 'src')), ...sources(join(root, 'web'))]) {
    const room = roomOf(path);
    const text = readFileSync(path, 'utf8');
    for (const match of text.matchAll(/(?:from|import|import\()\s*['"]([^'"]+)['"]/g)) {
      const specifier = match[1] as string;
      const where = `${relative(root, path)} imports ${specifier}`;
      if (specifier.startsWith('.')) {
        const target = resolve(dirname(path), specifier);
        const targetRoom = roomOf(target);
        if (targetRoom === undefined || targetRoom === room || room === undefined) continue;
        if (!upstream[room]?.includes(targetRoom)) wrong.push(`${where}: ${room} may not import ${targetRoom}`);
        else if (!target.endsWith('/index.ts')) wrong.push(`${where}: go through the index`);
      } else if (room !== undefined && pureRooms.has(room) && !pureLibraries[room]?.includes(specifier)) {
        wrong.push(`${where}: ${room} is pure`);
      }
    }
    if (
      room !== undefined &&
      pureRooms.has(room) &&
      /\b(Math\.random|Date\.now|performance\.now|process\.)/.test(text)
    ) {
      wrong.push(`${relative(root, path)} reads a clock, randomness or the environment`);
    }
  }
  deepEqual(wrong, []);
});
