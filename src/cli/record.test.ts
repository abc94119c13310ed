import { deepEqual, equal, match } from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { recordedFeed } from '../../test/helpers/recorded_feed.ts';
import { type CommandResult, runCommand } from '../../test/helpers/run_command.ts';
import { smallSession } from '../../test/helpers/small_session.ts';
import { temporaryFolder } from '../../test/helpers/temporary_folder.ts';
import { type RecorderState, startGateway } from '../databento/live/index.ts';
import { findRawFile, Lake } from '../lake/index.ts';
import { stateText } from './record.ts';

const folder = temporaryFolder('record');
const session = join(folder, 'session.dbn');
writeFileSync(session, smallSession(60));

/** Records from a gateway whose market is a second into the session. */
async function recordFrom(...words: string[]): Promise<CommandResult> {
  const fromNs = 1_770_387_961_000_000_000n;
  await using gateway = await startGateway({ files: [session], key: null, speed: 'max', port: 0, fromNs });
  const address = `127.0.0.1:${gateway.port}`;
  const until = '2026-02-06T14:26:06.1Z';
  const feed = ['--dataset', 'GLBX.MDP3', '--symbol', 'MNQH6', '--gateway', address, '--until', until];
  return await runCommand('record', ...feed, ...words);
}

test('record puts a session into the lake, where it is found by symbol and date', async () => {
  const lakeRoot = join(folder, 'lake');
  const { code, out, err } = await recordFrom('--lake-root', lakeRoot, '--json');
  equal(code, 0, out);
  const { files } = JSON.parse(out) as {
    files: { path: string; date: string; records: number; finished: boolean; gaps: [] }[];
  };
  const path = await findRawFile(new Lake(lakeRoot), 'future_mbo', 'MNQH6', '2026-02-06');
  match(path, /glbx-mdp3-20260206\.MNQH6\.live\.dbn\.zst$/);
  deepEqual(
    files.map((file) => [file.path, file.date, file.finished, file.gaps]),
    [[path, '2026-02-06', true, []]],
  );
  equal(recordedFeed(path).mbo.length > 60, true);
  match(err, /Recording to .*live\.dbn\.\n/);
  // The session is recorded again, into another file: nothing is written over.
  const again = await recordFrom('--lake-root', lakeRoot);
  match(again.out, /^Recorded .*MNQH6\.live-2\.dbn\.zst: \d+ records of MNQH6 on 2026-02-06 \(.*\), no gaps\.\n$/);
});

test('a start by time is refused without --partial', async () => {
  const at = ['--start', '2026-02-06T14:26:00Z'];
  const refused = await recordFrom(...at, '--out', join(folder, 'never.dbn'));
  match(refused.err, /^Error \[USAGE\]: Cannot record from a time on: .*--partial\.\n$/);
  deepEqual([refused.code, existsSync(join(folder, 'never.dbn'))], [2, false]);
  const path = join(folder, 'partial.dbn');
  const { code } = await recordFrom(...at, '--partial', '--out', path);
  deepEqual([code, recordedFeed(path).mbo], [0, recordedFeed(session).mbo]);
});

test('the progress line has state, counts, delay and gaps', () => {
  const state: RecorderState = {
    ...{ path: 'x.dbn', date: '2026-02-06', symbol: 'MNQH6', bytes: 56_000, records: 1000 },
    ...{ lastEventNs: 1n, lastReceiveNs: 1n, connection: 'live', retryInMs: null, delayMs: 12.4 },
    gaps: [{ fromNs: 1n, toNs: 2n, cause: 'aged_out' }],
  };
  equal(stateText(state, 530), 'MNQH6 2026-02-06: live  1,000 records (56.0 kB)  530/s  delay 12 ms  1 gap');
  const retrying = { ...state, connection: 'retrying', retryInMs: 4100, delayMs: 1e12, gaps: [] } as const;
  match(stateText(retrying, 0), /connection lost, trying again in 4 s .* times of a file {2}no gaps$/);
});
