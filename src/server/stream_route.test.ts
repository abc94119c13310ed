import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import * as arrow from 'apache-arrow';
import fc from 'fast-check';
import { createServingLake, type ServingLake, servingSpec } from '../../test/helpers/serving_lake.ts';
import type { StreamClient } from '../../test/helpers/stream_client.ts';
import {
  connectTo,
  metricsOf,
  playThrough,
  publishVersion,
  range,
  seqs,
  serve,
} from '../../test/helpers/stream_server.ts';
import { createGridFrameDecoder, parseServerMessage } from '../wire/index.ts';
import type { Server } from './index.ts';
import { startEngineThread } from './threads.ts';

let lake: ServingLake;
let server: Server;
/** Every bin of the small market. */
let reference: StreamClient;

before(async () => {
  lake = createServingLake(30);
  server = await serve(lake.lake);
  reference = await playThrough(server);
});

after(async () => {
  await server.close();
  lake.remove();
});

const connect = (query?: string, options?: Parameters<typeof connectTo>[2], to = server): StreamClient =>
  connectTo(to, query, options);

test('a stream is runtime_config, then a grid_update and its frame per bin, then eof and a clean close', async () => {
  deepEqual(
    reference.messages.map(({ type }) => type),
    ['runtime_config', 'eof'],
  );
  deepEqual(reference.disorder, []);
  deepEqual(seqs(reference), range(0, 300));
  equal(reference.messages.at(-1)?.bin_count, 300);
  equal((await reference.closed).code, 1000);
  for (const message of reference.messages) parseServerMessage(JSON.stringify(message));
  for (const { text } of reference.bins) parseServerMessage(text);
  const config = reference.messages[0] ?? {};
  const { serving, grid_rows, stream_format, state_model, projection_horizons_ms } = config;
  deepEqual(serving, { serving_name: 'demo', serving_id: lake.spec.serving_id, source: lake.spec.source });
  deepEqual([grid_rows, stream_format, projection_horizons_ms], [21, 'dense_grid', [100, 200, 300, 400]]);
  equal((state_model as { zscore_window_bins: number }).zscore_window_bins, 30);
  equal(config.tick_size, 0.25);
  const table = arrow.tableFromIPC(reference.bins[150]?.frame ?? Buffer.alloc(0));
  deepEqual(
    table.schema.fields.map(({ name }) => name),
    config.grid_schema_fields,
  );
  const decoded = createGridFrameDecoder(21)(Uint8Array.from(reference.bins[150]?.frame ?? []));
  deepEqual(table.getChild('pressure_variant')?.toArray(), decoded.columns.pressure_variant);
  ok(decoded.columns.pressure_variant.some((value) => value > 0));
});

test('anything but one known serving gets one error message and close 1008', async () => {
  const cases: [string, RegExp][] = [
    ['', /expected one query parameter, serving=<alias or id>, got 0/],
    ['serving=', /got an empty one/],
    ['serving=demo&serving=demo', /got 2/],
    ['serving=demo&speed=2', /got also "speed"/],
    ['symbol=MNQH6&serving=demo', /got also "symbol"/],
    ['serving=demon', /Cannot find the serving "demon": the nearest known name is "demo"/],
    ['serving=..%2F..%2Fetc', /Cannot find the serving/],
  ];
  for (const [query, pattern] of cases) {
    const client = connect(query);
    equal((await client.closed).code, 1008, query);
    deepEqual(
      client.messages.map(({ type }) => type),
      ['error'],
    );
    match(String(client.messages[0]?.message), pattern);
    deepEqual(client.bins, []);
  }
});

test('bins are the same bytes however they are reached, and none is lost or doubled', async () => {
  const client = connect('serving=srv_demo_00000001_00000001');
  await client.until(() => client.bins.length === 2);
  client.control('pause');
  await client.roundTrip();
  const paused = client.bins.length;
  client.control('speed', { speed: 20 });
  await client.roundTrip();
  equal(client.bins.length, paused, 'nothing is sent while paused');
  client.control('resume');
  await client.until(() => client.bins.length >= 80);
  client.control('seek', { bin_seq: 250 });
  await client.until(() => client.bins.some(({ seq }) => seq === 250));
  const sought = seqs(client);
  const jump = sought.indexOf(250);
  deepEqual(sought.slice(0, jump), range(0, jump));
  const endsOf70 = (JSON.parse(reference.bins[70]?.text ?? '') as { ts_ns: string }).ts_ns;
  client.control('seek', { ts_ns: endsOf70 });
  await client.until(() => seqs(client).lastIndexOf(70) > jump);
  client.control('restart');
  await client.until(() => seqs(client).lastIndexOf(0) > 0);
  client.control('seek', { bin_seq: 290 });
  client.control('speed', { speed: 'max' });
  await client.closed;
  equal(client.bins.at(-1)?.seq, 299);
  deepEqual(client.messages.at(-1), { type: 'eof', bin_count: 300 });
  for (const { seq, text, frame } of client.bins) {
    equal(text, reference.bins[seq]?.text);
    ok(reference.bins[seq]?.frame.equals(frame), `frame ${seq}`);
  }
  const steps = seqs(client).filter((seq, i, all) => i > 0 && seq !== (all[i - 1] ?? 0) + 1);
  deepEqual(
    steps.filter((seq) => ![250, 70, 0, 290].includes(seq)),
    [],
  );
});

