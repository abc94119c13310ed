import { defaultRuntimeConfig, type RuntimeConfig } from '../../src/config/index.ts';
import { type Bin, Engine } from '../../src/engine/index.ts';
import { openRecords } from '../../src/files/index.ts';
import { syntheticInstrumentId } from '../../src/synth/index.ts';
import { frameBytes } from '../naive/replay.ts';
import { hashOf } from '../support/harness.ts';
import { captureToEnd } from '../support/session.ts';

/** What a process that replayed one file says of it, as JSON on its standard output. */
export interface ReplayReport {
  readonly events: number;
  readonly bins: number;
  /** Of the whole process, its unzipping threads too, and the time that went by. */
  readonly cpuS: number;
  readonly wallS: number;
  readonly peakRssBytes: number;
  /** Of the frames of bins `from` … `to`. */
  readonly hash: string;
}

/** `node replay_file.ts FILE RUNTIME FROM TO`: runtime fields that are not the default's, as JSON. */
const [path, overrides, from, to] = process.argv.slice(2) as [string, string, string, string];
const runtime = { ...defaultRuntimeConfig, ...(JSON.parse(overrides) as Partial<RuntimeConfig>) };
console.log(JSON.stringify(await replayFile(path, runtime, Number(from), Number(to))));

async function replayFile(file: string, config: RuntimeConfig, first: number, end: number): Promise<ReplayReport> {
  const cpuBefore = process.cpuUsage();
  const wallBefore = performance.now();
  const instrumentId = syntheticInstrumentId(config.symbol);
  const engine = new Engine({ runtime: config, capture: captureToEnd, instrumentId });
  const frames: Uint8Array[] = [];
  let bins = 0;
  const take = ({ seq }: Bin) => {
    bins++;
    if (seq >= first && seq < end) frames.push(...frameBytes(engine.frame));
  };
  await using source = await openRecords(file);
  for await (const batch of source) {
    for (let i = 0; i < batch.count; ) {
      i = engine.ingest(batch, i);
      if (engine.binReady) take(engine.bin);
    }
  }
  if (engine.finish()) take(engine.bin);
  const { user, system } = process.cpuUsage(cpuBefore);
  return {
    events: engine.counters.events,
    bins,
    cpuS: (user + system) / 1e6,
    wallS: (performance.now() - wallBefore) / 1000,
    peakRssBytes: process.resourceUsage().maxRSS * 1024,
    hash: hashOf(...frames),
  };
}
