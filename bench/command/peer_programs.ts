import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { installPackages } from '../../test/helpers/python_environment.ts';
import type { PeerReport } from '../support/peer_report.ts';

const root = join(import.meta.dirname, '..', '..');
const rust = join(root, 'bench', 'peers', 'rust');
const python = join(root, 'bench', 'peers', 'python');
/** Python environments are kept between runs, as cargo keeps what it built. */
const environments = join(root, 'node_modules', '.cache', 'spymaster-bench');
const installMs = 300_000;

/** A program of others that can run here. */
export interface PeerProgram {
  /** Name and version, and those of its language. */
  readonly version: string;
  report(...words: readonly string[]): PeerReport;
}

/** The program of `bench/peers/rust`; null, which is said, where it cannot be built. */
export function buildRust(): PeerProgram | null {
  const { status } = spawnSync('cargo', ['build', '--release', '--locked', '--quiet'], { cwd: rust, stdio: 'inherit' });
  if (status !== 0) return skipped('the Rust program', 'cargo is not installed, or its packages cannot be fetched');
  const pinned = /^dbn = "=(.*)"$/m.exec(readFileSync(join(rust, 'Cargo.toml'), 'utf8'))?.[1];
  const compiler = numberOf('rustc', ['--version']);
  const program = join(rust, 'target', 'release', 'dbn-peer');
  return { version: `dbn ${pinned} (Rust ${compiler})`, report: (...words) => reportOf(program, words) };
}

/** A program of `bench/peers/python` with the packages of a file beside it; null, which is said, where they cannot be installed. */
export async function installPython(requirements: string, script: string): Promise<PeerProgram | null> {
  const file = join(python, `${requirements}.txt`);
  const environment = join(environments, requirements);
  const wanted = { packages: ['-r', relative(process.cwd(), file)], isComplete: true } as const;
  const pinned = readFileSync(file, 'utf8').split('\n', 1)[0]?.replace('==', ' ') ?? '';
  if (!existsSync(environment)) console.error(`Installing ${pinned} …`);
  const problem = await installPackages(wanted, environment, Date.now() + installMs);
  if (problem !== null) return skipped(pinned, problem);
  const interpreter = join(environment, 'bin', 'python');
  const version = `${pinned} (Python ${numberOf(interpreter, ['--version'])})`;
  return { version, report: (...words) => reportOf(interpreter, [join(python, script), ...words]) };
}

/** `zstd -dc`, which says nothing but how long it took; null, which is said, where it is not installed. */
export function findZstd(): PeerProgram | null {
  if (spawnSync('zstd', ['--version']).status !== 0) return skipped('zstd', 'it is not installed');
  const report = (path: string): PeerReport => {
    const startMs = performance.now();
    execFileSync('zstd', ['-dcq', path], { stdio: ['ignore', 'ignore', 'inherit'] });
    return { records: null, seconds: (performance.now() - startMs) / 1000, cpuSeconds: null, hash: null };
  };
  return { version: `zstd ${numberOf('zstd', ['--version'])}`, report: (path) => report(path!) };
}

/** What a program prints at its end. */
export function reportOf(program: string, words: readonly string[]): PeerReport {
  const output = execFileSync(program, words, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
  return JSON.parse(output) as PeerReport;
}

function skipped(what: string, why: string): null {
  console.error(`SKIPPED ${what}: ${why}.`);
  return null;
}

/** The first version number in what a program prints. */
function numberOf(program: string, words: readonly string[]): string {
  const { stdout } = spawnSync(program, words, { encoding: 'utf8' });
  return /\d+(\.\d+)+/.exec(stdout ?? '')?.[0] ?? 'of an unknown version';
}
