import { deepEqual, equal, match } from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { test } from 'node:test';
import { Command } from 'commander';
import { mboMetadata } from '../../test/helpers/mbo_metadata.ts';
import { runCommand } from '../../test/helpers/run_command.ts';
import { smallSession } from '../../test/helpers/small_session.ts';
import { temporaryFolder } from '../../test/helpers/temporary_folder.ts';
import { addInitCommand } from './init.ts';
import { Output } from './output.ts';

const folder = temporaryFolder('init');

function fileOf(name: string, symbol: string, orders = 1500): string {
  const path = join(folder, name);
  writeFileSync(path, smallSession(orders, mboMetadata(symbol, 7)));
  return path;
}

test('what init writes is sound, and is used without any other setting', async () => {
  const from = fileOf('es.dbn', 'ESH6');
  const out = join(folder, 'es');
  const { code, out: said } = await runCommand('init', '--from', from, '--out', out);
  equal(code, 0);
  match(said, /^ESH6: price step 0\.25 \(as ES is specified\), multiplier 50 /);
  match(said, /Next:\n {2}npx spymaster import .*\n {2}npx spymaster run .*experiments\/es\.yaml/);
  const checked = await runCommand('validate', join(out, 'experiments/es.yaml'));
  deepEqual([checked.code, checked.err], [0, '']);
  match(checked.out, /is a sound experiment: 16 cells of derivative on the dataset esh6_20260206_0926_0956__es/);
  const lake = join(folder, 'lake');
  equal((await runCommand('import', from, '--lake-root', lake)).code, 0);
  const { code: ran, err } = await runCommand('generate', join(out, 'pipelines/es.yaml'), '--lake-root', lake);
  deepEqual([ran, /INSTRUMENT_LOCKED/.test(err)], [0, false]);
});

test('nothing is written over, not even in part', async () => {
  const from = fileOf('once.dbn', 'ESH6');
  const out = join(folder, 'once');
  const { mkdirSync } = await import('node:fs');
  mkdirSync(join(out, 'serving'), { recursive: true });
  writeFileSync(join(out, 'serving/es.yaml'), 'mine');
  const { code, err } = await runCommand('init', '--from', from, '--out', out);
  equal(code, 1);
  match(
    err,
    /^Error \[FILE_EXISTS\]: Cannot write the specs: .*serving\/es\.yaml is there already; give another folder/,
  );
  deepEqual(
    [readFileSync(join(out, 'serving/es.yaml'), 'utf8'), existsSync(join(out, 'instrument.yaml'))],
    ['mine', false],
  );
});

test('an unknown product gets its price step from its prices, and its multiplier by an option or an answer', async () => {
  const from = fileOf('zz.dbn', 'ZZZH6');
  const refused = await runCommand('init', '--from', from, '--out', join(folder, 'zz'));
  equal(refused.code, 2);
  match(refused.err, /^Error \[USAGE\]: Cannot tell the multiplier of ZZZH6 from the file: give --multiplier/);
  const { out } = await runCommand('init', '--from', from, '--multiplier', '7', '--out', join(folder, 'zz'), '--json');
  const said = JSON.parse(out) as Record<string, unknown>;
  deepEqual(
    [said.tick_size, said.contract_multiplier, said.tick_source],
    [0.25, 7, "the greatest common divisor of the file's prices"],
  );
  const asked: string[] = [];
  const few = fileOf('few.dbn', 'ZZZH6', 20);
  const sink = new Writable({ write: (_chunk, _encoding, done) => done() });
  const program = new Command().exitOverride();
  const answers = ['0.5', '3'];
  addInitCommand(
    program.command('init'),
    { output: new Output({ stdout: sink, stderr: sink }), interruptSignal: () => new AbortController().signal },
    async (question) => {
      asked.push(question);
      return answers.shift() ?? '';
    },
  );
  await program.parseAsync(['init', '--from', few, '--out', join(folder, 'asked')], { from: 'user' });
  equal(asked.length, 2);
  match(
    readFileSync(join(folder, 'asked/instrument.yaml'), 'utf8'),
    /tick_size: 0\.5 # as answered[\s\S]*contract_multiplier: 3 /,
  );
});
