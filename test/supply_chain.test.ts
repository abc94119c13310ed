import { deepEqual, equal } from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

interface LockedPackage {
  readonly version: string;
  readonly integrity?: string;
  readonly resolved?: string;
  readonly license?: string;
  readonly hasInstallScript?: true;
}

const read = (name: string) => JSON.parse(readFileSync(join(import.meta.dirname, '..', name), 'utf8'));
const manifest = read('package.json') as Record<string, Record<string, string | false>>;
const { packages } = read('package-lock.json') as { packages: Record<string, LockedPackage> };
const installed = Object.entries(packages).filter(([path]) => path !== '');

/** Licences that may be used and passed on beside Apache-2.0. */
const allowed = new Set([
  '0BSD',
  'Apache-2.0',
  'BSD-3-Clause',
  'BlueOak-1.0.0',
  'ISC',
  'MIT',
  'MIT OR Apache-2.0',
  'MPL-2.0',
]);

test('every package is pinned with its hash, runs no code when it is installed, and has a known licence', () => {
  const wrong = (isWrong: (entry: LockedPackage) => boolean) =>
    installed.filter(([, entry]) => isWrong(entry)).map(([path]) => path);
  deepEqual(
    wrong(({ integrity }) => !/^sha512-/.test(integrity ?? '')),
    [],
    'without a SHA-512',
  );
  const scripts = wrong(({ hasInstallScript }) => hasInstallScript === true);
  deepEqual(
    scripts
      .map((path) => path.replace(/^.*node_modules\//, ''))
      .filter((name) => manifest.allowScripts?.[name] !== false),
    [],
    'with an install script that package.json does not deny',
  );
  deepEqual(
    wrong(({ license }) => !allowed.has(license ?? '')),
    [],
    'with another licence',
  );
  deepEqual(
    wrong(({ resolved }) => resolved !== undefined),
    [],
    'bound to one registry',
  );
});

test('direct dependencies name exact versions, and the runtime is one version on every platform', () => {
  for (const kind of ['dependencies', 'optionalDependencies', 'devDependencies']) {
    for (const [name, version] of Object.entries(manifest[kind] ?? {})) {
      equal(/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(String(version)), true, `${name} ${version}`);
    }
  }
  equal(new Set(Object.values(manifest.optionalDependencies ?? {})).size, 1);
});
