import { execFile, execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { type Gateway, startGateway } from '../../src/databento/live/index.ts';
import { FakeDatabento } from '../helpers/fake_databento.ts';
import { RedisServer, withoutRedis } from '../helpers/redis_server.ts';
import { commandsOf } from './page.ts';
import { probeServer } from './server.ts';

const usage = `npm run walk -- [--keep] [--install]

Clones the last commit and runs every command of README.md in the clone, as a new user would. Servers are started, opened and
stopped; the vendor and its live feed are fakes on this machine; RUN and DATASET stand for what the commands before printed.

  --keep      leave the clone there
  --install   run npm ci even when this checkout has the same packages installed`;

const { values } = parseArgs({
  options: { keep: { type: 'boolean' }, install: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
});

const checkout = resolve(import.meta.dirname, '../..');
/** Generous: a machine that is busy with other work shall not fail a command. */
const commandMs = 600_000;

/** Commands that serve until they are stopped, and how each is. */
const servers = [
  [/^npm run demo$/, 'interrupt'],
  // The task of an editor that is closed ends npm alone.
  [/^npm run demo -- --file/, 'terminate'],
  [/^npm run demo -- --live/, 'interrupt'],
  [/^npx spymaster serve$/, 'interrupt'],
  [/^npx spymaster serve --live/, 'interrupt'],
] as const;

/** Commands that go to the vendor's live gateway: here to one that plays the demo's session. */
const live = /^npx spymaster (?:serve --live|record) /;
/** A moment of that session at which a recording may end. */
const untilTime = '2026-02-06T14:31:00Z';

/** Commands that go to a Redis of this machine: here to one on a free port, and a worker ends when it has nothing to do. */
const queued = /^npx spymaster (?:worker|submit) /;

/** Commands that are not run in the clone, and why. */
const noRedis = withoutRedis();
const skipped: readonly (readonly [RegExp, string])[] = noRedis === false ? [] : [[queued, noRedis]];

/** Words that stand for something that was printed before: the command that prints it, and where it is. */
const placeholders = {
  RUN: ['npx spymaster compare --experiment edge_demo --json', (said: Json) => said.runs?.[0]?.run_id?.slice(0, 8)],
  DATASET: ['npx spymaster generate configs/pipelines/mnq_demo.yaml --json', (said: Json) => said.dataset_id],
} as const;

interface Json {
  readonly dataset_id?: string;
  readonly runs?: readonly { readonly run_id?: string }[];
}

class Walk {
  readonly #cwd: string;
  readonly #env: NodeJS.ProcessEnv;

  constructor(cwd: string, vendor: FakeDatabento) {
    this.#cwd = cwd;
    this.#env = {
      ...newUserEnvironment(),
      DATABENTO_API_KEY: vendor.apiKey,
      WALK_VENDOR_URL: vendor.url,
      NODE_OPTIONS: `--import ${join(checkout, 'test/walk/redirect.mjs')}`,
    };
  }

  /** Runs a command of the page and says in a few words what came of it. Throws when it fails. */
  async step(command: string): Promise<string> {
    if (queued.test(command)) {
      await using redis = await RedisServer.start();
      const there = command.replace('redis://127.0.0.1', redis.url);
      return await this.#step(command.includes(' worker ') ? `${there} --until-empty` : there);
    }
    if (!live.test(command)) return await this.#step(command);
    await using gateway = await this.#gateway();
    const recording = ` --until ${untilTime} --out recorded.dbn`;
    return await this.#step(
      `${command} --gateway 127.0.0.1:${gateway.port}${/ record /.test(command) ? recording : ''}`,
    );
  }

  async #gateway(): Promise<Gateway> {
    const name = readdirSync(join(this.#cwd, 'lake/raw'), { recursive: true, encoding: 'utf8' }).find((path) =>
      /20260206.*\.dbn(?:\.zst)?$/.test(path),
    );
    if (name === undefined) throw new Error('the demo left no session in lake/raw');
    return await startGateway({ files: [join(this.#cwd, 'lake/raw', name)], key: null, speed: 'max', port: 0 });
  }

  async #step(command: string): Promise<string> {
    const server = servers.find(([pattern]) => pattern.test(command));
    if (server !== undefined) {
      const port = await portOption(command);
      return await probeServer(command + port, server[1], { cwd: this.#cwd, env: this.#env });
    }
    if (command === 'npm ci' && values.install !== true && hasSamePackages(this.#cwd)) {
      execFileSync('cp', ['-al', join(checkout, 'node_modules'), this.#cwd]);
      return 'took the packages of this checkout, whose lock file is the same';
    }
    const words = await this.#filled(command);
    await this.#run(words);
    const out = /--out (\S+)/.exec(words)?.[1];
    if (out === undefined) return words === command ? '' : words;
    const path = join(this.#cwd, out);
    if (!existsSync(path) || statSync(path).size === 0) throw new Error(`it did not write ${out}`);
    return `wrote ${out}`;
  }

  async #filled(command: string): Promise<string> {
    let filled = command;
    for (const [word, [source, find]] of Object.entries(placeholders)) {
      if (!new RegExp(`\\b${word}\\b`).test(filled)) continue;
      const value = find(JSON.parse(await this.#run(source)) as Json);
      if (value === undefined) throw new Error(`\`${source}\` names no ${word}`);
      filled = filled.replaceAll(new RegExp(`\\b${word}\\b`, 'g'), value);
    }
    return filled;
  }

  /** Runs a command beside the fake vendor, which answers in this process, and gives what it printed. */
  async #run(command: string): Promise<string> {
    const options = { cwd: this.#cwd, env: this.#env, timeout: commandMs, maxBuffer: 1 << 28 };
    try {
      return (await promisify(execFile)('bash', ['-c', command], options)).stdout;
    } catch (error) {
      const { code, signal, stdout = '', stderr = '' } = error as Ended;
      throw new Error(`it ended with ${signal ?? code}:\n${stdout}${stderr}`, { cause: error });
    }
  }
}

interface Ended {
  readonly code?: number | string;
  readonly signal?: string;
  readonly stdout?: string;
  readonly stderr?: string;
}

/** The environment without what npm put there for this checkout: its runtime among the programs, its settings. */
function newUserEnvironment(): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(([name]) => !/^(?:npm_|NODE$|INIT_CWD$|VP_)/.test(name));
  const path = (process.env.PATH ?? '').split(':').filter((folder) => !folder.endsWith('node_modules/.bin'));
  return { ...Object.fromEntries(own), PATH: path.join(':') };
}

/** The option for another port, where the page's own is taken on this machine. */
async function portOption(command: string): Promise<string> {
  const probe = createServer();
  const isFree = await new Promise<boolean>((done) => {
    probe.once('error', () => done(false));
    probe.listen(8002, '127.0.0.1', () => probe.close(() => done(true)));
  });
  if (isFree) return '';
  console.log('      port 8002 is taken on this machine: served at another one');
  return `${command.startsWith('npm') && !command.includes(' -- ') ? ' --' : ''} --port 0`;
}

function hasSamePackages(cwd: string): boolean {
  const lock = (folder: string) => readFileSync(join(folder, 'package-lock.json'), 'utf8');
  return existsSync(join(checkout, 'node_modules')) && lock(cwd) === lock(checkout);
}

function vendorOfReadme(): FakeDatabento {
  const vendor = new FakeDatabento();
  vendor.mappings.set('MNQ.v.0', [{ d0: '2026-02-01', d1: '2026-03-01', s: '4200' }]);
  vendor.mappings.set('4200', [{ d0: '2026-01-01', d1: '2026-03-21', s: 'MNQH6' }]);
  return vendor;
}

async function walk(): Promise<boolean> {
  const startMs = performance.now();
  const folder = mkdtempSync(join(tmpdir(), 'spymaster-walk-'));
  const clone = join(folder, 'clone');
  const vendor = vendorOfReadme();
  try {
    execFileSync('git', ['clone', '--quiet', checkout, clone]);
    await vendor.listen();
    const steps = new Walk(clone, vendor);
    for (const { command, line } of commandsOf(readFileSync(join(clone, 'README.md'), 'utf8'))) {
      const why = skipped.find(([pattern]) => pattern.test(command))?.[1];
      if (why !== undefined) {
        console.log(`SKIPPED ${command}: ${why}`);
        continue;
      }
      const stepMs = performance.now();
      try {
        const came = await steps.step(command);
        const seconds = ((performance.now() - stepMs) / 1000).toFixed(1).padStart(5);
        console.log(`${seconds} s  ${command}${came === '' ? '' : `  (${came})`}`);
      } catch (error) {
        console.error(
          `FAILED README.md:${line}: ${command}: ${error instanceof Error ? error.message : String(error)}`,
        );
        return false;
      }
    }
    console.log(
      `README.md holds: every command of it ran in a fresh clone, in ${Math.round((performance.now() - startMs) / 1000)} s.`,
    );
    return true;
  } finally {
    await vendor.close();
    if (values.keep === true) console.log(`The clone is ${clone}.`);
    else rmSync(folder, { recursive: true, force: true });
  }
}

if (values.help === true) console.log(usage);
else if (!(await walk())) process.exitCode = 1;
