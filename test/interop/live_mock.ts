import { deepEqual, match, rejects } from 'node:assert/strict';
import { type ChildProcessByStdio, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { openLiveSession } from '../../src/databento/live/index.ts';
import { openRecords } from '../../src/files/index.ts';
import { liveKey, mboOf, receive, sessionOptions } from '../helpers/live_client.ts';

/** The vendor's repository, and the commit whose mock server is run. Another clone of it can be named in the environment. */
const repository = process.env.DATABENTO_PYTHON_REPOSITORY ?? 'https://github.com/databento/databento-python';
const commit = '182e2583e6b05c4ee8e58e7d61c8ce5c850ece5f';
const fetchMs = 60_000;

/** Files of the repository, and the schema as which the server plays them. The last was recorded live. */
const files = [
  ['GLBX.MDP3/test_data.mbo', 'mbo'],
  ['GLBX.MDP3/test_data.definition', 'definition'],
  ['GLBX.MDP3/test_data.mbp-10', 'mbp-10'],
  ['LIVE/test_data.live', 'mbo'],
] as const;

/**
 * Compares what our client receives from the mock server in the vendor's repository with the files that the server plays;
 * where the repository cannot be reached, that is said. The mock sends no heartbeats and ignores start, snapshot and symbols.
 */
export async function compareWithMock(python: string, folder: string): Promise<void> {
  const checkout = join(folder, 'databento-python');
  const problem = fetchCommit(checkout);
  if (problem !== null) {
    console.log(`SKIPPED the vendor's mock server: ${problem}`);
    return;
  }
  await using server = await MockServer.start(python, checkout);
  await server.command(`add_key ${liveKey}`);
  let records = 0;
  for (const [name, schema] of files) {
    const path = join(checkout, 'tests/data', `${name}.dbn.zst`);
    await server.command(`add_dbn GLBX.MDP3 ${schema} ${path}`);
    await using source = await openRecords(path);
    const expected = await recordsOf(source);
    for (const compression of ['none', 'zstd'] as const) {
      const asked = { subscriptions: [mboOf({ schema })], compression };
      const { hex, error } = await receive(sessionOptions(server.port, asked));
      match(String(error), /it closed the connection/);
      deepEqual(hex, expected, `${name}, compression ${compression}`);
      records += hex.length;
    }
  }
  const other = sessionOptions(server.port, { key: 'db-another-key-of-32-characters_' });
  await rejects(openLiveSession(other), { code: 'LIVE_REFUSED' });
  console.log(`Our client receives from the vendor's mock server the records of its files: ${records}, byte by byte.`);
}

/** Fetches the one commit; a sentence on why it cannot be had, else null. */
function fetchCommit(checkout: string): string | null {
  mkdirSync(checkout);
  for (const args of [
    ['init', '--quiet'],
    ['fetch', '--quiet', '--depth', '1', repository, commit],
    ['checkout', '--quiet', commit],
  ]) {
    const { status, error } = spawnSync('git', ['-C', checkout, ...args], {
      stdio: 'ignore',
      timeout: fetchMs,
      env: { ...process.env, GIT_TERMINAL_PROMPT: '0' },
    });
    if (error !== undefined || status !== 0)
      return `${repository} cannot be reached with git; DATABENTO_PYTHON_REPOSITORY may name a clone`;
  }
  return null;
}

/** The records of a stream, each as text of its bytes. */
async function recordsOf(
  batches: AsyncIterable<{ readonly bytes: Uint8Array; readonly recordBytes: number }>,
): Promise<string[]> {
  const records: string[] = [];
  for await (const { bytes, recordBytes } of batches) {
    for (let at = 0; at < bytes.length; at += recordBytes) {
      records.push(Buffer.from(bytes.subarray(at, at + recordBytes)).toString('hex'));
    }
  }
  return records;
}

/** The mock server as a process that is told by lines what to play. */
class MockServer {
  readonly port: number;
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly #answers: AsyncIterator<string>;

  private constructor(child: ChildProcessByStdio<Writable, Readable, Readable>, port: number) {
    this.#child = child;
    this.#answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    this.port = port;
  }

  static async start(python: string, checkout: string): Promise<MockServer> {
    const child = spawn(python, ['-m', 'tests.mockliveserver', '127.0.0.1'], {
      cwd: checkout,
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    let said = '';
    let port: number | null = null;
    for await (const line of createInterface({ input: child.stderr })) {
      said += `${line}\n`;
      port ??= Number(/port: (\d+)/.exec(line)?.[1] ?? Number.NaN) || null;
      if (line.includes('now serving')) break;
    }
    child.stderr.resume();
    if (port === null) throw new Error(`The vendor's mock server did not start: ${said}`);
    return new MockServer(child, port);
  }

  async command(line: string): Promise<void> {
    this.#child.stdin.write(`${line}\n`);
    const { value } = await this.#answers.next();
    if (value !== `ack: ${line}`) throw new Error(`The vendor's mock server answered ${value} to ${line}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill('SIGKILL');
    if (this.#child.exitCode === null && this.#child.signalCode === null) await once(this.#child, 'exit');
  }
}
