/*
 * Preloaded into a process by `--import`: the call number FAULT_AT that writes below FAULT_ROOT (each thread counts for
 * itself), or every one from it on when FAULT_STAYS is 1, fails with FAULT_CODE. FAULT_MARK is made when one did.
 */
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';

const { FAULT_ROOT: root = tmpdir(), FAULT_CODE: code = 'EIO', FAULT_MARK: mark = '' } = process.env;
const at = Number(process.env.FAULT_AT);
const stays = process.env.FAULT_STAYS === '1';
const { writeFileSync } = fs;
let calls = 0;

function count(path: unknown, call: string): void {
  if (!String(path).startsWith(root)) return;
  calls++;
  if (calls !== at && !(stays && calls > at)) return;
  writeFileSync(mark, call);
  throw Object.assign(new Error(`${code}: injected, ${call} '${String(path)}'`), { code, syscall: call, path });
}

const writes = (flags: unknown) =>
  typeof flags === 'number' ? (flags & 3) !== 0 : typeof flags === 'string' && flags !== 'r';
const paths = new Map<number, string>();
type Call = (...words: unknown[]) => unknown;

/** Replaces a function of node:fs by one that may fail before it does its work. */
function replace(functions: object, name: string, around: (original: Call) => Call): void {
  const table = functions as Record<string, Call>;
  const original = table[name];
  if (original === undefined) throw new Error(`node:fs has no ${name}`);
  table[name] = around(original);
}

replace(fs, 'openSync', (original) => (path, flags, ...rest) => {
  if (writes(flags)) count(path, 'open');
  const fd = original(path, flags, ...rest);
  paths.set(Number(fd), String(path));
  return fd;
});
replace(fs, 'closeSync', (original) => (fd) => {
  paths.delete(Number(fd));
  return original(fd);
});
for (const name of ['writeSync', 'fsyncSync']) {
  replace(fs, name, (original) => (fd, ...rest) => {
    count(paths.get(Number(fd)), name);
    return original(fd, ...rest);
  });
}
for (const name of ['renameSync', 'mkdirSync']) {
  replace(fs, name, (original) => (path, ...rest) => {
    count(path, name);
    return original(path, ...rest);
  });
}
for (const name of ['rename', 'mkdir', 'writeFile']) {
  replace(fs.promises, name, (original) => async (path, ...rest) => {
    count(path, name);
    return await original(path, ...rest);
  });
}
replace(fs.promises, 'open', (original) => async (path, flags, ...rest) => {
  const isWritten = writes(flags);
  if (isWritten) count(path, 'open');
  const file = (await original(path, flags, ...rest)) as object;
  for (const name of ['write', 'writeFile', 'sync']) {
    // A folder is opened to read, and synced.
    if (!isWritten && name !== 'sync') continue;
    replace(file, name, (own) => async (...words) => {
      count(path, name);
      return await own.apply(file, words);
    });
  }
  return file;
});
syncBuiltinESMExports();
