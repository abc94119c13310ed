import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { createExperimentsLake, type ExperimentsLake } from '../helpers/experiments_lake.ts';
import { runCommand } from '../helpers/run_command.ts';

let made: ExperimentsLake;
before(async () => {
  made = await createExperimentsLake();
});
after(() => made.remove());

const report = (...words: string[]) => runCommand('report', 'fixture', ...words, '--lake-root', made.lake.root);

test('the report of an experiment is a page beside the text or the JSON, written once', async () => {
  const out = join(made.lake.root, 'reports', 'q1.html');
  const first = await report('--out', out);
  equal(first.code, 0, first.err);
  match(first.out, /^fixture: .*\n.*\nWrote .*q1\.html\.\n$/s);
  const page = readFileSync(out, 'utf8');
  match(page, /^<!doctype html>/);
  match(page, /<h1>fixture<\/h1>/);
  const again = await report('--out', out);
  deepEqual([again.code, /FILE_EXISTS.*--force/.test(again.err)], [1, true]);

  const { code, out: json } = await report('--out', out, '--force', '--json');
  equal(code, 0);
  const document = JSON.parse(json) as { verdict: { headline: string }; family: { luck_trials: number | null } };
  ok(page.includes(`<p class="headline">${document.verdict.headline}</p>`));
  ok(document.family.luck_trials === null || document.family.luck_trials >= 1);
  equal(readFileSync(out, 'utf8'), page);
  rmSync(out);
});

test('anomalies of the sessions’ feeds come from their datasets', async () => {
  const feeds = async () => {
    const { code, out, err } = await report('--json');
    equal(code, 0, out + err);
    const { sessions } = JSON.parse(out) as { sessions: { dataset_id: string; anomalies: string[] | null }[] };
    return sessions.map(({ anomalies }) => anomalies);
  };
  deepEqual(await feeds(), [[]]);
  const path = join(made.lake.datasets('market'), 'manifest.json');
  const checksumsPath = join(made.lake.datasets('market'), 'checksums.json');
  const read = (from: string) => JSON.parse(readFileSync(from, 'utf8')) as object;
  const text = JSON.stringify({ ...read(path), counters: { fill_unknown: 2 }, condition: 'degraded' });
  writeFileSync(path, text);
  match((await feeds())[0]![0]!, /^Cannot use the dataset market: .*manifest\.json changed since it was made/);
  const checksums = { ...read(checksumsPath), 'manifest.json': createHash('sha256').update(text).digest('hex') };
  writeFileSync(checksumsPath, JSON.stringify(checksums));
  const [[condition, fills]] = (await feeds()) as [[string, string]];
  match(condition, /degraded: records may be missing or wrong$/);
  match(fills, /^2 fills of orders that are not in the book/);
  rmSync(made.lake.datasets('market'), { recursive: true });
  deepEqual(await feeds(), [null]);
});

test('what cannot be reported leaves no file', async () => {
  const out = join(made.lake.root, 'none.html');
  const unknown = await runCommand('report', 'nothing', '--out', out, '--lake-root', made.lake.root);
  match(unknown.err, /EXPERIMENT_UNKNOWN/);
  match((await report('--out', `${out}.pdf`)).err, /USAGE.*ends in \.html/);
  ok(!existsSync(out) && !existsSync(`${out}.pdf`));
});
