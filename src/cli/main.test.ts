import { deepEqual, equal, match } from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { Command, Help } from 'commander';
import { runCommand } from '../../test/helpers/run_command.ts';
import { commands } from './commands.ts';
import { Output } from './output.ts';

const binary = join(import.meta.dirname, '../../bin/spymaster.js');

test('the binary shows help with examples and every command on stdout, and exits 0', () => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [binary, '--help'], { encoding: 'utf8' });
  deepEqual([status, stderr], [0, '']);
  match(stdout, /Usage: spymaster/);
  match(stdout, /npx spymaster replay/);
  for (const name of commands.keys()) match(stdout, new RegExp(`^  ${name}\\b`, 'm'));
  for (const { group } of commands.values()) equal(stdout.split(`\n${group}:\n`).length, 2, group);
  equal(/^Commands:$/m.test(stdout), false, 'every command stands in a group');
});

test('`help` and a command show its help', async () => {
  const { code, out } = await runCommand('help', 'campaign');
  equal(code, 0);
  equal(out, (await runCommand('campaign', '--help')).out);
  match((await runCommand('help', 'nothing')).err, /^Error \[USAGE\]: Unknown command 'nothing'\. Run /);
});

test('the list of commands has each as it defines itself', async () => {
  const cli = {
    output: new Output({ stdout: new PassThrough(), stderr: new PassThrough() }),
    interruptSignal: () => new AbortController().signal,
  };
  for (const [name, { usage, load }] of commands) {
    const command = new Command(name);
    (await load())(command, cli);
    equal(`${name} ${usage}`.trim(), new Help().subcommandTerm(command));
  }
});

test('a home folder that cannot be made costs the compile cache and nothing else', () => {
  for (const HOME of ['/proc/nope', '/dev/null/home']) {
    const env = { PATH: process.env.PATH, HOME };
    const options = { encoding: 'utf8', env, timeout: 60_000, killSignal: 'SIGKILL' } as const;
    const { status, stderr } = spawnSync(process.execPath, [binary, '--version'], options);
    deepEqual([status, stderr], [0, ''], HOME);
  }
});

test('a failure of the system is told in one sentence and is no defect', () => {
  const told = (fault: object): readonly [number, string] => {
    const stderr = new PassThrough();
    const output = new Output({ stdout: new PassThrough(), stderr });
    output.error(Object.assign(new Error('said by the system'), fault), false);
    return [output.exitCode, String(stderr.read())];
  };
  deepEqual(told({ code: 'EMFILE', syscall: 'open', path: '/a' }), [
    1,
    'Error [SYSTEM_FAILED]: Cannot go on with /a: this process has too many open files (EMFILE); raise `ulimit -n` and run it again.\n',
  ]);
  deepEqual(told({ code: 'EIO', syscall: 'read' }), [
    1,
    'Error [SYSTEM_FAILED]: Cannot go on: the disk reported an I/O error (EIO); look at the system log and check the disk before you run it again.\n',
  ]);
  equal(told({ code: 'ERR_WORKER_INIT_FAILED' })[0], 1);
  equal(told({ code: 'ERR_WORKER_OUT_OF_MEMORY' })[0], 1);
  equal(told({ code: 'ERR_INVALID_ARG_TYPE' })[0], 70);
});

test('the binary exits 2 on wrong usage', () => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [binary, 'replya'], { encoding: 'utf8' });
  deepEqual([status, stdout], [2, '']);
  match(stderr, /^Error \[USAGE\]: Unknown command 'replya' \(Did you mean replay\?\) .*--help.*\n$/);
});

test('no words at all are a question for help', async () => {
  const { code, out } = await runCommand();
  equal(code, 0);
  match(out, /Examples:/);
});

test('every command has help with an example', async () => {
  for (const name of commands.keys()) {
    const { code, out, err } = await runCommand(name, '--help');
    deepEqual([code, err], [0, ''], name);
    match(out, /Examples?:\n/, `${name} --help has examples`);
  }
});

test('with --json an error is the one JSON object on stdout', async () => {
  const { code, out, err } = await runCommand('--no-such-option', '--json');
  deepEqual([code, err], [2, '']);
  const { error } = JSON.parse(out) as { error: { code: string; message: string } };
  equal(error.code, 'USAGE');
  match(error.message, /--no-such-option/);
});

test('a defect shows its trace and means 70, an interrupt 130', () => {
  const stderr = new PassThrough();
  const output = new Output({ stdout: new PassThrough(), stderr });
  output.error(new TypeError('x is not a function'), false);
  equal(output.exitCode, 70);
  match(String(stderr.read()), /TypeError: x is not a function\n +at /);
  output.error(AbortSignal.abort().reason, false);
  equal(output.exitCode, 130);
  equal(String(stderr.read()), 'Interrupted.\n');
});
