import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { cpSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { runCommand } from '../../src/cli/serve.ts';
import { Lake } from '../../src/lake/index.ts';
import { type Server, startServer } from '../../src/server/index.ts';
import { checkSchema, type SweepsResponse, specSchema, startedSchema, sweepsSchema } from '../../src/wire/index.ts';
import { runCommand as runCli } from '../helpers/run_command.ts';
import { temporaryFolder } from '../helpers/temporary_folder.ts';

/* Sweeps that are started, followed and cancelled by requests as the page sends them, as real processes. */

const root = temporaryFolder('page-sweeps');
const lake = new Lake(join(root, 'lake'));
const specFolder = join(root, 'configs', 'experiments');

const serve = (program = runCommand) =>
  startServer({ lake, host: '127.0.0.1', port: 0, webRoot: root, specFolder, runCommand: program });

/** A request for a change with the token and the origin of the page. */
async function post(server: Server, path: string, body: object): Promise<{ status: number; body: unknown }> {
  const response = await fetch(`${server.address}${path}`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      authorization: `Bearer ${server.changeToken}`,
      origin: server.address,
    },
    body: JSON.stringify(body),
  });
  return { status: response.status, body: await response.json() };
}

const pause = () => new Promise((resolve) => setTimeout(resolve, 200));
const logOf = async (server: Server, sweepId: string) =>
  (await fetch(`${server.address}/v1/sweeps/${sweepId}/log`)).text();
const get = async (server: Server, path: string) => (await fetch(`${server.address}${path}`)).json();

async function until(server: Server, holds: (sweeps: SweepsResponse) => boolean): Promise<SweepsResponse> {
  for (;;) {
    const sweeps = sweepsSchema.parse(await get(server, '/v1/sweeps'));
    if (holds(sweeps)) return sweeps;
    await pause();
  }
}

test('a sweep goes on without the server that started it, and another server shows, cancels and runs it again', async () => {
  cpSync('configs', join(root, 'configs'), { recursive: true });
  const raw = lake.rawFolder('future_mbo', 'MNQH6');
  mkdirSync(raw, { recursive: true });
  const file = join(raw, 'mnqh6-20260206.mbo.dbn.zst');
  await runCli('synth', '--out', file, '--profile', 'open', '--minutes', '15', '--rate', '60');
  let server = await serve();
  const spec = specSchema.parse(await get(server, '/v1/specs/sweep_derivative'));
  const text = spec.text
    .replace('name: sweep_derivative', 'name: from_page')
    .replace('tp_ticks: [4, 8]', 'tp_ticks: [2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13]');
  const check = checkSchema.parse((await post(server, '/v1/spec-check', { name: 'from_page', text })).body);
  ok(check.valid);
  deepEqual([check.cost.datasets_to_make, check.cost.units, check.cost.units_known], [1, 96, 0]);
  const wrong = checkSchema.parse(
    (await post(server, '/v1/spec-check', { name: 'x', text: `${text}nothing: 1\n` })).body,
  );
  ok(!wrong.valid);
  equal(wrong.line, text.split('\n').length);
  match(wrong.message, /x\.yaml:\d+:\d+/);
  const saved = await post(server, '/v1/specs/from_page', { text, etag: null });
  equal(saved.status, 200);
  const { etag } = saved.body as { etag: string };
  equal(readFileSync(join(specFolder, 'from_page.yaml'), 'utf8'), text);
  equal((await post(server, '/v1/specs/from_page/run', { etag: spec.etag })).status, 412);
  const started = startedSchema.parse((await post(server, '/v1/specs/from_page/run', { etag })).body);
  equal((await post(server, '/v1/specs/from_page/run', { etag })).status, 409);
  await until(server, ({ running }) => running.length > 0);
  await server.close();
  server = await serve();
  try {
    const { running } = await until(server, (sweeps) => sweeps.running.length + sweeps.ended.length > 0);
    deepEqual([running[0]?.sweep_id, running[0]?.state], [started.sweep_id, 'running']);
    const cancelled = await post(server, `/v1/sweeps/${started.sweep_id}/cancel`, {});
    equal(cancelled.status, 200);
    const { ended } = await until(server, (sweeps) => sweeps.ended.length > 0 && sweeps.running.length === 0);
    deepEqual([ended[0]?.outcome, ended[0]?.has_log], ['interrupted', true]);
    await post(server, '/v1/specs/from_page/run', { etag });
    const after = await until(server, (sweeps) => sweeps.ended[0]?.outcome !== 'interrupted');
    const [end] = after.ended;
    deepEqual([end?.outcome, (end?.ran ?? 0) + (end?.skipped ?? 0)], ['done', 96]);
    // The process prints its report after it said that the sweep ended.
    while (!/of from_page in /.test(await logOf(server, started.sweep_id))) await pause();
    equal((await fetch(`${server.address}/v1/sweeps/..%2f..%2fx/log`)).status, 404);
    ok(existsSync(lake.results));
  } finally {
    await server.close();
  }
});

test('a process that ends before it says anything is told with what it wrote last', async () => {
  const program = [process.execPath, '-e', "console.error('Error [X]: no instrument.'); process.exit(1)", '--'];
  const server = await serve(program);
  try {
    const { etag } = specSchema.parse(await get(server, '/v1/specs/from_page'));
    await post(server, '/v1/specs/from_page/run', { etag });
    const { ended } = await until(server, (sweeps) => sweeps.ended[0]?.outcome === 'failed');
    equal(ended[0]?.message, 'Error [X]: no instrument.');
  } finally {
    await server.close();
  }
});
