import { deepEqual, equal, match } from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { createServingLake, type ServingLake } from '../helpers/serving_lake.ts';
import { StreamClient } from '../helpers/stream_client.ts';

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

test('serve on an address that others reach needs a flag, prints its token once and warns in a line', async () => {
  const refused = run('--host', '0.0.0.0', '--port', '0', '--lake-root', lake.lake.root);
  deepEqual([refused.code, refused.out], [2, '']);
  match(refused.err, /^Error \[USAGE\]: Cannot listen on 0\.0\.0\.0: others reach .*--allow-remote.*\n$/);
  const words = ['--host', '0.0.0.0', '--allow-remote', '--port', '0', '--log-level', 'silent', '--lake-root'];
  const child = spawn(process.execPath, [binary, 'serve', ...words, lake.lake.root], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const exited = once(child, 'exit');
  let err = '';
  child.stderr.on('data', (chunk) => {
    err += chunk;
  });
  const text = await untilPrinted(child, /experiments\.html/);
  const [, page, token] = /(http:\S+\/vacuum-pressure\.html\?serving=demo)#token=(\S+)/.exec(text) ?? [];
  match(text, /^Experiments: http:\S+\/experiments\.html#token=\S+$/m);
  const port = new URL(page!).port;
  equal((await fetch(`http://127.0.0.1:${port}/ready`)).status, 401);
  equal((await fetch(`http://127.0.0.1:${port}/ready`, { headers: { authorization: `Bearer ${token}` } })).status, 200);
  child.kill('SIGTERM');
  deepEqual(await exited, [0, null]);
  match(err, /^Warning: others reach this address, .*\n$/);
});

test('a request is a line in the log, its token never; a defect is logged and ends the server with 70', async (t) => {
  const script = `import { run } from '${new URL('../../src/cli/main.ts', import.meta.url).href}';
    process.on('message', () => Promise.reject(new Error('a defect')));
    process.exitCode = await run(['serve', '--port', '0', '--lake-root', process.argv[1]], process) || process.exitCode;`;
  const child = spawn(process.execPath, ['-e', script, lake.lake.root], {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  t.after(() => child.kill('SIGKILL'));
  const exited = once(child, 'exit');
  let err = '';
  child.stderr!.on('data', (chunk) => {
    err += chunk;
  });
  const address = /http:\/\/127\.0\.0\.1:\d+/.exec(await untilPrinted(child, /serving=demo/))?.[0] ?? '';
  equal((await fetch(`${address}/nothing?token=secret`)).status, 404);
  const client = new StreamClient(`${address.replace('http', 'ws')}/v1/vacuum-pressure/stream?serving=demo`);
  await client.until(() => client.bins.length === 1);
  child.send('fail');
  equal((await client.closed).code, 1001);
  deepEqual(await exited, [70, null]);
  const lines = err
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  const asked = lines.find(({ msg, path }) => msg === 'request' && path === '/nothing')!;
  deepEqual([asked.method, asked.status, typeof asked.ms], ['GET', 404, 'number']);
  const fatal = lines.find(({ level }) => level === 60)!;
  deepEqual([fatal.kind, (fatal.err as { message: string }).message], ['unhandledRejection', 'a defect']);
  equal(err.includes('secret'), false);
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