test('a malformed control message is answered with what is wrong, and changes nothing', async () => {
  const client = connect();
  await client.until(() => client.bins.length === 1);
  client.control('pause');
  for (const wrong of [
    '',
    'pause',
    '{"type":"control"}',
    '{"type":"control","action":"seek","bin_seq":-1}',
    '5'.repeat(5000),
  ]) {
    client.send(wrong);
  }
  client.socket.send(Buffer.from([1, 2, 3]));
  await client.roundTrip();
  const errors = client.messages.filter(({ type }) => type === 'error').map(({ message }) => String(message));
  equal(errors.length, 6);
  match(errors[3] ?? '', /bin_seq to be a whole number of at least 0, got -1/);
  match(errors[4] ?? '', /at most 4096 bytes, got 5000 bytes/);
  match(errors[5] ?? '', /got binary data/);
  client.control('speed', { speed: 'max' });
  client.control('resume');
  equal((await client.closed).code, 1000);
  deepEqual(seqs(client), range(0, 300));
});

test('no text breaks a stream: fuzzed control messages get a typed answer or none', async () => {
  const scalar = fc.oneof(fc.integer(), fc.double(), fc.string({ maxLength: 5 }), fc.constant(null));
  const texts = fc.oneof(
    fc.string(),
    fc.json({ maxDepth: 2 }),
    fc
      .record({
        type: fc.constantFrom('control', 'error'),
        action: fc.constantFrom('pause', 'resume', 'restart', 'seek', 'speed', 'stop'),
        bin_seq: fc.option(scalar, { nil: undefined }),
        ts_ns: fc.option(scalar, { nil: undefined }),
        speed: fc.option(scalar, { nil: undefined }),
      })
      .map((value) => JSON.stringify(value)),
  );
  const seed = 20260206;
  for (let round = 0; round < 4; round++) {
    const client = connect();
    await client.opened();
    for (const text of fc.sample(texts, { numRuns: 40, seed: seed + round })) client.send(text);
    await client.roundTrip();
    client.control('speed', { speed: 'max' });
    client.control('resume');
    equal((await client.closed).code, 1000, `seed ${seed + round}`);
    for (const { type } of client.messages) ok(['runtime_config', 'error', 'eof'].includes(String(type)));
    for (const { seq, frame } of client.bins) ok(reference.bins[seq]?.frame.equals(frame));
  }
});

test('a flood of messages ends the stream with a reason; a giant one ends it at once', async () => {
  const flood = connect();
  await flood.opened();
  for (let i = 0; i < 500; i++) flood.control('pause');
  equal((await flood.closed).code, 1008);
  match(String(flood.messages.at(-1)?.message), /Too many messages/);
  const giant = connect();
  await giant.opened();
  giant.send('x'.repeat(1 << 20));
  equal((await giant.closed).code, 1009);
});

test('pages of other origins may not open the stream; those of this machine and plain clients may', async () => {
  for (const origin of ['http://localhost:5174', 'http://127.0.0.1:8002', server.address]) {
    const client = connect('serving=demo', { origin });
    await client.until(() => client.bins.length > 0);
    await client.close();
  }
  for (const origin of ['http://evil.example', 'null', 'http://localhost.evil.example:8002', 'file://']) {
    const client = connect('serving=demo', { origin });
    const status = await new Promise((resolve) =>
      client.socket.on('unexpected-response', (_request, response) => {
        response.resume();
        resolve(response.statusCode);
        client.socket.terminate();
      }),
    );
    equal(status, 403, origin);
  }
});

