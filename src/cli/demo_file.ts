import {
  captureWindow,
  configVersion,
  contentHash,
  type PublishedServingSpec,
  pickRuntime,
  type RuntimeConfig,
  starterRuntime,
} from '../config/index.ts';
import { present } from '../errors.ts';
import { type ActiveWindow, activeWindow, type Lake, ServingRegistry } from '../lake/index.ts';
import { defaultSignal } from '../signals/index.ts';
import type { Cli } from './command.ts';
import { importWithProgress } from './import.ts';
import { lockedRuntimeOf } from './instrument.ts';
import { proposedInstrument } from './propose_instrument.ts';

/** What of a user's file is asked for; what is left out is found in the file. */
export interface DemoFileRequest {
  readonly file: string;
  readonly symbol?: string;
  readonly date?: string;
  /** New York times HH:MM. */
  readonly start?: string;
  readonly end?: string;
}

/** What the demo replays. */
export interface DemoSession {
  readonly alias: string;
  readonly path: string;
  readonly symbol: string;
  readonly date: string;
  readonly start: string;
}

/**
 * Puts a user's file into the lake and publishes a session of it with the derivative signal: from the moment on at which something
 * moves, unless the user names another.
 */
export async function publishFile(lake: Lake, request: DemoFileRequest, cli: Cli): Promise<DemoSession> {
  const { symbol, date } = request;
  const { scan, sessions } = await importWithProgress(lake, request.file, symbol === undefined ? {} : { symbol }, cli);
  const window = activeWindow(scan, { symbol, date, minutes: 30 });
  const start = request.start ?? window.start;
  captureWindow(scan.productType, window.date, start, request.end);
  const known = await lockedRuntimeOf(window.symbol);
  const runtime = known ?? starterRuntime(await proposedInstrument(scan, window, {}, async () => '1'));
  const spec = servingOf(window, start, request.end, runtime);
  const alias = `${nameOf(window.symbol)}-${window.date.replaceAll('-', '')}`;
  using registry = new ServingRegistry(lake);
  registry.publish(spec, { now: () => new Date().toISOString(), alias });
  const session = sessions.find((each) => each.date === window.date && each.root === window.root);
  return { alias, path: present(session).path, symbol: window.symbol, date: window.date, start };
}

/** A symbol as part of an id. */
const nameOf = (symbol: string) => symbol.toLowerCase().replaceAll(/[^a-z0-9]+/g, '_');

function servingOf(
  { symbol, date }: ActiveWindow,
  start: string,
  end: string | undefined,
  runtime: RuntimeConfig,
): PublishedServingSpec {
  const snapshot = {
    ...pickRuntime(runtime),
    stream_dt: date,
    stream_start_time: start,
    ...(end !== undefined && { end_time: end }),
  };
  return {
    serving_id: `srv_demo_${nameOf(symbol)}_${date.replaceAll('-', '')}_${contentHash(snapshot, 8)}`,
    description: `Demo: ${symbol} of ${date} from ${start}`,
    runtime_snapshot: snapshot,
    source: {
      run_id: 'demo',
      experiment_name: 'demo',
      config_hash: configVersion(runtime),
      promoted_at_utc: new Date().toISOString(),
      serving_spec_name: 'demo',
      signal_name: defaultSignal.name,
    },
  };
}
