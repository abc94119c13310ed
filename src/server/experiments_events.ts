import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import type { FastifyInstance } from 'fastify';
import { type Lake, readSweepProgress, type ServingRegistry, sweepStalledMs } from '../lake/index.ts';
import type { ExperimentsEvent } from '../wire/index.ts';

const pollMs = 1000;
/** A comment now and then keeps proxies from closing a quiet stream. */
const keepAliveMs = 20_000;

/** Adds the event stream that says when results were added and how far sweeps are. The lake is looked at only while someone listens. */
export function addExperimentEvents(app: FastifyInstance, lake: Lake, registry: ServingRegistry): void {
  const listeners = new Set<(text: string) => void>();
  let timer: NodeJS.Timeout | null = null;
  let last = '';

  const look = async () => {
    const event = JSON.stringify(await currentEvent(lake, registry));
    if (event === last) return;
    last = event;
    for (const send of listeners) send(`data: ${event}\n\n`);
  };
  const poll = async () => {
    await look().catch((error: unknown) => app.log.error(error));
    if (timer !== null) timer = setTimeout(poll, pollMs);
  };

  app.get('/v1/experiments/events', async (request, reply) => {
    const first = JSON.stringify(await currentEvent(lake, registry));
    if (listeners.size === 0) last = first;
    reply.hijack();
    const { raw } = reply;
    raw.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-store' });
    raw.write(`retry: 1000\ndata: ${first}\n\n`);
    // A client that does not read is not written to: what it gets next is the newest state anyway.
    const send = (text: string) => {
      if (!raw.writableNeedDrain) raw.write(text);
    };
    const keepAlive = setInterval(() => send(': still here\n\n'), keepAliveMs);
    listeners.add(send);
    timer ??= setTimeout(poll, pollMs);
    request.raw.once('close', () => {
      clearInterval(keepAlive);
      listeners.delete(send);
      if (listeners.size > 0 || timer === null) return;
      clearTimeout(timer);
      timer = null;
    });
  });
  app.addHook('onClose', async () => {
    if (timer !== null) clearTimeout(timer);
    timer = null;
  });
}

/** Changes whenever results are added to a lake, merged or taken away. */
export async function resultsVersion(lake: Lake): Promise<string> {
  const names = await readdir(lake.results).catch(() => []);
  const parts = names.filter((name) => name.startsWith('part-')).sort();
  return createHash('sha256').update(parts.join()).digest('hex').slice(0, 16);
}

async function currentEvent(lake: Lake, registry: ServingRegistry): Promise<ExperimentsEvent> {
  const [version, sweeps] = await Promise.all([resultsVersion(lake), readSweepProgress(lake)]);
  const aliases = registry.aliases().map(({ alias, servingId }) => `${alias}=${servingId}`);
  const nowMs = Date.now();
  return {
    results_version: createHash('sha256').update(`${version} ${aliases}`).digest('hex').slice(0, 16),
    sweeps: sweeps.map((sweep) => ({ ...sweep, is_stalled: nowMs - Date.parse(sweep.updated_utc) > sweepStalledMs })),
  };
}
