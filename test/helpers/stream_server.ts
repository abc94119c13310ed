import { join } from 'node:path';
import type { PublishedServingSpec } from '../../src/config/index.ts';
import { type Lake, ServingRegistry } from '../../src/lake/index.ts';
import { type Server, type ServerOptions, startServer } from '../../src/server/index.ts';
import { StreamClient } from './stream_client.ts';

/** A server of `lake` on a port of its own, without built pages. */
export function serve(lake: Lake, options: Partial<ServerOptions> = {}): Promise<Server> {
  return startServer({ lake, host: '127.0.0.1', port: 0, webRoot: join(lake.root, 'no-pages'), ...options });
}

/** A client of a server's stream. */
export function connectTo(
  server: Server,
  query = 'serving=demo',
  options?: ConstructorParameters<typeof StreamClient>[1],
): StreamClient {
  return new StreamClient(`${server.address.replace('http', 'ws')}/v1/vacuum-pressure/stream?${query}`, options);
}

/** A client that has received every bin of `demo`, from end to end. */
export async function playThrough(server: Server): Promise<StreamClient> {
  const client = connectTo(server);
  await client.opened();
  client.control('speed', { speed: 'max' });
  await client.closed;
  return client;
}

export function publishVersion(lake: Lake, spec: PublishedServingSpec): void {
  const registry = new ServingRegistry(lake);
  registry.publish(spec, { now: () => '2026-02-07T00:00:00Z' });
  registry.close();
}

export async function metricsOf(server: Server): Promise<string> {
  return (await fetch(`${server.address}/metrics`)).text();
}

/** The integers from `from` to `to`, which is not included. */
export function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, i) => from + i);
}

/** The numbers of the bins that a client received, in order. */
export function seqs(client: StreamClient): number[] {
  return client.bins.map(({ seq }) => seq);
}
