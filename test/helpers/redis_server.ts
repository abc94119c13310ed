import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { queueConnection } from '../../src/fleet/queue_address.ts';
import type { Certificates } from './certificates.ts';

/** Why tests that need a Redis cannot run here; false where they can. */
export function withoutRedis(): string | false {
  try {
    execFileSync('redis-server', ['--version'], { stdio: 'ignore' });
    return false;
  } catch {
    return 'redis-server is not installed: apt-get install redis-server';
  }
}

export interface RedisServerOptions {
  readonly isPersistent?: boolean;
  readonly password?: string;
  /** With these it speaks TLS alone. */
  readonly certificates?: Certificates | undefined;
}

/** A Redis of its own for a test, on a free port. */
export class RedisServer implements AsyncDisposable {
  readonly port: number;
  readonly #folder: string;
  readonly #arguments: readonly string[];
  readonly #password: string;
  readonly #certificates: Certificates | undefined;
  #process: ChildProcess | null = null;

  private constructor(
    port: number,
    folder: string,
    arguments_: readonly string[],
    password: string,
    certificates?: Certificates,
  ) {
    this.#password = password;
    this.#certificates = certificates;
    this.port = port;
    this.#folder = folder;
    this.#arguments = arguments_;
  }

  static async start({
    isPersistent = false,
    password = '',
    certificates,
  }: RedisServerOptions = {}): Promise<RedisServer> {
    const kept = isPersistent ? ['--appendonly', 'yes', '--appendfsync', 'always'] : ['--appendonly', 'no'];
    const folder = mkdtempSync(join(tmpdir(), 'spymaster-redis-'));
    const server = new RedisServer(await freePort(), folder, [...kept, '--save', ''], password, certificates);
    await server.start();
    return server;
  }

  get url(): string {
    return this.#certificates === undefined ? `redis://127.0.0.1:${this.port}` : `rediss://localhost:${this.port}`;
  }

  get connection() {
    return queueConnection(this.url, {});
  }

  /** Starts it, again after `kill`. */
  async start(): Promise<void> {
    mkdirSync(this.#folder, { recursive: true });
    const { port } = this;
    const options = [
      ...this.#ports(port),
      '--bind',
      '127.0.0.1',
      '-127.0.0.2',
      '--dir',
      this.#folder,
      '--loglevel',
      'warning',
    ];
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

  #ports(port: number): string[] {
    if (this.#certificates === undefined) return ['--port', String(port)];
    const { authority, certificate, key } = this.#certificates;
    const files = ['--tls-cert-file', certificate, '--tls-key-file', key, '--tls-ca-cert-file', authority];
    return ['--port', '0', '--tls-port', String(port), '--tls-auth-clients', 'no', ...files];
  }

  #auth(): string[] {
    return this.#password === '' ? [] : ['--requirepass', this.#password];
  }

  client(): Redis {
    const client = new Redis({
      ...{ port: this.port, lazyConnect: true, retryStrategy: () => null, maxRetriesPerRequest: 0 },
      ...(this.#password === '' ? {} : { password: this.#password }),
      ...(this.#certificates === undefined ? {} : { tls: { ca: readFileSync(this.#certificates.authority) } }),
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
