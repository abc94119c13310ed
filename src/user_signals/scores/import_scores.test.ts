import { deepEqual, equal, rejects } from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { writeManifest } from '../../../test/helpers/lab_dataset.ts';
import { temporaryFolder } from '../../../test/helpers/temporary_folder.ts';
import { DuckDatabase, quoted } from '../../files/index.ts';
import { Lake } from '../../lake/index.ts';
import { importScores } from './import_scores.ts';

const root = temporaryFolder('import-scores');
const lake = new Lake(root);
for (const date of ['2026-02-05', '2026-02-06']) writeManifest(lake, `d_${date.slice(-2)}`, { bins: 600, date });
const path = join(root, 'scores.parquet');
const folder = join(root, 'signals');
const database = await DuckDatabase.open({ threads: 1 });
const connection = await database.connect();
/** Rows as SQL: `(…), (…) t(dataset, bin_seq, score)`. */
const write = (rows: string) =>
  connection.run(`COPY (SELECT * FROM (VALUES ${rows}) TO ${quoted(path)} (FORMAT parquet)`);
const imported = (changes: Partial<Parameters<typeof importScores>[0]> = {}) =>
  importScores({ lake, path, name: 's', availableAfterMs: 50, folder, force: true, ...changes });
const read = () => JSON.parse(/\{.*\}/.exec(readFileSync(join(folder, '_s.scores.js'), 'utf8'))?.[0] ?? '');
const numbers = (text: string) => Array.from(new Float64Array(Uint8Array.from(Buffer.from(text, 'base64')).buffer));

test('scores of bins are known after the ends of their bins, scores of times after these', async () => {
  await write(`('d_05', 0, 0.5), ('d_06', 2, 1), ('d_05', 599, -2)) t(dataset, bin_seq, score)`);
  const { sessions, written } = await imported();
  deepEqual(sessions, [
    { date: '2026-02-05', symbol: 'MNQH6', scores: 2, late: 0 },
    { date: '2026-02-06', symbol: 'MNQH6', scores: 1, late: 0 },
  ]);
  deepEqual(written, [join(folder, 's.ts'), join(folder, '_s.scores.js')]);
  const data = read();
  equal(
    data.doc,
    'scores of scores.parquet, known 50 ms after the ends of their bins: imported, not checked for look-ahead',
  );
  deepEqual(numbers(data.sessions[0].knownNs), [150e6, 60_050e6]);
  deepEqual(numbers(data.sessions[0].scores), [0.5, -2]);
  const startNs = BigInt(data.sessions[1].fromNs);
  await write(
    `(DATE '2026-02-06', ${startNs + 7n}, 3), (DATE '2026-02-06', ${startNs + 9n}, 4)) t(session, ts_ns, score)`,
  );
  await imported({ availableAfterMs: 0.001 });
  deepEqual(numbers(read().sessions[0].knownNs), [1007, 1009]);
  await rejects(imported({ force: false }), { code: 'FILE_EXISTS' });
  await rejects(imported({ name: 'pva' }), { code: 'USAGE', message: /a built-in signal has that name/ });
});

test('what cannot be placed is refused with column, row and remedy', async () => {
  const refused = async (rows: string, message: RegExp) => {
    await write(rows);
    await rejects(imported(), { code: 'SCORES_INVALID', message });
  };
  const of = 't(dataset, bin_seq, score)';
  await refused(
    `('d_05', 1)) t(dataset, score)`,
    /expected a column bin_seq or ts_ns beside score; there are dataset, score/,
  );
  await refused(`('d_05', 1)) t(dataset, bin_seq)`, /expected a column score/);
  await refused(`(1, 2)) t(bin_seq, score)`, /expected a column dataset or session/);
  await refused(
    `('d_05', 1, 1, 2)) t(dataset, bin_seq, ts_ns, score)`,
    /has both bin_seq and ts_ns; leave one of them out/,
  );
  await refused(`('d_05', 1.5::DOUBLE, 1)) ${of}`, /its column bin_seq is DOUBLE; expected integers, numbers of bins/);
  await refused(
    `('d_05', 2, 1), ('d_06', 1, 1), ('d_05', 1, 1)) ${of}`,
    /in row 3, bin_seq 1 of d_05 comes after 2; sort/,
  );
  await refused(`('d_05', 2, 1), ('d_05', 2, 1)) ${of}`, /in row 2, bin_seq 2 of d_05 is there twice/);
  await refused(
    `('d_05', 1, 1), ('d_05', 2, 'nan'::DOUBLE)) ${of}`,
    /in row 2, score is NaN; expected a finite number/,
  );
  await refused(`('d_05', 1, 1), ('d_05', 2, NULL)) ${of}`, /in row 2, score is missing/);
  await refused(`('d_05', 600, 1)) ${of}`, /bin_seq 600 of d_05 is none of its 600 bins, 0 to 599/);
  await refused(`('d_07', 1, 1)) ${of}`, /the lake has no dataset "d_07"; the nearest is d_0\d/);
  await refused(`('2026-02-07', 1, 1)) t(session, bin_seq, score)`, /no dataset of the session "2026-02-07"/);
  await refused(
    `('d_05', 1770388200, 1)) t(dataset, ts_ns, score)`,
    /lies outside of its session.*expected UNIX nanoseconds/,
  );
  writeManifest(lake, 'd_05_again', { bins: 600, date: '2026-02-05' });
  await refused(`('d_05', 1, 1), ('d_05_again', 1, 1)) ${of}`, /d_05 and d_05_again are both of MNQH6 on 2026-02-05/);
  await write(`('d_05', 1, 1)) ${of}`);
  writeFileSync(path, readFileSync(path).subarray(0, -40));
  await rejects(imported(), { code: 'SCORES_INVALID', message: /it is no whole Parquet file \(.*\); write it again/ });
  await rejects(imported({ path: join(root, 'gone.parquet') }), { code: 'FILE_NOT_FOUND' });
  database.close();
});
