import { join } from 'node:path';
import { openingBell, sessionTimeNs } from '../config/index.ts';
import type { Lake } from '../lake/index.ts';
import type { LiveOptions } from '../server/index.ts';
import type { Cli } from './command.ts';
import { liveOptions } from './serve_live.ts';

/** The market is joined so long before its opening. */
const beforeBellNs = 60_000_000_000n;

/** A session of the lake as a market that is open: a gateway plays it, and what a server records of it is its live stream. */
export interface DemoMarket extends AsyncDisposable {
  readonly live: LiveOptions;
  /** Rejects when nothing was recorded and nothing will be. */
  readonly failed: Promise<never>;
  /** Where the gateway listens. */
  readonly gateway: string;
}

/**
 * Starts a gateway that plays `session` in the market's own time, from a minute before the bell on. The recording goes into `folder`:
 * the lake has the session already.
 */
export async function openDemoMarket(
  lake: Lake,
  serving: string,
  session: { readonly path: string; readonly date: string },
  folder: string,
  { output }: Cli,
): Promise<DemoMarket> {
  const { startGateway } = await import('../databento/live/index.ts');
  const gateway = await startGateway({
    ...{ files: [session.path], key: null, speed: 1, port: 0 },
    fromNs: sessionTimeNs('future_mbo', session.date, openingBell) - beforeBellNs,
  });
  const address = `${gateway.host}:${gateway.port}`;
  const file = join(folder, 'recording.dbn');
  const { options, failed } = await liveOptions(lake, { serving, gateway: address, start: 'now', file }, output);
  return {
    live: options,
    failed,
    gateway: address,
    [Symbol.asyncDispose]: () => gateway.close(),
  };
}
