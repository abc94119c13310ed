import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { exitCode, installPackages, type PythonPackages } from '../helpers/python_environment.ts';

/** One comparison: what is installed from PyPI, and the script that is run with that Python. */
interface Peer extends PythonPackages {
  /** Called with the program of the Python environment that is named. */
  readonly script: string;
  /** Whether it takes minutes: it runs where it is named. */
  readonly isLong?: true;
  readonly program: 'python' | 'mlflow' | 'moto_server';
  /** A program of the Go proxy that is taken instead where there is a Go. */
  readonly go?: string;
}

const modelPackages = [
  'lightgbm==4.7.0',
  'xgboost-cpu==3.2.0',
  'scikit-learn==1.9.1',
  'pandas==3.1.1',
  'pyarrow==26.0.1',
];

const peers: Readonly<Record<string, Peer>> = {
  dbn: { packages: ['databento_dbn==0.72.0'], script: 'dbn_interop.ts', program: 'python' },
  events: { packages: ['databento_dbn==0.72.0', 'duckdb==2.0.1'], script: 'events_interop.ts', program: 'python' },
  live: { packages: ['databento==0.88.0'], script: 'live_interop.ts', program: 'python' },
  s3: {
    packages: ['moto[server]==5.2.5'],
    script: 's3/s3_interop.ts',
    program: 'moto_server',
    go: 'github.com/johannesboyne/gofakes3/cmd/gofakes3@v1.2.0',
  },
  statistics: {
    packages: ['scipy==1.17.1', 'statsmodels==0.15.0'],
    script: 'statistics_interop.ts',
    program: 'python',
  },
  mlflow: { packages: ['mlflow==3.17.2'], script: 'mlflow_interop.ts', program: 'mlflow' },
  mbo_queue: { packages: ['mbo-queue==0.7.0'], script: 'mbo_queue_interop.ts', program: 'python' },
  hftbacktest: {
    packages: ['hftbacktest==2.4.4', 'numba==0.68.1', 'llvmlite==0.50.0', 'numpy==2.2.6'],
    script: 'hftbacktest_interop.ts',
    program: 'python',
    isComplete: true,
  },
  models: { packages: modelPackages, script: 'models_interop.ts', program: 'python' },
  model_recipes: { packages: modelPackages, script: 'model_recipes.ts', program: 'python', isLong: true },
};

/** Time that the first peer has at least, to be installed. */
const firstPeerMs = 120_000;

const usage = `npm run test:interop -- [peer…] [--seconds N] [--write]

Compares what Spymaster reads, computes and sends with real packages, which are installed from PyPI, or for s3 from the Go proxy
where there is a Go, into a temporary folder.
A package that cannot be installed, in time or at all, is skipped, which is said. Each day begins with another peer, and has time for it
whatever the bound, so that short runs meet all peers within days.

  --seconds N    about that long in all (600)
  --write        record what the dbn peer answers in docs/ and test/interop/, instead of comparing with it

peers: ${Object.keys(peers).join(', ')}; those that take minutes run when they are named:
${Object.entries(peers)
  .filter(([, { isLong }]) => isLong)
  .map(([name]) => name)
  .join(', ')}`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seconds: { type: 'string', default: '600' },
    write: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  },
});

async function main(): Promise<void> {
  const unknown = positionals.filter((name) => !(name in peers));
  if (unknown.length > 0) throw new Error(`There is no peer ${unknown.join(', ')}: ${Object.keys(peers).join(', ')}`);
  const chosen = Object.entries(peers).filter(([name, { isLong }]) =>
    positionals.length === 0 ? isLong !== true : positionals.includes(name),
  );
  const dayNumber = Math.floor(Date.now() / 86_400_000);
  const ordered = positionals.length === 0 ? rotated(chosen, dayNumber) : chosen;
  const endMs = Date.now() + Number(values.seconds) * 1000;
  const folder = mkdtempSync(join(tmpdir(), 'spymaster-interop-'));
  try {
    const failed: string[] = [];
    const leftOut: string[] = [];
    for (const [index, [name, peer]] of ordered.entries()) {
      const peerEndMs = index === 0 ? Math.max(endMs, Date.now() + firstPeerMs) : endMs;
      const result = await compare(name, peer, join(folder, name), peerEndMs);
      if (result === 'differs') failed.push(name);
      if (result === 'skipped') leftOut.push(name);
    }
    console.log(
      `${ordered.length - leftOut.length} of ${ordered.length} peers compared; ${leftOutWords(leftOut, ordered)}`,
    );
    if (failed.length > 0) throw new Error(`Differences: ${failed.join(', ')}`);
  } finally {
    // What was ended because the time was over may still write.
    rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 250 });
  }
}

/** The same from another element on each day. */
function rotated<T>(all: readonly T[], dayNumber: number): readonly T[] {
  const first = dayNumber % all.length;
  return [...all.slice(first), ...all.slice(0, first)];
}

/** What was not compared, and which peer the next day begins with. */
function leftOutWords(leftOut: readonly string[], ordered: readonly (readonly [string, Peer])[]): string {
  if (leftOut.length === 0) return 'none was left out';
  const next = positionals.length === 0 ? `; tomorrow begins with ${ordered[1]?.[0]}` : '';
  return `left out: ${leftOut.join(', ')}${next}`;
}

/** Installs a peer and runs its comparison. */
async function compare(
  name: string,
  peer: Peer,
  environment: string,
  endMs: number,
): Promise<'agrees' | 'differs' | 'skipped'> {
  const startMs = Date.now();
  if (startMs >= endMs) {
    console.log(`SKIPPED ${name}: no time was left`);
    return 'skipped';
  }
  const built = peer.go === undefined ? null : await installGo(peer.go, join(environment, 'bin'), endMs);
  const problem = built === null ? await installPackages(peer, environment, endMs) : null;
  if (problem !== null) {
    console.log(`SKIPPED ${name}: ${problem}`);
    return 'skipped';
  }
  const installedMs = Date.now();
  const program = built ?? join(environment, 'bin', peer.program);
  const flags = values.write ? ['--write'] : [];
  const code = await exitCode(
    process.execPath,
    [join(import.meta.dirname, peer.script), program, ...flags],
    'inherit',
    null,
  );
  const seconds = (ms: number) => Math.round(ms / 1000);
  console.log(
    `${name}: ${code === 0 ? 'agrees' : 'DIFFERS'} with ${built === null ? peer.packages.join(', ') : peer.go}; ` +
      `${seconds(installedMs - startMs)} s to install, ${seconds(Date.now() - installedMs)} s to compare`,
  );
  return code === 0 ? 'agrees' : 'differs';
}

/** Builds a program of the Go proxy; its path, null where there is no Go, or it cannot be built in time. */
async function installGo(program: string, folder: string, endMs: number): Promise<string | null> {
  const go = existsSync('/usr/local/go/bin/go') ? '/usr/local/go/bin/go' : 'go';
  if ((await exitCode(go, ['version'], 'ignore', endMs)) !== 0) return null;
  const code = await exitCode('env', [`GOBIN=${folder}`, 'CGO_ENABLED=0', go, 'install', program], 'ignore', endMs);
  const path = join(folder, basename(program.split('@')[0] ?? ''));
  return code === 0 && existsSync(path) ? path : null;
}

if (values.help) console.log(usage);
else
  await main().catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  });
