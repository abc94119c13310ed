import { deepEqual, equal, match } from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { mboOf, ofLayout, receive, sessionOptions } from '../../test/helpers/live_client.ts';
import { runCommand } from '../../test/helpers/run_command.ts';
import { smallSession } from '../../test/helpers/small_session.ts';
import { temporaryFolder } from '../../test/helpers/temporary_folder.ts';

const binary = join(import.meta.dirname, '../../bin/spymaster.js');
const file = join(temporaryFolder('gateway-command'), 'session.dbn');
writeFileSync(file, smallSession(300));

test('gateway says where it listens, serves any key, does what its flags say, and ends well on Ctrl-C', async () => {
  const words = ['gateway', '--file', file, '--port', '0', '--speed', 'max', '--from', '2026-02-06T14:26:01Z'];
  const faults = ['--drop-after', '20', '--skip-after', '5', '--age-out'];
  const child = spawn(process.execPath, [binary, ...words, ...faults], { stdio: ['ignore', 'pipe', 'pipe'] });
  const exited = once(child, 'exit');
  let said = '';
  child.stderr.on('data', (chunk) => {
    said += chunk;
  });
  const [line] = await once(child.stdout, 'data');
  match(
    String(line),
    /^Live gateway of GLBX\.MDP3 on 127\.0\.0\.1:\d+: \S+ from 2026-02-06T14:26:01\.000Z on, as fast as clients read \(Ctrl-C ends it\)\.\n$/,
  );
  const port = Number(/:(\d+): /.exec(String(line))?.[1]);
  const first = await receive(sessionOptions(port, { key: 'db-any-key-at-all-0123456789' }));
  // The records of the first second are 10 adds and 3 cancels behind the clear; 100 of the 20 are left out.
  equal(first.mbo.length, 5 * 56);
  deepEqual(
    ofLayout(first.records, 'errorV2').map(({ code }) => code),
    [],
  );
  const aged = await receive(sessionOptions(port, { subscriptions: [mboOf({ startNs: 0n })] }));
  deepEqual(
    ofLayout(aged.records, 'errorV2').map(({ code }) => code),
    [8],
  );
  child.kill('SIGINT');
  deepEqual(await exited, [0, null]);
  match(said, /^session 1 of GLBX\.MDP3 opened, with any key$/m);
});

test('gateway refuses what it cannot play', async () => {
  for (const [words, why] of [
    [[], /--file/],
    [['--file', file, '--file', file], /begins before that one ends; join them/],
    [['--file', file, '--speed', '0.5'], /a number from 1 on/],
    [['--file', file, '--speed', 'fast'], /Expected max/],
    [['--file', file, '--from', 'yesterday'], /2026-02-06T14:25:00Z/],
    [['--file', file, '--drop-after', '-1'], /whole number/],
  ] as const) {
    const { code, err } = await runCommand('gateway', ...words);
    equal(code, 2);
    match(err, why);
  }
  const missing = await runCommand('gateway', '--file', join(file, '..', 'nope.dbn'));
  deepEqual([missing.code, /FILE_NOT_FOUND/.test(missing.err)], [1, true]);
});
