import { registerHooks } from 'node:module';
import { SpymasterError } from '../errors.ts';
import { signalScheme } from '../signals/index.ts';

/** What the files of one signal folder, or of one source, import, and their text. */
export interface SignalFiles {
  /** Text of the file at a path in the folder. @throws SIGNAL_FAILED where there is none to be had */
  text(path: string): string;
  /** Called for each import of one file by another. */
  onImport?(from: string, to: string): void;
}

/** The only package that a user's signal may import. */
const publicName = 'spymaster/signal';
const extensions = /\.(?:ts|mts|js|mjs)$/;

/** Where the files of each address begin, in this thread: `spymaster-signal://<host>/`. */
const served = new Map<string, SignalFiles>();
let areInstalled = false;

/**
 * Makes files importable in this thread under `spymaster-signal://<host>/<path>`. They may import each other by relative paths, and
 * `spymaster/signal`; whatever else they import, dynamically too, is refused.
 */
export function serveSignalFiles(host: string, files: SignalFiles): void {
  served.set(host, files);
  if (areInstalled) return;
  areInstalled = true;
  registerHooks({
    resolve(specifier, context, next) {
      if (specifier.startsWith(signalScheme)) return { url: specifier, shortCircuit: true };
      const from = parse(context.parentURL);
      return from === null ? next(specifier, context) : { url: resolveFrom(from, specifier), shortCircuit: true };
    },
    load(url, context, next) {
      const file = parse(url);
      if (file === null) return next(url, context);
      const source = file.files.text(file.path);
      return { format: /\.m?ts$/.test(file.path) ? 'module-typescript' : 'module', source, shortCircuit: true };
    },
  });
}

/** The address of a file. */
export function signalUrl(host: string, path: string): string {
  return `${signalScheme}//${host}/${path}`;
}

interface Place {
  readonly host: string;
  readonly path: string;
  readonly files: SignalFiles;
}

function parse(url: string | undefined): Place | null {
  if (url === undefined || !url.startsWith(signalScheme)) return null;
  const { host, pathname } = new URL(url);
  const files = served.get(host);
  return files === undefined ? null : { host, path: decodeURIComponent(pathname.slice(1)), files };
}

function resolveFrom({ host, path, files }: Place, specifier: string): string {
  if (specifier === publicName) return publicUrl();
  const isRelative = specifier.startsWith('./') || specifier.startsWith('../');
  const to = isRelative ? joined(path, specifier) : null;
  if (to === null || !extensions.test(to)) {
    throw new SpymasterError(
      'SIGNAL_FAILED',
      `Cannot load ${path}: it imports ${JSON.stringify(specifier)}; allowed: files of its folder by relative paths that end in .ts ` +
        'or .js, and "spymaster/signal".',
      { path, key: specifier },
    );
  }
  files.onImport?.(path, to);
  return signalUrl(host, to);
}

/** A path in the folder, from that of the file that imports it; null where it leaves the folder. */
function joined(from: string, specifier: string): string | null {
  const parts = from.split('/').slice(0, -1);
  for (const part of specifier.split('/')) {
    if (part === '..') {
      if (parts.pop() === undefined) return null;
    } else if (part !== '.' && part !== '') parts.push(part);
  }
  return parts.join('/');
}

/** A checkout runs the source, an installed package what it was compiled to. */
function publicUrl(): string {
  return new URL(`../signals/public.${import.meta.url.endsWith('.ts') ? 'ts' : 'js'}`, import.meta.url).href;
}
