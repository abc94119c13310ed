import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';

export interface PythonPackages {
  /** What pip is told to install: `name==version`, or `-r` and a file of such lines. */
  readonly packages: readonly string[];
  /** Whether `packages` are all that is needed: what else they name as their dependencies is not installed. */
  readonly isComplete?: true;
}

/**
 * Installs packages from PyPI into the Python environment at a path, which is made where there is none; packages that are there
 * already take neither time nor a network. Ends when `endMs` has come.
 * @returns a sentence on why they are not there, else null
 */
export async function installPackages(
  { packages, isComplete }: PythonPackages,
  environment: string,
  endMs: number,
): Promise<string | null> {
  const python = join(environment, 'bin/python');
  if (!existsSync(python) && (await exitCode('python3', ['-m', 'venv', environment], 'ignore', endMs)) !== 0) {
    rmSync(environment, { recursive: true, force: true });
    return 'it needs python3 with venv (Debian: python3-venv)';
  }
  const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--retries', '1', '--timeout', '20'];
  if (isComplete) pip.push('--no-deps');
  const code = await exitCode(python, [...pip, ...packages], 'inherit', endMs);
  if (code === 0) return null;
  const names = packages.filter((word) => word !== '-r').join(', ');
  return code === null ? `${names} did not install in time` : `${names} cannot be installed`;
}

/** Of a program; null for one that could not start, or was ended because `endMs` had come. */
export async function exitCode(
  program: string,
  args: readonly string[],
  stdio: 'inherit' | 'ignore',
  endMs: number | null,
): Promise<number | null> {
  const timeout = endMs === null ? undefined : AbortSignal.timeout(Math.max(0, endMs - Date.now()));
  const child = spawn(program, args, { stdio, ...(timeout && { signal: timeout }) });
  try {
    const [code] = (await once(child, 'exit')) as [number | null];
    return code;
  } catch {
    return null;
  }
}
