#!/usr/bin/env node
import { existsSync, mkdirSync } from 'node:fs';
import module from 'node:module';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';

if (Number(process.versions.node.split('.')[0]) < 26) {
  process.stderr.write(
    `Spymaster needs Node 26 or newer and was started with ${process.version}. ` +
      'In a checkout, run `npm ci` and start it with `npx spymaster` or `npm run …`: both use the pinned runtime.\n',
  );
  process.exit(1);
}

// Types need to be stripped only once: half of the time of a short command. What is kept is code that will be run, so it
// is kept where only this user writes (Node's own place for it is the shared temporary folder), and found by threads too.
const caches = process.env.XDG_CACHE_HOME || join(homedir(), '.cache');
process.env.NODE_COMPILE_CACHE ??= join(caches, 'spymaster', 'compiled');
if (makeFolder(process.env.NODE_COMPILE_CACHE)) module.enableCompileCache(process.env.NODE_COMPILE_CACHE);
else delete process.env.NODE_COMPILE_CACHE;

/** Whether a folder is there or could be made. Node's own recursive mkdir never ends where a mount answers ENOENT (in /proc). */
function makeFolder(path) {
  if (existsSync(path)) return true;
  if (dirname(path) === path || !makeFolder(dirname(path))) return false;
  try {
    mkdirSync(path);
  } catch (error) {
    return error.code === 'EEXIST';
  }
  return true;
}

// A checkout runs from source; a published package holds only the emitted JavaScript.
const source = new URL('../src/cli/main.ts', import.meta.url);
const entry = existsSync(source) ? source : new URL('../dist/cli/main.js', import.meta.url);
const { main } = await import(entry.href);
await main(process.argv);
