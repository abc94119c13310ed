import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { encodeMetadata, MboEncoder, mboRecordBytes } from '../../src/dbn/index.ts';
import type { Lake } from '../../src/lake/index.ts';
import { mboMetadata } from './mbo_metadata.ts';

/**
 * Writes a day's raw file of contracts into a lake, each with one order and one trade of a size, at a price in dollars; a file of one
 * contract names it. `name` stands in place of the file's name. Returns its path.
 */
export function writeContractDay(
  lake: Lake,
  date: string,
  sizes: Readonly<Record<string, number>>,
  { name, price = 25_000 }: { readonly name?: string; readonly price?: number } = {},
): string {
  const symbols = Object.keys(sizes);
  const day = Temporal.PlainDate.from(date);
  const number = (date: Temporal.PlainDate) => Number(date.toString().replaceAll('-', ''));
  const next = day.add({ days: 1 });
  const startNs = day.toZonedDateTime('UTC').epochNanoseconds;
  const mappings = symbols.map((rawSymbol, i) => ({
    rawSymbol,
    intervals: [{ startDate: number(day), endDate: number(next), symbol: String(i + 1) }],
  }));
  const end = next.toZonedDateTime('UTC').epochNanoseconds;
  const head = encodeMetadata(mboMetadata(symbols[0] ?? '', 1, { symbols, mappings, start: startNs, end }));
  const encoder = new MboEncoder(new Uint8Array(symbols.length * 3 * mboRecordBytes));
  for (const [i, symbol] of symbols.entries()) {
    const ts = startNs + 54_000_000_000_000n + BigInt(i);
    const common = {
      publisherId: 1,
      instrumentId: i + 1,
      channelId: 0,
      flags: 128,
      tsInDelta: 0,
      tsEvent: ts,
      tsRecv: ts,
    };
    const write = (action: string, side: string, orderId: bigint, size: number) =>
      encoder.write({ ...common, action, side, orderId, price: BigInt(Math.round(price * 1e9)), size, sequence: 1 });
    write('A', 'A', 1n, 9999);
    write('T', 'B', 0n, sizes[symbol] ?? 0);
    // Fills say the same trade again and count for nothing.
    write('F', 'A', 1n, 9999);
  }
  const contract = symbols.length === 1 ? `.${symbols[0]}` : '';
  const folder = lake.rawFolder('future_mbo', symbols[0] ?? '');
  const path = join(folder, name ?? `glbx-mdp3-${date.replaceAll('-', '')}${contract}.mbo.dbn`);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, Buffer.concat([head, encoder.bytes]));
  return path;
}

/** Writes an experiment with these sessions, its serving and its pipeline into a lake; returns the experiment's path. */
export function writeSessionsExperiment(lake: Lake, sessions: string, more = ''): string {
  const files = {
    pipelines: `name: p
pipeline_code_version: 1
capture: {product_type: future_mbo, symbol: MNQH6, start_time: "09:30", end_time: "16:00"}
${more}`,
    serving: 'name: s\npipeline: p\nsignal: {name: derivative}\n',
    experiments: `name: e
serving: s
sessions: ${sessions}
eval: {tp_ticks: 8, sl_ticks: 4, max_hold_bins: 1200, warmup_bins: 300}
`,
  } as const;
  const names = { pipelines: 'p', serving: 's', experiments: 'e' } as const;
  for (const kind of ['pipelines', 'serving', 'experiments'] as const) {
    mkdirSync(lake.specs(kind), { recursive: true });
    writeFileSync(join(lake.specs(kind), `${names[kind]}.yaml`), files[kind]);
  }
  return join(lake.specs('experiments'), 'e.yaml');
}
