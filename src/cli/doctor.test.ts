import { equal, match } from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { runCommand } from '../../test/helpers/run_command.ts';
import { portFree, tracking } from './doctor.ts';

test('a port in use and a service that does not answer are warnings with a remedy', async () => {
  const server = createServer((request, response) => {
    response.writeHead(request.url === '/sick/health' ? 500 : 200).end('OK');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const taken = await portFree(port, 'serve');
  equal(taken.state, 'warning');
  match(`${taken.found} ${taken.remedy}`, /EADDRINUSE.*--port/);
  equal((await tracking(`http://127.0.0.1:${port}`)).state, 'ok');
  match((await tracking(`http://user:secret@127.0.0.1:${port}/sick`)).found, /^http:\/\/127[^@]*status 500$/);
  server.closeAllConnections();
  await new Promise((done) => server.close(done));
  equal((await portFree(port, 'serve')).state, 'ok');
  match((await tracking(`http://127.0.0.1:${port}`)).found, /does not answer/);
  match((await tracking('sqlite:///mlflow.db')).found, /no http address/);
  equal((await tracking(undefined)).state, 'ok');
});

test('doctor --json gives every finding and counts', async () => {
  const { out } = await runCommand('doctor', '--json', '--lake-root', '/nonexistent/lake');
  const report = JSON.parse(out) as { warnings: number; findings: { check: string; state: string; remedy: string }[] };
  equal(report.warnings, report.findings.filter(({ state }) => state === 'warning').length);
  match(report.findings.find(({ check }) => check === 'lake')!.remedy, /demo/);
});
