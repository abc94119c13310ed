import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { binary } from '../faults/commands.ts';
import type { HeldBytes } from './collect.ts';
import { commandEnv } from './lake.ts';

/** Recordings that the engine of a serving version keeps open. */
const mostReplays = 3;

/** What a server holds at one moment, by name: descriptors, sockets, threads, clients, active resources, bytes. */
export type Holdings = ReadonlyMap<string, number>;

export interface ServerEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly tookMs: number;
}

/**
 * glibc keeps freed memory in arenas, a few for each thread, from which it seldom goes back: resident memory then grows for
 * hundreds of rounds although nothing is held. With one arena, and large pieces taken from the system one by one, it is what is held.
 */
export const allocator = { MALLOC_ARENA_MAX: '1', MALLOC_MMAP_THRESHOLD_: '65536', MALLOC_TRIM_THRESHOLD_: '65536' };

/** `spymaster serve` in a process of its own. */
export class ServerProcess {
  readonly port: number;
  readonly #child: ChildProcess;
  readonly #exited: Promise<unknown[]>;
  #log = '';

  private constructor(child: ChildProcess, exited: Promise<unknown[]>, port: number) {
    this.#child = child;
    this.#exited = exited;
    this.port = port;
    child.stderr?.on('data', (chunk: Buffer) => {
      this.#log += chunk.toString();
    });
  }

  static async start(lakeRoot: string): Promise<ServerProcess> {
    const words = ['--expose-gc', '--import', join(import.meta.dirname, 'collect.ts'), binary, 'serve', '--port', '0'];
    const child = spawn(process.execPath, [...words, '--log-level', 'warn', '--lake-root', lakeRoot], {
      env: { ...process.env, ...commandEnv, ...allocator },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    const exited = once(child, 'exit');
    let text = '';
    for await (const chunk of child.stdout!.iterator({ destroyOnReturn: false })) {
      text += String(chunk);
      const port = /http:\/\/127\.0\.0\.1:(\d+)/.exec(text)?.[1];
      if (port !== undefined && text.includes('Experiments:')) return new ServerProcess(child, exited, Number(port));
    }
    throw new Error(`serve printed no address: ${text}`);
  }

  /** Warnings and errors that it logged. */
  get log(): string {
    return this.#log;
  }

  async text(path: string): Promise<string> {
    return await (await fetch(`http://127.0.0.1:${this.port}${path}`, { headers: { connection: 'close' } })).text();
  }

  /** Values of all metrics whose names begin so. */
  async metrics(prefix: string): Promise<Map<string, number>> {
    const lines = (await this.text('/metrics')).split('\n').filter((line) => line.startsWith(prefix));
    return new Map(
      lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ')))]),
    );
  }

  /** Bytes that each thread holds when everything that can be collected is. */
  async heldBytes(): Promise<readonly HeldBytes[]> {
    const answer = once(this.#child, 'message');
    this.#child.send('collect');
    return ((await answer) as [HeldBytes[]])[0];
  }

  /** Everything that is counted: clients by the server itself, the rest by the system where it has `/proc`. */
  async holdings(): Promise<Holdings> {
    const clients = await this.metrics('spymaster_stream_clients');
    const [listeners = 0] = (await this.metrics('spymaster_experiments_listeners')).values();
    const resources = await this.metrics('nodejs_active_resources{');
    return new Map([
      ['stream clients', [...clients.values()].reduce((sum, count) => sum + count, 0)],
      ['followers of experiments', listeners],
      ...[...resources].map(([name, count]) => [/type="(\w+)"/.exec(name)?.[1] ?? name, count] as const),
      ...this.#system(),
    ]);
  }

  /** Resident memory, in bytes; 0 where the system does not say. */
  get residentBytes(): number {
    return Number(/^VmRSS:\s+(\d+) kB$/m.exec(this.#proc('status'))?.[1] ?? 0) * 1024;
  }

  async end(name: NodeJS.Signals): Promise<ServerEnd> {
    const fromMs = performance.now();
    this.#child.kill(name);
    const [code, signal] = (await this.#exited) as [number | null, NodeJS.Signals | null];
    return { code, signal, tookMs: performance.now() - fromMs };
  }

  /** For failures: nothing outlives the gate. */
  kill(): void {
    this.#child.kill('SIGKILL');
  }

  #system(): [string, number][] {
    if (process.platform !== 'linux') return [];
    const folder = `/proc/${this.#child.pid}/fd`;
    const targets = readdirSync(folder).map((fd) => {
      try {
        return readlinkSync(join(folder, fd));
      } catch {
        return null; // It was closed while we looked.
      }
    });
    const open = targets.filter((target) => target !== null);
    const recordings = open.filter((target) => target.includes('.dbn'));
    return [
      // Engines keep up to three replays each; how many of them is chance.
      ['recordings beyond what engines keep', Math.max(0, recordings.length - 2 * mostReplays)],
      ['file descriptors', open.length - recordings.length],
      ['sockets', open.filter((target) => target.startsWith('socket:')).length],
      ['threads', Number(/^Threads:\s+(\d+)$/m.exec(this.#proc('status'))?.[1])],
    ];
  }

  #proc(file: string): string {
    return process.platform === 'linux' ? readFileSync(`/proc/${this.#child.pid}/${file}`, 'utf8') : '';
  }
}
