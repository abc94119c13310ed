import { deepEqual, equal, throws } from 'node:assert/strict';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { temporaryFolder } from '../../test/helpers/temporary_folder.ts';
import { SpymasterError } from '../errors.ts';
import { readSqliteFile, SqliteFile, type SqliteSchema } from './sqlite.ts';

const folder = temporaryFolder('sqlite');

const schema: SqliteSchema = {
  name: 'list of words',
  applicationId: 0x53505900,
  layout: 2,
  tables: 'CREATE TABLE words (word TEXT PRIMARY KEY) STRICT;',
  corrupt: (path, why, cause) => new SpymasterError('REGISTRY_CORRUPT', why, { path }, cause),
};
const wordsOf = (file: SqliteFile) => file.all('SELECT word FROM words ORDER BY word').map(({ word }) => word);

test('a file is made with its tables, and opened again', () => {
  const path = join(folder, 'new', 'words.sqlite');
  {
    using file = new SqliteFile(path, schema);
    file.run('INSERT INTO words VALUES (?)', 'bid');
  }
  using file = new SqliteFile(path, schema);
  deepEqual(wordsOf(file), ['bid']);
});

test('a transaction that throws changes nothing', () => {
  using file = new SqliteFile(join(folder, 'words.sqlite'), schema);
  file.run('INSERT INTO words VALUES (?)', 'bid');
  const fail = () => {
    file.run('INSERT INTO words VALUES (?)', 'ask');
    throw new Error('stop');
  };
  throws(() => file.transaction(fail), /stop/);
  deepEqual(wordsOf(file), ['bid']);
});

test('a database with other tables or another layout is refused and not touched', () => {
  for (const [name, sql, why] of [
    ['other', 'CREATE TABLE others (a)', /got one with other tables/],
    ['newer', 'CREATE TABLE words (a); PRAGMA user_version = 3', /expected a list of words of layout 2/],
    ['empty', `PRAGMA application_id = ${schema.applicationId}; PRAGMA user_version = 3`, /of layout 2/],
  ] as const) {
    const path = join(folder, `${name}.sqlite`);
    using database = new DatabaseSync(path);
    database.exec(sql);
    throws(() => new SqliteFile(path, schema), { code: 'REGISTRY_CORRUPT', message: why });
    equal(
      database.prepare("SELECT count(*) AS n FROM sqlite_schema WHERE name = 'words'").get()?.n,
      +(name === 'newer'),
    );
  }
});

test('a reader makes neither a file nor tables', () => {
  const path = join(folder, 'unread.sqlite');
  equal(readSqliteFile(path, schema, wordsOf), null);
  equal(existsSync(path), false);
  writeFileSync(path, '');
  equal(readSqliteFile(path, schema, wordsOf), null);
  new SqliteFile(path, schema).close();
  deepEqual(readSqliteFile(path, schema, wordsOf), []);
  writeFileSync(
    path,
    'a text, not a database; it is longer than the header of one, which has one hundred bytes.'.repeat(2),
  );
  throws(() => readSqliteFile(path, schema, wordsOf), { code: 'REGISTRY_CORRUPT' });
});

test('a file that another connection keeps locked is named so', () => {
  const path = join(folder, 'locked.sqlite');
  using file = new SqliteFile(path, schema, { busyTimeoutMs: 0 });
  using other = new DatabaseSync(path);
  other.exec('BEGIN IMMEDIATE');
  throws(() => file.run('INSERT INTO words VALUES (?)', 'bid'), {
    code: 'LAKE_NOT_WRITABLE',
    message: /another process keeps it locked/,
  });
});

test('a file that was replaced after it was opened is no longer in place', () => {
  const path = join(folder, 'replaced.sqlite');
  using file = new SqliteFile(path, schema);
  equal(file.isInPlace, true);
  rmSync(path);
  equal(file.isInPlace, false);
});
