import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { startGateway } from '../../src/databento/live/index.ts';
import { findRawFile, Lake } from '../../src/lake/index.ts';
import { recorderFor } from '../../src/server/index.ts';
import { laterSession } from '../helpers/later_session.ts';
import { createServingLake } from '../helpers/serving_lake.ts';
import type { StreamClient } from '../helpers/stream_client.ts';
import { connectTo, publishVersion, range, seqs, serve } from '../helpers/stream_server.ts';
import { temporaryFolder } from '../helpers/temporary_folder.ts';

const folder = temporaryFolder('live-roll');
const seconds = 600;
/** Behind the last record heartbeats close bins to the session's end, 9.5 hours later: few bins, of half a minute. */
const cellMs = 30_000;
const busyBins = (seconds * 1000) / cellMs;
const allBins = (16 * 60 + 29 - 7 * 60) * (60_000 / cellMs);

function assertSame(live: StreamClient, replay: StreamClient): void {
  const bySeq = new Map(replay.bins.map((bin) => [bin.seq, bin]));
  deepEqual(live.disorder, []);
  for (const { seq, text, frame } of live.bins) {
    equal(text, bySeq.get(seq)?.text);
    ok(bySeq.get(seq)?.frame.equals(frame), `frame ${seq}`);
  }
}

test('a live server goes from the file of one session to that of the next, over a weekend; both streams are those of replays', async (t) => {
  const friday = createServingLake(seconds);
  t.after(friday.remove);
  const monday = join(folder, 'monday.dbn');
  writeFileSync(monday, laterSession(readFileSync(friday.rawFile), 3));
  const lake = new Lake(join(folder, 'lake'));
  const spec = { ...friday.spec, runtime_snapshot: { ...friday.spec.runtime_snapshot, cell_width_ms: cellMs } };
  const { serving_id: id } = spec;
  publishVersion(lake, spec);
  await using gateway = await startGateway({ files: [friday.rawFile, monday], key: null, speed: 'max', port: 0 });
  const record = recorderFor({
    ...{ target: { lakeRoot: lake.root }, start: 'session' },
    access: {
      address: { host: gateway.host, port: gateway.port },
      ...{ dataset: 'GLBX.MDP3', client: 'test', key: 'db-practice-without-a-key' },
    },
    notice: () => {},
    onFailed: (error) => {
      throw error;
    },
  });
  const server = await serve(lake, { live: { serving: id, record } });
  let isOpen = true;
  t.after(() => (isOpen ? server.close() : undefined));
  const first = connectTo(server, `serving=${id}`);
  equal((await first.closed).code, 1000);
  deepEqual(first.messages.at(-1), { type: 'eof', bin_count: allBins });
  match(JSON.stringify(first.messages[0]), /"stream_dt":"2026-02-06"/);

  const second = connectTo(server, `serving=${id}`);
  await second.until(() => (second.bins.at(-1)?.seq ?? 0) >= busyBins - 2);
  match(JSON.stringify(second.messages[0]), /"stream_dt":"2026-02-09"/);
  const status = (await (await fetch(`${server.address}/v1/live`)).json()) as { date: string; gaps: unknown[] };
  deepEqual([status.date, status.gaps], ['2026-02-09', []]);
  await server.close();
  isOpen = false;

  match(await findRawFile(lake, 'future_mbo', 'MNQH6', '2026-02-06'), /MNQH6\.live\.dbn\.zst$/);
  match(await findRawFile(lake, 'future_mbo', 'MNQH6', '2026-02-09'), /MNQH6\.live\.dbn$/);
  const later = 'srv_demo_00000001_00000002';
  const runtime = { ...spec.runtime_snapshot, stream_dt: '2026-02-09' };
  publishVersion(lake, { ...spec, serving_id: later, runtime_snapshot: runtime });
  const replaying = await serve(lake);
  t.after(() => replaying.close());
  for (const [live, name] of [
    [first, id],
    [second, later],
  ] as const) {
    const replay = connectTo(replaying, `serving=${name}`);
    await replay.opened();
    replay.control('speed', { speed: 'max' });
    await replay.closed;
    assertSame(live, replay);
  }
  deepEqual(seqs(first), range(seqs(first)[0] ?? 0, allBins));
});
