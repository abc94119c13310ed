import { deepEqual, equal, ok } from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { MlflowTracker, type TrackedRun } from '../../src/sweep/index.ts';

/*
 * Reports runs to a real MLflow server and reads them back: `npm run test:interop -- mlflow`. The argument is the
 * server's program.
 */
const command = process.argv[2] ?? 'mlflow';
const folder = mkdtempSync(join(tmpdir(), 'spymaster-mlflow-'));
const port = await freePort();
const uri = `http://127.0.0.1:${port}`;
const server = spawn(
  command,
  [
    ...['server', '--host', '127.0.0.1', '--port', String(port), '--workers', '1'],
    ...[
      '--backend-store-uri',
      `sqlite:///${join(folder, 'mlflow.db')}`,
      '--artifacts-destination',
      join(folder, 'artifacts'),
    ],
  ],
  { stdio: 'ignore', detached: true },
);
try {
  await untilUp();
  const runs = [0, 1, 2].map(trackedRun);
  const notices: string[] = [];
  const options = {
    experimentName: 'interop',
    spoolFolder: join(folder, 'spool'),
    notice: (text: string) => notices.push(text),
  };
  const down = new MlflowTracker({ ...options, trackingUri: `http://127.0.0.1:${await freePort()}` });
  down.log(runs[0]!);
  deepEqual(await down.close(), { sent: 0, spooled: 1 });
  const up = new MlflowTracker({ ...options, trackingUri: uri, timeoutMs: 30_000 });
  for (const run of runs.slice(1)) up.log(run);
  deepEqual(await up.close(), { sent: 2, spooled: 0 });
  equal(notices.filter((text) => text.startsWith('Sent 1 runs')).length, 1, notices.join('\n'));
  await readBack(runs);
  console.log(
    'mlflow: 3 runs with parameters, metrics, tags and artifacts are as they were reported, one of them by way of the spool',
  );
} finally {
  process.kill(-server.pid!, 'SIGKILL');
  rmSync(folder, { recursive: true, force: true });
}

function trackedRun(number: number): TrackedRun {
  return {
    runName: `run-${number}`,
    startMs: 1_770_000_000_000 + number,
    endMs: 1_770_000_001_000 + number,
    params: {
      ...Object.fromEntries(Array.from({ length: 130 }, (_, i) => [`p${i}`, `${i * number}`])),
      text: 'ä "quoted"',
    },
    metrics: { tp_rate: 0.25 + number / 10, mean_pnl_ticks: -number - 0.5, tiny: 1e-300 },
    tags: { experiment: 'interop', number: String(number) },
    artifacts: { 'thresholds.json': `[{"threshold": ${number}}]\n` },
  };
}

async function readBack(runs: readonly TrackedRun[]): Promise<void> {
  const { experiment } = await get<{ experiment: { experiment_id: string } }>(
    'api/2.0/mlflow/experiments/get-by-name?experiment_name=interop',
  );
  const answer = await fetch(`${uri}/api/2.0/mlflow/runs/search`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ experiment_ids: [experiment.experiment_id], max_results: 100 }),
  });
  type Pairs<T> = { key: string; value: T }[];
  type Found = {
    info: {
      run_id: string;
      run_name: string;
      status: string;
      start_time: number;
      end_time: number;
      artifact_uri: string;
    };
    data: { params: Pairs<string>; metrics: Pairs<number>; tags: Pairs<string> };
  };
  const { runs: found } = (await answer.json()) as { runs: Found[] };
  equal(found.length, runs.length);
  for (const run of runs) {
    const { info, data } = found.find((one) => one.info.run_name === run.runName)!;
    const record = <T>(pairs: Pairs<T>) => Object.fromEntries(pairs.map(({ key, value }) => [key, value]));
    deepEqual([info.status, info.start_time, info.end_time], ['FINISHED', run.startMs, run.endMs]);
    deepEqual(record(data.params), run.params);
    deepEqual(record(data.metrics), run.metrics);
    for (const [key, value] of Object.entries(run.tags)) equal(record(data.tags)[key], value);
    const path = info.artifact_uri.replace(/^mlflow-artifacts:\/*/, '');
    const artifact = await fetch(`${uri}/api/2.0/mlflow-artifacts/artifacts/${path}/thresholds.json`);
    equal(await artifact.text(), run.artifacts['thresholds.json']);
  }
}

async function get<T>(path: string): Promise<T> {
  const answer = await fetch(`${uri}/${path}`);
  ok(answer.ok, `${path}: ${answer.status}`);
  return (await answer.json()) as T;
}

async function untilUp(): Promise<void> {
  for (let attempt = 0; attempt < 240; attempt++) {
    const answer = await fetch(`${uri}/health`).catch(() => null);
    if (answer?.ok) return;
    await sleep(500);
  }
  throw new Error(`${command} server did not answer within two minutes`);
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}
