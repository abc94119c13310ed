import { createServer } from 'node:net';
import type { Command } from 'commander';
import type { Finding } from '../doctor/index.ts';
import { exitCode, SpymasterError } from '../errors.ts';
import { plural } from '../format.ts';
import type { Cli } from './command.ts';
import { anyLakeOption, jsonOption } from './options.ts';

const examples = `
Reads every dataset and download to verify checksums, and each raw file that has changed since it was last hashed; in a large
lake this takes a while. Writes nothing but the cache of hashes. The exit code is 1 if a check fails, 0 if all pass or there
are only warnings.

Examples:
  $ npx spymaster doctor
  $ npx spymaster doctor --lake-root /data/lake --json`;

/** Ports of the server and of the pages under development. */
const ports = [
  [8002, 'serve'],
  [5174, 'npm run dev'],
] as const;
const serviceTimeoutMs = 2_000;

/** Adds `doctor`: checks of the installation and the lake. */
export function addDoctorCommand(command: Command, cli: Cli): void {
  command
    .option(...anyLakeOption)
    .option(...jsonOption)
    .addHelpText('after', examples)
    .action((options: { readonly lakeRoot: string; readonly json?: true }) => examine(options, cli));
}

async function examine(options: { readonly lakeRoot: string; readonly json?: true }, cli: Cli): Promise<void> {
  const { output } = cli;
  const { examineLake } = await import('../doctor/index.ts');
  const { openLake } = await import('../lake/index.ts');
  const signal = cli.interruptSignal();
  const progress = output.progress({ label: 'Examining', unit: 'items', total: null });
  let looks = 0;
  const onLook = (): void => progress.update(++looks);
  const findings = [
    runtime(),
    await instrument(),
    ...(await examineLake(await openLake(options.lakeRoot), { signal, onLook }).finally(() => progress.stop())),
    ...(await Promise.all(ports.map(([port, user]) => portFree(port, user)))),
    await tracking(process.env.MLFLOW_TRACKING_URI),
    databentoKey(process.env.DATABENTO_API_KEY),
  ];
  const count = (state: Finding['state']): number => findings.filter((finding) => finding.state === state).length;
  if (options.json) output.json({ failures: count('failure'), warnings: count('warning'), findings });
  else output.print(findingsText(findings, count('failure'), count('warning')));
  if (count('failure') > 0) output.exitCode = exitCode.failure;
}

function findingsText(findings: readonly Finding[], failures: number, warnings: number): string {
  const marks = { ok: '✓', warning: '!', failure: '✗' } as const;
  const width = Math.max(...findings.map(({ check }) => check.length));
  const lines = findings.flatMap(({ check, state, found, remedy }) => [
    `${marks[state]} ${check.padEnd(width)}  ${found}.`,
    ...(remedy === '' ? [] : [`  ${' '.repeat(width)}  → ${remedy}`]),
  ]);
  const verdict =
    failures + warnings === 0
      ? 'All is well.'
      : `${plural(failures, 'failure')}, ${plural(warnings, 'warning')}; see the arrows for fixes.`;
  return [...lines, '', verdict].join('\n');
}

/** The entry point refuses older runtimes; what may still lack is what a build of Node was made without. */
function runtime(): Finding {
  const { node } = process.versions;
  const check = 'runtime';
  const lacking = [
    typeof Temporal === 'undefined' ? 'Temporal' : '',
    process.features.typescript === false ? 'TypeScript stripping' : '',
  ].filter((name) => name !== '');
  if (lacking.length === 0)
    return { check, state: 'ok', found: `Node ${node}, ${process.platform} ${process.arch}`, remedy: '' };
  const remedy = 'run `npm ci`, which installs the pinned runtime, and start with `npx spymaster`';
  return { check, state: 'failure', found: `Node ${node} was built without ${lacking.join(' and ')}`, remedy };
}

async function instrument(): Promise<Finding> {
  const { instrumentPath, readInstrument } = await import('../lake/index.ts');
  const check = 'instrument';
  const path = instrumentPath(process.env);
  try {
    const { product_type, symbol } = await readInstrument(path);
    return { check, state: 'ok', found: `locked to ${product_type} ${symbol} by ${path}`, remedy: '' };
  } catch (error) {
    if (!(error instanceof SpymasterError)) throw error;
    return { check, state: 'failure', found: error.message.replace(/\.$/, ''), remedy: '' };
  }
}

/** Whether a port of this machine can be listened at. */
export function portFree(port: number, user: string): Promise<Finding> {
  const check = 'ports';
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => {
      const found = `port ${port}, which \`${user}\` uses, is taken (${error.code})`;
      const remedy = 'fine if Spymaster runs already; otherwise end what uses it, or give serve another --port';
      resolve({ check, state: 'warning', found, remedy });
    });
    server.listen(port, '127.0.0.1', () => {
      server.close(() => resolve({ check, state: 'ok', found: `port ${port} is free for \`${user}\``, remedy: '' }));
    });
  });
}

/** Whether the MLflow server answers; optional. */
export async function tracking(address: string | undefined): Promise<Finding> {
  const check = 'MLflow';
  if (address === undefined || address === '') {
    return { check, state: 'ok', found: 'no MLFLOW_TRACKING_URI is set; runs are kept in the lake alone', remedy: '' };
  }
  const remedy = 'start it, or correct MLFLOW_TRACKING_URI; runs are spooled in the lake until it is back';
  const url = URL.parse(address);
  if (url === null || !/^https?:$/.test(url.protocol)) {
    return { check, state: 'warning', found: `${address} is no http address`, remedy };
  }
  const shown = `${url.origin}${url.pathname.replace(/\/$/, '')}`;
  try {
    const response = await fetch(`${shown}/health`, { signal: AbortSignal.timeout(serviceTimeoutMs) });
    await response.body?.cancel();
    if (response.ok) return { check, state: 'ok', found: `${shown} answers`, remedy: '' };
    return { check, state: 'warning', found: `${shown} answers with status ${response.status}`, remedy };
  } catch {
    return { check, state: 'warning', found: `${shown} does not answer`, remedy };
  }
}

function databentoKey(key: string | undefined): Finding {
  const check = 'Databento';
  if (key === undefined || key === '') {
    const found = 'no DATABENTO_API_KEY is set; only `download` needs it';
    return { check, state: 'ok', found, remedy: '' };
  }
  return { check, state: 'ok', found: 'DATABENTO_API_KEY is set (it is not shown, and was not tried)', remedy: '' };
}
