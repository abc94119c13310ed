import { equal, match, rejects } from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { SpymasterError } from '../errors.ts';
import { openToRead, readError } from './file_chunks.ts';
import { openRecords } from './open_records.ts';

test('each cause of a failed read has its own sentence', () => {
  for (const [code, said] of [
    ['EIO', /the disk reported an I\/O error \(EIO\); .*check the disk/],
    ['EMFILE', /this process has too many open files \(EMFILE\); raise `ulimit -n`/],
    ['ENFILE', /the system has too many open files \(ENFILE\)/],
    ['EACCES', /permission is denied \(EACCES\); check the permissions/],
    ['EISDIR', /it is a folder \(EISDIR\); check the name/],
    ['ESTALE', /the network file system lost it \(ESTALE\); mount it again/],
  ] as const) {
    const { message, fields } = readError('/lake/x', Object.assign(new Error(`${code}: no words`), { code }));
    match(message, said);
    match(message, /^Cannot read \/lake\/x: .+\.$/);
    equal(fields.errno, code);
  }
  match(readError('/lake/x', new Error('odd')).message, /expected a readable file, but odd\.$/);
});

test('a file that is not there is answered by the nearest name of its kind, or by the folder that is missing', () => {
  const noFile = Object.assign(new Error('ENOENT: no such file'), { code: 'ENOENT' });
  const said = (path: string) => readError(join(import.meta.dirname, path), noFile).message;
  match(said('file_chunk.ts'), /: the nearest name there is file_chunks\.ts\.$/);
  match(said('file_chunks.yaml'), /: check the name\.$/);
  match(said('nowhere/file.yaml'), /: there is no folder .*nowhere\.$/);
});

test('a folder is refused by name, an error on the first bytes by its cause', async () => {
  await rejects(openToRead(tmpdir()), { code: 'FILE_UNREADABLE', message: /it is a folder/ });
  // Reading a process's memory at address 0 fails with EIO.
  if (!existsSync('/proc/self/mem')) return;
  await rejects(
    openRecords('/proc/self/mem'),
    (error: unknown) => error instanceof SpymasterError && error.fields.errno === 'EIO',
  );
});
