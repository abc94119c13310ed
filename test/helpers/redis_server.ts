import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { queueConnection } from '../../src/fleet/queue_address.ts';

/** Why tests that need a Redis cannot run here; false where they can. */
export function withoutRedis(): string | false {
  try {
    execFileSync('redis-server', ['--version'], { stdio: 'ignore' });
    return false;
  } catch {
    return 'redis-server is not installed: apt-get install redis-server';
  }
}

/** A Redis of its own for a test, on a free port. */
export class RedisServer implements AsyncDisposable {
  readonly port: number;
  readonly #folder: string;
  readonly #arguments: readonly string[];
  readonly #password: string;
  #process: ChildProcess | null = null;

  private constructor(port: number, folder: string, arguments_: readonly string[], password: string) {
    this.#password = password;
    this.port = port;
    this.#folder = folder;
    this.#arguments = arguments_;
  }

  static async start({ isPersistent = false, password = '' } = {}): Promise<RedisServer> {
    const kept = isPersistent ? ['--appendonly', 'yes', '--appendfsync', 'always'] : ['--appendonly', 'no'];
    const folder = mkdtempSync(join(tmpdir(), 'spymaster-redis-'));
    const server = new RedisServer(await freePort(), folder, [...kept, '--save', ''], password);
    await server.start();
    return server;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  get connection() {
    return queueConnection(this.url, {});
  }

  /** Starts it, again after `kill`. */
  async start(): Promise<void> {
    mkdirSync(this.#folder, { recursive: true });
    const { port } = this;
    const options = ['--port', String(port), '--bind', '127.0.0.1', '--dir', this.#folder, '--loglevel', 'warning'];
    this.#process = spawn('redis-server', [...options, ...this.#arguments, ...this.#auth()], { stdio: 'ignore' });
    for (let tries = 0; ; tries++) {
      const client = this.client();
      try {
        await client.connect();
        await client.ping();
        return;
      } catch (error) {
        if (tries > 200) {
          await this.kill();
          throw error;
        }
        await pause(50);
      } finally {
        client.disconnect();
      }
    }
  }

  /** Ends it as a crash would. */
  async kill(): Promise<void> {
    if (this.#process === null) return;
    const ended = once(this.#process, 'exit');
    this.#process.kill('SIGKILL');
    await ended;
    this.#process = null;
  }

  #auth(): string[] {
    return this.#password === '' ? [] : ['--requirepass', this.#password];
  }

  client(): Redis {
    const client = new Redis({
      ...{ port: this.port, lazyConnect: true, retryStrategy: () => null, maxRetriesPerRequest: 0 },
      ...(this.#password === '' ? {} : { password: this.#password }),
    });
    client.on('error', () => {});
    return client;
  }

  async flush(): Promise<void> {
    const client = this.client();
    await client.connect();
    await client.flushall();
    client.disconnect();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}
