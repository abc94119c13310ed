import { deepEqual, equal, match, ok, rejects } from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { temporaryFolder } from '../../test/helpers/temporary_folder.ts';
import { createAtomicFile, writeFileAtomic } from './atomic.ts';
import { refuseExisting } from './output_target.ts';
import { buildFile } from './place_files.ts';

const folder = temporaryFolder('target');

function makeFifo(name: string): string {
  const path = join(folder, name);
  equal(spawnSync('mkfifo', [path]).status, 0);
  return path;
}

test('a device is written through and stays a device', async () => {
  const null_ = join(folder, 'null');
  if (spawnSync('mknod', [null_, 'c', '1', '3']).status === 0) {
    await writeFileAtomic(null_, 'x');
    ok(lstatSync(null_).isCharacterDevice());
  }
  await writeFileAtomic('/dev/null', 'x');
  ok(lstatSync('/dev/null').isCharacterDevice());
  refuseExisting('/dev/null', {});
  await rejects(writeFileAtomic('/dev/full', 'x'), {
    code: 'LAKE_NOT_WRITABLE',
    message: /\/dev\/full: the disk is full/,
  });
});

test('a FIFO is written through to its reader, which may come later, and stays a FIFO', async () => {
  const path = makeFifo('fifo');
  const writing = createAtomicFile(path);
  const reader = spawn('cat', [path], { stdio: ['ignore', 'pipe', 'inherit'] });
  const read = text(reader.stdout);
  const file = await writing;
  const chunk = new Uint8Array(200_000).fill(97);
  for (let i = 0; i < 5; i++) {
    await file.write(chunk.fill(97 + i));
  }
  await file.commit();
  equal(file.bytesWritten, 1_000_000);
  equal(
    await read,
    'abcde'.replace(/./g, (letter) => letter.repeat(200_000)),
  );
  ok(lstatSync(path).isFIFO());
});

test('a FIFO whose reader goes away is one sentence; one without a reader can be given up', async () => {
  const path = makeFifo('closed');
  const reader = spawn('head', ['-c', '1', path], { stdio: 'ignore' });
  const file = await createAtomicFile(path);
  const ended = once(reader, 'exit');
  await rejects(
    async () => {
      for (;;) await file.write(new Uint8Array(100_000));
    },
    { code: 'LAKE_NOT_WRITABLE', message: /closed: its reader closed it \(EPIPE\)/ },
  );
  await file.abort();
  await ended;
  await rejects(createAtomicFile(path, { signal: AbortSignal.timeout(20) }), (error: Error) => {
    ok(['AbortError', 'TimeoutError'].includes(error.name), error.name);
    return true;
  });
});

test('a symbolic link is refused, and with force followed; it stays a link', async () => {
  const target = join(folder, 'target.txt');
  const link = join(folder, 'link.txt');
  writeFileSync(target, 'old');
  symlinkSync('target.txt', link);
  await rejects(writeFileAtomic(link, 'new'), (error: Error & { code: string }) => {
    equal(error.code, 'FILE_EXISTS');
    match(
      error.message,
      new RegExp(`^Cannot write ${link}: it is a symbolic link to ${target}; name that file itself`),
    );
    return true;
  });
  equal(readFileSync(target, 'utf8'), 'old');
  const file = await createAtomicFile(link, { force: true });
  await file.write(new TextEncoder().encode('new'));
  await file.commit();
  ok(lstatSync(link).isSymbolicLink());
  equal(readFileSync(target, 'utf8'), 'new');

  const dangling = join(folder, 'dangling');
  symlinkSync(join(folder, 'made', 'later'), dangling);
  await rejects(writeFileAtomic(dangling, 'x'), { code: 'FILE_EXISTS' });
  const later = await createAtomicFile(dangling, { force: true });
  await later.commit();
  ok(existsSync(join(folder, 'made', 'later')));
  // What a link leads to and is written through needs no force: nothing is replaced.
  const toDevice = join(folder, 'to_device');
  symlinkSync('/dev/null', toDevice);
  await writeFileAtomic(toDevice, 'x');
  ok(lstatSync(toDevice).isSymbolicLink());
});

test('a folder or a socket in the place of a file is one sentence', async () => {
  mkdirSync(join(folder, 'sub'));
  await rejects(writeFileAtomic(join(folder, 'sub'), ''), {
    message: /sub: it is a folder \(EISDIR\); give the name of a file/,
  });
  const socket = createServer().listen(join(folder, 'socket'));
  await once(socket, 'listening');
  await rejects(writeFileAtomic(join(folder, 'socket'), ''), { code: 'LAKE_NOT_WRITABLE', message: /it is a socket/ });
  socket.close();
});

test('a file that a library writes by its path goes where any other output does', async () => {
  const here = join(folder, 'built');
  const build = (path: string, force = false) =>
    buildFile(path, { force }, async (temporaryPath) => {
      writeFileSync(temporaryPath, 'hello');
      return { fileBytes: 5, sha256: '2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824' };
    });
  await build(join(here, 'new', 'file'));
  equal(readFileSync(join(here, 'new', 'file'), 'utf8'), 'hello');
  symlinkSync(join(here, 'elsewhere'), join(here, 'link'));
  await rejects(build(join(here, 'link')), { code: 'FILE_EXISTS' });
  await build(join(here, 'link'), true);
  equal(readFileSync(join(here, 'elsewhere'), 'utf8'), 'hello');
  const fifo = makeFifo('build');
  const reader = spawn('cat', [fifo], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [read] = await Promise.all([text(reader.stdout), build(fifo)]);
  equal(read, 'hello');
  await rejects(
    buildFile(join(here, 'changed'), {}, async (temporaryPath) => {
      writeFileSync(temporaryPath, 'hell');
      return { fileBytes: 5, sha256: '' };
    }),
    { code: 'LAKE_NOT_WRITABLE', message: /changed: the file under construction was changed/ },
  );
  deepEqual(readdirSync(here).sort(), ['elsewhere', 'link', 'new']);
});
