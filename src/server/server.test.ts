import { deepEqual, equal, match, ok, rejects } from 'node:assert/strict';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { pino } from 'pino';
import { goldenCases, readGoldenConfig } from '../../test/helpers/golden.ts';
import { createServingLake, type ServingLake, servingSpec } from '../../test/helpers/serving_lake.ts';
import { readShared, sharedPath } from '../../test/helpers/shared.ts';
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
import { SpymasterError } from '../errors.ts';
import { Lake } from '../lake/index.ts';
import type { Server, ServerOptions } from './index.ts';

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

test('telemetry is a line per bin inside the window, and percentiles in the log', async () => {
  const path = join(lake.lake.root, 'latency.jsonl');
  const logged: string[] = [];
  const logger = pino({ level: 'info' }, { write: (line) => logged.push(line) });
  const play = async (telemetry: ServerOptions['telemetry'] & object) => {
    const own = await serve(lake.lake, { telemetry, logger });
    const client = connectTo(own);
    await client.opened();
    client.control('speed', { speed: 'max' });
    await client.closed;
    await own.close();
  };
  await play({ path, windowStartEt: '09:31', windowEndEt: '09:32', summaryEveryBins: 100 });
  const lines = readFileSync(path, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, number | string | null>);
  deepEqual(
    lines.map(({ bin_seq }) => bin_seq),
    range(0, 300),
  );
  for (const [seq, line] of lines.entries()) {
    const update = JSON.parse(reference.bins[seq]?.text ?? '') as Record<string, unknown>;
    deepEqual([line.ts_ns, line.bin_event_count], [update.ts_ns, update.bin_event_count]);
    for (const [name, value] of Object.entries(line)) {
      if (!name.endsWith('_us') || value === null) continue;
      ok(Number.isSafeInteger(value) && (value as number) >= 0, `${name} of bin ${seq}: ${value}`);
    }
    ok((line.first_event_to_ready_us ?? 0) >= (line.last_event_to_ready_us ?? 0));
  }
  const summaries = logged.map((line) => JSON.parse(line)).filter(({ msg }) => msg === 'latency');
  deepEqual(
    summaries.map(({ bins }) => bins),
    [100, 200, 300],
  );
  deepEqual(Object.keys(summaries[0].due_to_socket_us), ['p50', 'p95', 'p99']);
  await play({ path, windowStartEt: '09:32', windowEndEt: '09:30' });
  equal(readFileSync(path, 'utf8').trimEnd().split('\n').length, 300, 'bins outside the window are not measured');
  const noFolder = { path: join(lake.lake.root, 'no', 'such', 'folder.jsonl') };
  await rejects(serve(lake.lake, { telemetry: noFolder }), isError('FILE_UNREADABLE', /Cannot append telemetry/));
  const empty = { path, windowStartEt: '10:00', windowEndEt: '10:00' };
  await rejects(serve(lake.lake, { telemetry: empty }), isError('USAGE', /window must not be empty/));
});

test('health, metrics, pages and errors over HTTP', async () => {
  const get = (path: string) => fetch(`${server.address}${path}`);
  const health = (await (await get('/health')).json()) as { status: string };
  equal(health.status, 'ok');
  match(await metricsOf(server), /spymaster_stream_bins_total\{serving_id="srv_demo_00000001_00000001"\} \d{3}/);
  const stream = await get('/v1/vacuum-pressure/stream?serving=demo');
  equal(stream.status, 426);
  const nowhere = await get('/no/such/thing');
  equal(nowhere.status, 404);
  deepEqual(await nowhere.json(), {
    error: { code: 'NOT_FOUND', message: 'There is nothing at /no/such/thing.', fields: {} },
  });
  const unbuilt = await get('/vacuum-pressure.html?serving=demo');
  equal(unbuilt.status, 503);
  match(await unbuilt.text(), /npm run build/);
  const webRoot = join(lake.lake.root, 'dist');
  mkdirSync(join(webRoot, 'assets'), { recursive: true });
  writeFileSync(join(webRoot, 'vacuum-pressure.html'), '<!doctype html>heatmap');
  writeFileSync(join(webRoot, 'index.html'), '<!doctype html>start');
  writeFileSync(join(webRoot, 'assets', 'page-abc123.js'), 'export {}');
  const own = await serve(lake.lake, { webRoot });
  try {
    const page = await fetch(`${own.address}/vacuum-pressure.html?serving=demo`);
    deepEqual([page.status, page.headers.get('cache-control')], [200, 'no-cache']);
    const script = await fetch(`${own.address}/assets/page-abc123.js`);
    match(script.headers.get('cache-control') ?? '', /immutable/);
    match(script.headers.get('content-type') ?? '', /javascript/);
    equal((await fetch(`${own.address}/..%2fserving_registry.sqlite`)).status >= 400, true);
    const start = await fetch(own.address);
    deepEqual([await start.text(), start.headers.get('cache-control')], ['<!doctype html>start', 'no-cache']);
  } finally {
    await own.close();
  }
});

