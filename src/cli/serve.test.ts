import { deepEqual, equal, match } from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { createServingLake, type ServingLake } from '../../test/serving_lake.ts';
import { StreamClient } from '../../test/stream_client.ts';

const binary = join(import.meta.dirname, '../../bin/spymaster.js');
let lake: ServingLake;

before(() => {
  lake = createServingLake(10);
});
after(() => lake.remove());

function run(...words: string[]): { code: number | null; out: string; err: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [binary, 'serve', ...words], {
    encoding: 'utf8',
    timeout: 20_000,
  });
  return { code: status, out: stdout, err: stderr };
}

/** Waits for text of a child process that matches. */
async function untilPrinted(child: ChildProcess, pattern: RegExp): Promise<string> {
  let text = '';
  for await (const chunk of child.stdout ?? []) {
    text += String(chunk);
    if (pattern.test(text)) break;
  }
  return text;
}

test('serve prints its address and what it serves, streams it, and ends well on Ctrl-C', async () => {
  const child = spawn(process.execPath, [binary, 'serve', '--port', '0', '--lake-root', lake.lake.root], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const exited = once(child, 'exit');
  const text = await untilPrinted(child, /serving=demo/);
  match(text, /^Serving \S+ on http:\/\/127\.0\.0\.1:\d+ \(Ctrl-C ends it\)\.$/m);
  match(text, /^demo {2,}srv_demo_00000001_00000001 {2,}http:\S+\/vacuum-pressure\.html\?serving=demo$/m);
  const address = /http:\/\/127\.0\.0\.1:\d+/.exec(text)?.[0] ?? '';
  const client = new StreamClient(`${address.replace('http', 'ws')}/v1/vacuum-pressure/stream?serving=demo`);
  await client.until(() => client.bins.length === 2);
  child.kill('SIGINT');
  equal((await client.closed).code, 1001);
  deepEqual(await exited, [0, null]);
});

test('telemetry flags without the file, a taken port and an unwritable lake are one sentence each', async () => {
  const window = run('--perf-window-start-et', '09:30');
  equal(window.code, 2);
  match(window.err, /^Error \[USAGE\]: --perf-window-start-et needs a file .*--perf-latency-jsonl.*\n$/);
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  const address = taken.address();
  const port = typeof address === 'object' ? String(address?.port) : '';
  const busy = run('--port', port, '--lake-root', lake.lake.root);
  taken.close();
  deepEqual([busy.code, busy.out], [1, '']);
  match(busy.err, /^Error \[PORT_TAKEN\]: .*\n$/);
  const file = join(lake.lake.root, 'file');
  writeFileSync(file, '');
  const unwritable = run('--lake-root', join(file, 'lake'));
  deepEqual([unwritable.code, unwritable.out], [1, '']);
  match(unwritable.err, /^Error \[LAKE_NOT_WRITABLE\]: .*\n$/);
});
