import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { DuckDBInstance } from '@duckdb/node-api';
import { systemCode } from '../system_errors.ts';
import { writeError } from './write_error.ts';

const system = (code: string) => Object.assign(new Error(`${code}: no words`), { code });

test('each cause of a failed write has its own sentence', () => {
  for (const [code, said] of [
    ['ENOSPC', /the disk is full \(ENOSPC\); make room/],
    ['EIO', /the disk reported an I\/O error \(EIO\); .*check the disk/],
    ['EMFILE', /this process has too many open files \(EMFILE\); raise `ulimit -n`/],
    ['EROFS', /mounted read-only \(EROFS\)/],
    ['EACCES', /permission is denied \(EACCES\); check the permissions/],
    ['EDQUOT', /quota is used up/],
    ['ENOENT', /its folder is gone, or cannot be made there \(ENOENT\)/],
  ] as const) {
    const { message, fields } = writeError('/lake/x', system(code));
    match(message, said);
    match(message, /^Cannot write \/lake\/x: [^.]*\.$/);
    equal(fields.errno, code);
    // Permissions are blamed for nothing else.
    equal(/permission/.test(message), code === 'EACCES');
  }
});

test('a failure is told under the final name, and an unknown one in its own words', () => {
  const { message } = writeError('/lake/.spymaster-tmp-0123456789ab0001-set/bins.parquet', new Error('odd.\nmore'));
  equal(message, 'Cannot write /lake/set/bins.parquet: odd; check the disk and the permissions.');
});

test('the causes that SQLite, DuckDB and worker threads give are recognised', async () => {
  using database = new DatabaseSync(':memory:');
  database.exec('PRAGMA max_page_count = 2');
  try {
    database.exec('CREATE TABLE a (b); CREATE TABLE c (d); CREATE TABLE e (f);');
    ok(false, 'the database is full');
  } catch (error) {
    equal(systemCode(error), 'ENOSPC');
  }
  const instance = await DuckDBInstance.create(':memory:');
  const duckdb = await instance.connect();
  for (const [path, code] of [
    ['/proc/nope/x.parquet', 'ENOENT'],
    ['/dev/full', 'ENOSPC'],
  ] as const) {
    const error = await duckdb.run(`COPY (SELECT 1) TO '${path}' (FORMAT parquet)`).then(
      () => null,
      (cause: unknown) => cause,
    );
    equal(systemCode(error), code, String(error));
  }
  duckdb.closeSync();
  instance.closeSync();
  equal(
    systemCode(Object.assign(new Error('Worker initialization failure: EMFILE'), { code: 'ERR_WORKER_INIT_FAILED' })),
    'EMFILE',
  );
  equal(systemCode(new TypeError('Expected EVERYTHING')), null);
  equal(systemCode(undefined), null);
});

test('only the error sentences of files blame permissions or a full disk', () => {
  const src = join(import.meta.dirname, '..');
  const allowed = ['system_errors.ts', 'doctor/doctor.ts', 'files/file_chunks.ts', 'files/write_error.ts'];
  const protocol = ['files/protocol/folder_steps.ts', 'files/protocol/system_calls.ts'];
  const blaming = readdirSync(src, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
    .filter((name) => /EACCES|ENOSPC|no room (left|on)|permissions/.test(readFileSync(join(src, name), 'utf8')));
  deepEqual(blaming.sort(), [...allowed, ...protocol].sort());
});
