import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { runCommand } from '../../test/helpers/run_command.ts';

const folder = mkdtempSync(join(tmpdir(), 'spymaster-synth-'));
after(() => rmSync(folder, { recursive: true }));

const short = ['--profile', 'calm', '--minutes', '1', '--seed', '3'];

test('the truth stands beside the session, which has the same bytes without it', async () => {
  const [session, plain, truth] = ['with.dbn', 'without.dbn', 'truth.jsonl'].map((name) => join(folder, name));
  const made = ['synth', ...short, '--behaviours', 'pulls,stops'];
  const told = await runCommand(...made, '--out', session!, '--truth', truth!, '--json');
  equal(told.code, 0, told.err);
  const said = JSON.parse(told.out) as Record<string, unknown>;
  deepEqual(said.behaviours, ['pulls', 'stops']);
  const lines = readFileSync(truth!, 'utf8').trimEnd().split('\n');
  equal(said.truth_events, lines.length);
  const kinds = lines.map((line) => (JSON.parse(line) as { kind: string }).kind);
  ok(kinds.includes('fast_pull') && kinds.includes('stop'), `${kinds}`);
  equal((await runCommand(...made, '--out', plain!)).code, 0);
  deepEqual(readFileSync(session!), readFileSync(plain!));
});

test('what cannot be planted or written is refused before anything is there', async () => {
  const before = readdirSync(folder);
  const out = ['synth', '--minutes', '0.1', '--out', join(folder, 'no.dbn')];
  const refused = async (words: readonly string[], why: RegExp): Promise<void> => {
    const { code, err } = await runCommand(...words);
    equal(code, 2, err);
    match(err, why);
  };
  await refused([...out, '--behaviours', 'pulls,pushes'], /Expected all, or some of stops, pulls/);
  await refused([...out, '--profile', 'null', '--behaviours', 'all'], /no martingale; give --behaviours with calm/);
  await refused([...out, '--truth', join(folder, 'no.dbn')], /one file/);
  await refused(['synth', '--lake', '--truth', join(folder, 'truth2.jsonl')], /give --out and a file/);
  mkdirSync(join(folder, 'taken'));
  const { code } = await runCommand(...out, '--truth', join(folder, 'taken'));
  ok(code !== 0);
  deepEqual(readdirSync(folder).sort(), [...before, 'taken'].sort());
});
