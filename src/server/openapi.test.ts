import { deepEqual, equal, ok } from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { Lake } from '../lake/index.ts';
import { startServer } from './server.ts';

const folder = mkdtempSync(join(tmpdir(), 'spymaster-openapi-'));
after(() => rmSync(folder, { recursive: true }));

test('the documentation lists routes that there are, as a browser and as a generator want it', async (t) => {
  const lake = new Lake(join(folder, 'lake'));
  const server = await startServer({ lake, host: '127.0.0.1', port: 0, webRoot: join(folder, 'none') });
  t.after(() => server.close());
  const document = (await (await fetch(`${server.address}/docs/json`)).json()) as {
    openapi: string;
    paths: Record<string, { get: { parameters: { name: string; in: string; required: boolean }[] } }>;
  };
  equal(document.openapi, '3.1.0');
  const listed = Object.keys(document.paths);
  for (const path of listed) {
    ok(server.app.hasRoute({ method: 'GET', url: path.replace(/\{(\w+)\}/g, ':$1') }), path);
  }
  const runs = document.paths['/v1/experiments/runs']!.get.parameters;
  deepEqual(
    runs.map((parameter) => parameter.name),
    ['signal', 'dataset_id', 'experiment', 'sort', 'min_signals', 'top_n'],
  );
  deepEqual(document.paths['/v1/experiments/runs/{run_id}/detail']!.get.parameters[0], {
    name: 'run_id',
    in: 'path',
    required: true,
    schema: { type: 'string' },
  });
  const page = await fetch(`${server.address}/docs/`);
  equal(page.status, 200);
  ok((await page.text()).includes('swagger-ui'));
});

test('errors have one shape', async (t) => {
  const lake = new Lake(join(folder, 'lake'));
  const server = await startServer({ lake, host: '127.0.0.1', port: 0, webRoot: join(folder, 'none') });
  t.after(() => server.close());
  for (const [path, status, code] of [
    ['/v1/experiments/runs?top_n=many', 422, 'USAGE'],
    ['/v1/experiments/runs?sort=luck', 422, 'USAGE'],
    ['/v1/experiments/runs?tpo_n=1', 422, 'USAGE'],
    ['/v1/experiments/runs/none/detail', 404, 'RUN_UNKNOWN'],
    ['/v1/experiments/runs/none/outcomes?threshold=1', 404, 'RUN_UNKNOWN'],
    ['/v1/nothing', 404, 'NOT_FOUND'],
  ] as const) {
    const answer = await fetch(server.address + path);
    const { error } = (await answer.json()) as { error: { code: string; message: string } };
    deepEqual([answer.status, error.code], [status, code], path);
    ok(error.message.length > 10);
  }
});