test('a server that cannot listen or has no lake to write says why', async () => {
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  const { port } = taken.address() as AddressInfo;
  await rejects(serve(lake.lake, { port }), isError('PORT_TAKEN', /another program uses that port/));
  taken.close();
  await rejects(serve(lake.lake, { host: '203.0.113.7' }), isError('USAGE', /Cannot listen on 203.0.113.7/));
  const notAFolder = new Lake(join(lake.rawFile, 'lake'));
  await rejects(serve(notAFolder), isError('LAKE_NOT_WRITABLE', /Cannot/));
});

test('a server that stops tells its clients', async () => {
  const own = await serve(lake.lake);
  const client = connectTo(own);
  await client.until(() => client.bins.length > 0);
  await own.close();
  deepEqual(await client.closed, { code: 1001, reason: 'the server is stopping' });
});

test('files stream their goldens', async () => {
  for (const name of goldenCases) {
    const { runtime, stream_dt, stream_start_time, end_time } = readGoldenConfig(name);
    const root = mkdtempSync(join(tmpdir(), 'spymaster-golden-'));
    const goldenLake = new Lake(root);
    const folder = goldenLake.rawFolder(runtime.product_type, runtime.symbol);
    mkdirSync(folder, { recursive: true });
    const { source } = JSON.parse(readShared('golden', name, 'meta.json').toString()) as { source: string };
    symlinkSync(sharedPath('data', source), join(folder, source));
    const snapshot = { ...runtime, stream_dt, stream_start_time, ...(end_time && { end_time }) };
    publishVersion(goldenLake, { ...servingSpec('srv_golden'), runtime_snapshot: snapshot });
    const own = await serve(goldenLake);
    try {
      const lines = readShared('golden', name, 'bins.ndjson.zst').toString().trimEnd().split('\n');
      const client = connectTo(own, 'serving=srv_golden');
      await client.opened();
      client.control('speed', { speed: 100 });
      await client.until(() => client.bins.length >= 100);
      client.control('seek', { bin_seq: lines.length - 200 });
      client.control('speed', { speed: 'max' });
      equal((await client.closed).code, 1000);
      ok(client.bins.length >= 300);
      deepEqual(seqs(client).slice(-200), range(lines.length - 200, lines.length));
      for (const { seq, text } of client.bins) assertSameBin(text, lines[seq] ?? '{}');
    } finally {
      await own.close();
      rmSync(root, { recursive: true });
    }
  }
});

/** Fields equal, floats within model.md §9's tolerance. */
function assertSameBin(ours: string, golden: string): void {
  const actual = JSON.parse(ours) as Record<string, unknown>;
  for (const [field, expected] of Object.entries(JSON.parse(golden) as Record<string, unknown>)) {
    const got = actual[field];
    if (typeof expected === 'number' && typeof got === 'number' && !Number.isInteger(expected)) {
      ok(Math.abs(got - expected) <= 1e-9 * (1 + Math.abs(expected)), `${field}: ${got}, expected ${expected}`);
    } else if (typeof expected === 'number' && typeof got === 'number') {
      ok(Math.abs(got - expected) <= 1e-9, `${field}: ${got}, expected ${expected}`);
    } else equal(got, expected, field);
  }
}

function isError(code: string, pattern: RegExp) {
  return (error: unknown) => error instanceof SpymasterError && error.code === code && pattern.test(error.message);
}