test('a client that stops reading costs bounded memory, disturbs nobody, and is told why it is given up', async () => {
  const wide = servingSpec('srv_wide', { grid_radius_ticks: 100 });
  publishVersion(lake.lake, wide);
  const maxBufferedBytes = 1 << 17;
  const own = await serve(lake.lake, { limits: { maxBufferedBytes, maxBlockedMs: 200 } });
  try {
    const stuck = connect('serving=srv_wide', {}, own);
    await stuck.until(() => stuck.messages.length === 1);
    stuck.socket.pause();
    stuck.control('speed', { speed: 'max' });
    const other = connect('serving=srv_wide', {}, own);
    await other.opened();
    other.control('speed', { speed: 'max' });
    let maxBuffered = 0;
    other.socket.on('message', () => {
      for (const { bufferedAmount } of own.app.websocketServer.clients) {
        maxBuffered = Math.max(maxBuffered, bufferedAmount);
      }
    });
    equal((await other.closed).code, 1000);
    deepEqual(seqs(other), range(0, 300));
    const binBytes = (other.bins[0]?.frame.byteLength ?? 0) + 2000;
    ok(maxBuffered > maxBufferedBytes && maxBuffered <= maxBufferedBytes + binBytes, `${maxBuffered} bytes`);
    while (!(await metricsOf(own)).includes('spymaster_stream_refusals_total{code="PROTOCOL"} 1')) await setTimeout(20);
    stuck.socket.resume();
    equal((await stuck.closed).code, 1008);
    match(String(stuck.messages.at(-1)?.message), /did not read 131072 waiting bytes within 0.2 s/);
    deepEqual(seqs(stuck), range(0, stuck.bins.length));
    ok(stuck.bins.length < 300);
  } finally {
    await own.close();
  }
});

test('an engine thread that dies fails its clients with a reason, and the next client gets a new one', async () => {
  const workers: Worker[] = [];
  const own = await serve(lake.lake, {
    startThread: (spec) => {
      const worker =
        workers.length === 0
          ? new Worker('setTimeout(() => process.exit(3), 50)', { eval: true })
          : startEngineThread({ spec, lakeRoot: lake.lake.root }, 10_000);
      workers.push(worker);
      return worker;
    },
  });
  try {
    const unlucky = connect('serving=demo', {}, own);
    equal((await unlucky.closed).code, 1011);
    match(String(unlucky.messages.at(-1)?.message), /engine of this serving version stopped: it ended with code 3/);
    const client = connect('serving=demo', {}, own);
    await client.until(() => client.bins.length === 1);
    await workers[1]?.terminate();
    client.control('seek', { bin_seq: 290 });
    client.control('speed', { speed: 'max' });
    equal((await client.closed).code, 1000, 'a thread that dies while idle is not missed');
    equal(workers.length, 3);
    match(await metricsOf(own), /spymaster_engine_crashes_total\{serving_id="srv_demo_00000001_00000001"\} 2/);
  } finally {
    await own.close();
  }
});

test('an engine thread without clients is ended, and comes back when it is needed', async () => {
  const own = await serve(lake.lake, { limits: { idleMs: 0, cacheBytes: 0 } });
  try {
    for (let round = 0; round < 2; round++) {
      const client = connect('serving=demo', {}, own);
      await client.until(() => client.bins.length === 1);
      equal(own.pool.runningEngines, 1);
      await client.close();
      while (own.pool.runningEngines > 0) await setTimeout(5);
    }
  } finally {
    await own.close();
  }
});

test('limits on clients and on serving versions at once are refusals to try again later', async () => {
  publishVersion(lake.lake, servingSpec('srv_other', { cell_width_ms: 200 }));
  const own = await serve(lake.lake, { limits: { maxClients: 2, maxEngines: 1 } });
  try {
    const first = connect('serving=demo', {}, own);
    await first.until(() => first.bins.length > 0);
    const other = connect('serving=srv_other', {}, own);
    equal((await other.closed).code, 1013);
    match(String(other.messages[0]?.message), /1 other serving versions are being streamed already/);
    const second = connect('serving=demo', {}, own);
    await second.until(() => second.bins.length > 0);
    const third = connect('serving=demo', {}, own);
    equal((await third.closed).code, 1013);
    await first.close();
    await second.close();
  } finally {
    await own.close();
  }
});

test('a version whose data is missing or whose spec changed says so', async () => {
  const broken = createServingLake(30);
  const own = await serve(broken.lake);
  try {
    rmSync(broken.rawFile);
    const noData = connect('serving=demo', {}, own);
    equal((await noData.closed).code, 1011);
    match(String(noData.messages.at(-1)?.message), /Cannot find a replay file of future_mbo MNQH6 for 2026-02-06/);
    writeFileSync(broken.rawFile, 'not a DBN file at all, but long enough to look at');
    const badData = connect('serving=demo', {}, own);
    equal((await badData.closed).code, 1011);
    match(String(badData.messages.at(-1)?.message), /\.mbo\.dbn/);
    const specFile = join(broken.lake.servingVersions, `${broken.spec.serving_id}.yaml`);
    writeFileSync(specFile, readFileSync(specFile, 'utf8').replace('cell_width_ms: 100', 'cell_width_ms: 200'));
    const changed = connect('serving=demo', {}, own);
    equal((await changed.closed).code, 1008);
    match(String(changed.messages[0]?.message), /changed since it was published/);
  } finally {
    await own.close();
    broken.remove();
  }
});
