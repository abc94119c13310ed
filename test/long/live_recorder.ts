import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { copyFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { startGateway } from '../../src/databento/live/index.ts';
import { Lake, ServingRegistry } from '../../src/lake/index.ts';
import { recorderFor } from '../../src/server/index.ts';
import { createServingLake } from '../helpers/serving_lake.ts';
import { connectTo, playThrough, seqs, serve } from '../helpers/stream_server.ts';
import { temporaryFolder } from '../helpers/temporary_folder.ts';

const folder = temporaryFolder('live-recorder');

test('what a gateway sends is recorded and streamed, and a replay of the recording streams the same bytes', async (t) => {
  const { lake, rawFile, spec, remove } = createServingLake(20);
  t.after(remove);
  // The connection breaks once in the middle; what was missed is fetched.
  await using gateway = await startGateway({
    ...{ files: [rawFile], key: null, speed: 'max', port: 0, atEnd: 'heartbeats' },
    faults: [{ at: [{ after: 5000, do: 'drop', bytes: 20 }] }],
  });
  const file = join(folder, 'recording.dbn');
  const notices: string[] = [];
  const record = recorderFor({
    ...{ target: { file }, start: 'session' },
    access: {
      address: { host: gateway.host, port: gateway.port },
      ...{ dataset: 'GLBX.MDP3', client: 'test', key: 'db-practice-without-a-key' },
    },
    notice: (text) => notices.push(text),
    onFailed: (error) => {
      throw error;
    },
  });
  const server = await serve(lake, { live: { serving: 'demo', record } });
  t.after(() => server.close());
  const client = connectTo(server);
  await client.until(() => client.bins.length > 0 && (client.bins.at(-1)?.seq ?? 0) >= 198);
  match(notices[0] ?? '', /^Recording MNQH6 to /);
  client.control('seek', { bin_seq: 0 });
  client.control('speed', { speed: 'max' });
  await client.until(() => seqs(client).lastIndexOf(198) > seqs(client).lastIndexOf(0));
  // The market goes on: a heartbeat closes another bin by and by, in the recording first.
  const streamed = [...client.bins];

  const later = new Lake(join(folder, 'later'));
  const raw = later.rawFolder('future_mbo', spec.runtime_snapshot.symbol);
  mkdirSync(raw, { recursive: true });
  copyFileSync(file, join(raw, 'glbx-mdp3-20260206.mbo.dbn'));
  const registry = new ServingRegistry(later);
  registry.publish(spec, { now: () => '2026-02-07T00:00:00Z', alias: 'demo' });
  registry.close();
  const replaying = await serve(later);
  t.after(() => replaying.close());
  const replay = await playThrough(replaying);
  const bySeq = new Map(replay.bins.map((bin) => [bin.seq, bin]));
  equal(client.disorder.length, 0);
  deepEqual(new Set(seqs(client)).size >= 199, true);
  for (const { seq, text, frame } of streamed) {
    equal(text, bySeq.get(seq)?.text);
    ok(bySeq.get(seq)?.frame.equals(frame), `frame ${seq}`);
  }
});
