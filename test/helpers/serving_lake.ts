import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { captureWindow, defaultRuntimeConfig, type PublishedServingSpec } from '../../src/config/index.ts';
import { encodeMetadata, flag, MboEncoder, mboRecordBytes } from '../../src/dbn/index.ts';
import { Lake, ServingRegistry } from '../../src/lake/index.ts';
import { mboMetadata } from './mbo_metadata.ts';
import { seeded } from './seeded.ts';

const date = '2026-02-06';
const startTime = '09:31';
const instrumentId = 42;
const symbol = defaultRuntimeConfig.symbol;
const tickInt = 250_000_000n;

/** A temporary lake that serves one small seeded market as the alias `demo`. */
export interface ServingLake {
  readonly lake: Lake;
  readonly spec: PublishedServingSpec;
  readonly rawFile: string;
  remove(): void;
}

/**
 * Makes the lake: half an hour of sparse events before the start, then `seconds` of busy ones in bins of 100 ms. The
 * capture has `10 * seconds` bins.
 */
export function createServingLake(seconds = 30, seed = 1, middleTick = 86_000n): ServingLake {
  const root = mkdtempSync(join(tmpdir(), 'spymaster-serving-'));
  const lake = new Lake(root);
  const folder = lake.rawFolder('future_mbo', symbol);
  mkdirSync(folder, { recursive: true });
  const rawFile = join(folder, `glbx-mdp3-${date.replaceAll('-', '')}.mbo.dbn`);
  writeFileSync(rawFile, smallMarket(seconds, seed, middleTick));
  const spec = servingSpec('srv_demo_00000001_00000001');
  const registry = new ServingRegistry(lake);
  registry.publish(spec, { now: () => '2026-02-07T00:00:00Z', alias: 'demo' });
  registry.close();
  return { lake, spec, rawFile, remove: () => rmSync(root, { recursive: true, force: true }) };
}

/** A published version of the small market; `runtime` changes what it computes. */
export function servingSpec(
  servingId: string,
  runtime: Partial<PublishedServingSpec['runtime_snapshot']> = {},
): PublishedServingSpec {
  return {
    serving_id: servingId,
    description: 'a small market for tests',
    runtime_snapshot: {
      ...defaultRuntimeConfig,
      n_absolute_ticks: 256,
      grid_radius_ticks: 10,
      flow_zscore_window_bins: 30,
      flow_zscore_min_periods: 10,
      state_model_zscore_window_bins: 30,
      state_model_zscore_min_periods: 10,
      stream_dt: date,
      stream_start_time: startTime,
      ...runtime,
    },
    source: {
      run_id: 'run',
      experiment_name: 'demo',
      config_hash: '00000001',
      promoted_at_utc: '2026-02-07T00:00:00Z',
      serving_spec_name: 'demo',
      signal_name: 'derivative',
    },
  };
}

/** A DBN v3 file: a clear, an empty book that fills up, adds and cancels around a mid that wanders. */
function smallMarket(seconds: number, seed: number, middleTick: bigint): Uint8Array {
  const startNs = captureWindow('future_mbo', date, startTime).startNs;
  const quiet = 4_000;
  const busy = seconds * 100;
  const encoder = new MboEncoder(new Uint8Array((quiet + busy + 1) * mboRecordBytes));
  const random = seeded(seed);
  const live: { id: bigint; price: bigint; isBid: boolean }[] = [];
  let mid = middleTick;
  let id = (1n << 62n) + BigInt(seed);
  const write = (tsEvent: bigint, action: string, order: { id: bigint; price: bigint; isBid: boolean }, size: number) =>
    encoder.write({
      publisherId: 1,
      instrumentId,
      tsEvent,
      orderId: order.id,
      price: order.price * tickInt,
      size,
      flags: flag.last,
      channelId: 0,
      action,
      side: action === 'R' ? 'N' : order.isBid ? 'B' : 'A',
      tsRecv: tsEvent + 100n,
      tsInDelta: 100,
      sequence: encoder.count,
    });
  const quietNs = 40n * 60n * 1_000_000_000n;
  write(startNs - quietNs, 'R', { id: 0n, price: 0n, isBid: true }, 0);
  for (let i = 0; i < quiet + busy; i++) {
    const tsNs =
      i < quiet
        ? startNs - quietNs + (BigInt(i) * quietNs) / BigInt(quiet)
        : startNs + BigInt(i - quiet) * 10_000_000n + BigInt(Math.floor(random() * 9_000_000));
    if (random() < 0.05) mid += random() < 0.5 ? 1n : -1n;
    const gone = live.length > 60 ? live.splice(Math.floor(random() * live.length), 1)[0] : undefined;
    if (gone !== undefined && random() < 0.5) {
      write(tsNs, 'C', gone, 100);
      continue;
    }
    const isBid = random() < 0.5;
    const away = BigInt(1 + Math.floor(random() * 8));
    const order = { id: id++, price: isBid ? mid - away : mid + away, isBid };
    live.push(order);
    write(tsNs, 'A', order, 1 + Math.floor(random() * 20));
  }
  const metadata = encodeMetadata(mboMetadata(symbol, instrumentId, { start: startNs - quietNs, end: null }));
  return Buffer.concat([metadata, encoder.bytes]);
}
