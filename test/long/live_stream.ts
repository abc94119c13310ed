import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { decodeDbn } from '../../src/dbn/index.ts';
import type { Server } from '../../src/server/index.ts';
import { type LiveStatus, liveStatusSchema } from '../../src/wire/index.ts';
import { GrowingRecording } from '../helpers/growing_recording.ts';
import { seeded } from '../helpers/seeded.ts';
import { createServingLake, type ServingLake } from '../helpers/serving_lake.ts';
import type { StreamClient } from '../helpers/stream_client.ts';
import { connectTo, metricsOf, playThrough, range, seqs, serve } from '../helpers/stream_server.ts';

let lake: ServingLake;
/** Every bin of the finished file, as a replay streams it. */
let replay: StreamClient;
let bytes: Buffer;
let recording: GrowingRecording;
let server: Server;

before(async () => {
  lake = createServingLake(30);
  const finished = await serve(lake.lake);
  replay = await playThrough(finished);
  equal(await (await fetch(`${finished.address}/v1/live`)).json(), null, 'nothing is live there');
  await finished.close();
  bytes = readFileSync(lake.rawFile);
  recording = new GrowingRecording(lake.spec.runtime_snapshot.symbol, lake.spec.runtime_snapshot.stream_dt);
  server = await serve(lake.lake, { live: recording.options('demo') });
});

after(async () => {
  await server.close();
  recording.remove();
  lake.remove();
});

const statusOf = async (): Promise<LiveStatus> =>
  liveStatusSchema.parse(await (await fetch(`${server.address}/v1/live`)).json());

function assertAsReplayed(client: StreamClient): void {
  deepEqual(client.disorder, []);
  for (const { seq, text, frame } of client.bins) {
    equal(text, replay.bins[seq]?.text);
    ok(replay.bins[seq]?.frame.equals(frame), `frame ${seq}`);
  }
}

/** Byte offset at which a share of the busy half minute has been recorded. */
const offsetAt = (share: number) => {
  const head = [...decodeDbn(bytes).batches][0]?.byteOffset ?? 0;
  return head + Math.floor((bytes.length - head) * (4000 / 7000 + (3000 / 7000) * share));
};

test('a file that grows in pieces of any size streams, bin by bin, what a replay of it streams later', async () => {
  const client = connectTo(server);
  await client.opened();
  equal((await statusOf()).connection, 'connecting');
  const ready = async () => (await fetch(`${server.address}/ready`)).status;
  equal(await ready(), 503);
  recording.begin(bytes.subarray(0, 7));
  let at = 7;
  const random = seeded(5);
  const growTo = async (end: number) => {
    while (at < end) {
      const size = 1 + Math.floor(random() * (at < offsetAt(0) ? 40_000 : 1500));
      recording.append(bytes.subarray(at, Math.min(at + size, end)));
      at = Math.min(at + size, end);
      await sleep(1);
    }
  };
  await growTo(offsetAt(0.5));
  await client.until(() => client.bins.length >= 140);
  const config = client.messages[0] ?? {};
  equal(await ready(), 200);
  deepEqual([config.live, config.published_symbol, config.warm_up_short_min], [true, config.symbol, 0]);
  ok(client.bins.length <= 155, 'no bin comes before the record that closes it');

  // One who comes later gets the newest bin and what was before it; seeks go back, and no further than the newest.
  const late = connectTo(server);
  await late.until(() => late.bins.length === client.bins.length);
  late.control('pause');
  late.control('seek', { bin_seq: 20 });
  await late.roundTrip();
  const before = late.bins.length;
  late.control('speed', { speed: 'max' });
  late.control('resume');
  await late.until(() => late.bins.length === before + client.bins.length - 20);
  late.control('seek', { bin_seq: 1e9 });
  await late.until(() => late.bins.length === before + client.bins.length - 20 + 1);
  equal(late.bins.at(-1)?.seq, client.bins.at(-1)?.seq);
  const overview = (await (await fetch(`${server.address}/v1/servings/demo/overview`)).json()) as Record<
    string,
    unknown
  >;
  deepEqual([overview.is_complete, overview.bin_count], [false, client.bins.length]);

  const status = await statusOf();
  deepEqual([status.bin_count, status.is_of_file, status.is_over], [client.bins.length, true, false]);
  equal(status.serving_id, `${lake.spec.serving_id}.20260206`);

  await growTo(bytes.length);
  await client.until(() => client.bins.length === 299);
  recording.sink.end();
  equal((await client.closed).code, 1000);
  await late.closed;
  deepEqual(seqs(client), range(0, 300));
  deepEqual(client.messages.at(-1), { type: 'eof', bin_count: 300 });
  assertAsReplayed(client);
  assertAsReplayed(late);
  match(await metricsOf(server), /spymaster_live_bins 300/);
});

test('a live stream that ended is played from its first bin, as a replay is', async () => {
  const client = await playThrough(server);
  deepEqual(seqs(client), range(0, 300));
  assertAsReplayed(client);
});
