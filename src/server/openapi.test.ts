import { deepEqual, equal, ok } from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryFolder } from '../../test/helpers/temporary_folder.ts';
import { Lake } from '../lake/index.ts';
import { type Server, startServer } from './server.ts';

const folder = temporaryFolder('openapi');

/** Every route of a server as `METHOD /path/{parameter}`, HEAD aside, read from the tree that fastify prints. */
function routesOf({ app }: Server): string[] {
  const above: string[] = [];
  return app
    .printRoutes({ commonPrefix: false })
    .split('\n')
    .flatMap((line) => {
      const [, indent, part, methods] = /^([│ ]*)[├└]── (\S+)(?: \((.*)\))?$/.exec(line) ?? [];
      if (indent === undefined || part === undefined) return [];
      const depth = indent.length / 4;
      above.splice(depth, Number.POSITIVE_INFINITY, part);
      const path = above.join('').replaceAll(/:(\w+)/g, '{$1}');
      return (methods?.split(', ') ?? []).filter((method) => method !== 'HEAD').map((method) => `${method} ${path}`);
    });
}

test('every route is in the documentation, pages and the documentation itself aside', async (t) => {
  const lake = new Lake(join(folder, 'lake'));
  const server = await startServer({
    lake,
    host: '0.0.0.0',
    allowRemote: true,
    port: 0,
    webRoot: join(folder, 'none'),
  });
  t.after(() => server.close());
  const headers = { authorization: `Bearer ${server.token}` };
  const address = server.address.replace('0.0.0.0', '127.0.0.1');
  const { paths } = (await (await fetch(`${address}/docs/json`, { headers })).json()) as {
    paths: Record<string, Record<string, { responses: Record<string, unknown>; security?: unknown[] }>>;
  };
  const listed = Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  );
  const routes = routesOf(server).filter((route) => !/^GET \/(docs.*|[\w-]+\.html)?$/.test(route));
  ok(routes.includes('POST /v1/session') && routes.includes('GET /ready'), routes.join(', '));
  deepEqual(listed.toSorted(), routes.toSorted());
  // Whether a route asks for the token, as documented.
  for (const [path, methods] of Object.entries(paths)) {
    for (const [method, { responses, security }] of Object.entries(methods)) {
      const { status, body } = await fetch(address + path.replaceAll(/[{}]/g, ''), { method: method.toUpperCase() });
      await body?.cancel();
      equal(status === 401, '401' in responses, path);
      equal(status !== 401, security?.length === 0, path);
    }
  }
  deepEqual(Object.keys(paths['/v1/session']!.post!.responses), ['204', '401', '403', '421']);
  deepEqual(Object.keys(paths['/ready']!.get!.responses), ['200', '401', '403', '421', '503']);
});

test('the documentation is as a browser and as a generator want it', async (t) => {
  const lake = new Lake(join(folder, 'lake'));
  const server = await startServer({ lake, host: '127.0.0.1', port: 0, webRoot: join(folder, 'none') });
  t.after(() => server.close());
  const document = (await (await fetch(`${server.address}/docs/json`)).json()) as {
    openapi: string;
    paths: Record<string, { get: { parameters: { name: string; in: string; required: boolean }[] } }>;
  };
  equal(document.openapi, '3.1.0');
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
    ['/v1/experiments/runs/none/execution', 404, 'RUN_UNKNOWN'],
    ['/v1/experiments/runs/none/orders?threshold=1&session=2026-02-05', 404, 'RUN_UNKNOWN'],
    ['/v1/nothing', 404, 'NOT_FOUND'],
  ] as const) {
    const answer = await fetch(server.address + path);
    const { error } = (await answer.json()) as { error: { code: string; message: string } };
    deepEqual([answer.status, error.code], [status, code], path);
    ok(error.message.length > 10);
  }
});
