import { deepEqual, equal } from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { startGateway } from '../../src/databento/live/index.ts';
import { findRawFile, Lake } from '../../src/lake/index.ts';
import { isSnapshot, recordedFeed, testKey } from '../helpers/recorded_feed.ts';
import { runCommand } from '../helpers/run_command.ts';
import { temporaryFolder } from '../helpers/temporary_folder.ts';

const program = resolve(import.meta.dirname, '../../bin/spymaster.js');

test('a recorder that is killed again and again, and started again, has every record once', async () => {
  const folder = temporaryFolder('recorder-kills');
  const source = join(folder, 'session.dbn');
  await runCommand('synth', '--out', source, '--minutes', '1', '--rate', '400', '--profile', 'calm');
  const all = recordedFeed(source).mbo;
  const fromNs = Temporal.Instant.from('2026-02-06T14:25:01Z').epochNanoseconds;
  await using gateway = await startGateway({ files: [source], key: null, speed: 2, port: 0, fromNs });
  const lakeRoot = join(folder, 'lake');
  const words = ['record', '--dataset', 'GLBX.MDP3', '--symbol', 'MNQH6', '--gateway', `127.0.0.1:${gateway.port}`];
  const start = () =>
    spawn(process.execPath, [program, ...words, '--lake-root', lakeRoot, '--until', '2026-02-06T14:25:58Z'], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, DATABENTO_API_KEY: testKey },
    });
  let kills = 0;
  for (; gateway.nowNs < fromNs + 45_000_000_000n; kills++) {
    const child = start();
    const closed = once(child, 'close');
    setTimeout(() => child.kill('SIGKILL'), 1500 + ((kills * 977) % 4000));
    await closed;
  }
  const child = start();
  const [code] = (await once(child, 'close')) as [number];
  equal(code, 0);
  const path = await findRawFile(new Lake(lakeRoot), 'future_mbo', 'MNQH6', '2026-02-06');
  equal(path.endsWith('.live.dbn.zst'), true);
  const { mbo, gaps } = recordedFeed(path);
  deepEqual(gaps, []);
  const own = mbo.filter((hex) => !isSnapshot(hex));
  const events = all.filter((hex) => !isSnapshot(hex));
  // From its first record on it is the source, to the first record past the end.
  const first = events.indexOf(own[0] ?? '');
  deepEqual(own, events.slice(first, first + own.length));
  equal(Buffer.from(own.at(-1) ?? '', 'hex').readBigUInt64LE(8) >= fromNs + 57_000_000_000n, true);
  equal(kills >= 5, true, `${kills} kills`);
});
