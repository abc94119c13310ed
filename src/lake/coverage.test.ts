import { deepEqual, equal, match } from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { mboMetadata } from '../../test/helpers/mbo_metadata.ts';
import { runCommand } from '../../test/helpers/run_command.ts';
import { temporaryFolder } from '../../test/helpers/temporary_folder.ts';
import { captureWindow, defaultRuntimeConfig, type RuntimeConfig, tickSizeInt } from '../config/index.ts';
import { encodeMetadata, MboEncoder, type Metadata, mboRecordBytes } from '../dbn/index.ts';
import { openSession } from '../replay/index.ts';
import { describeCoverage } from './coverage.ts';

const folder = temporaryFolder('coverage');

const date = '2026-02-06';
const runtime: RuntimeConfig = {
  ...defaultRuntimeConfig,
  ...{ product_type: 'equity_mbo', symbol: 'ABCD', symbol_root: 'ABCD', bucket_size_dollars: 0.01 },
  ...{ n_absolute_ticks: 1024, grid_radius_ticks: 5, cell_width_ms: 60_000 },
};

function newYorkNs(time: string): bigint {
  return Temporal.PlainDateTime.from(`${date}T${time}`).toZonedDateTime('America/New_York').epochNanoseconds;
}

/** A stock's file as it is bought: a clear at 00:00 UTC, then an add at each of these times and prices. */
function writeFile(
  name: string,
  adds: readonly (readonly [time: string, price: number])[],
  metadata: Partial<Metadata> = {},
): string {
  const clears = metadata.schema === null ? 0 : 1;
  const encoder = new MboEncoder(new Uint8Array((adds.length + clears) * mboRecordBytes));
  const startNs = BigInt(Date.parse(`${date}T00:00:00Z`)) * 1_000_000n;
  const rest = { publisherId: 2, instrumentId: 7, flags: 128, channelId: 0, tsInDelta: 0 };
  const clear = { orderId: 0n, price: (1n << 63n) - 1n, size: 0, action: 'R', side: 'N' };
  if (clears > 0) encoder.write({ ...rest, ...clear, flags: 136, tsEvent: startNs, tsRecv: startNs, sequence: 0 });
  adds.forEach(([time, price], i) => {
    const tsEvent = newYorkNs(time);
    const order = { orderId: BigInt(i + 1), size: 100, action: 'A', side: i % 2 === 0 ? 'B' : 'A' };
    const priceInt = BigInt(Math.round(price * 1e9));
    encoder.write({ ...rest, ...order, price: priceInt, tsEvent, tsRecv: tsEvent + 1000n, sequence: i + 1 });
  });
  const head = encodeMetadata(
    mboMetadata('ABCD', 7, { dataset: 'XNAS.ITCH', start: startNs, end: newYorkNs('16:00'), ...metadata }),
  );
  const path = join(folder, name);
  writeFileSync(path, Buffer.concat([head, encoder.bytes]));
  return path;
}

/** An add every minute from one New York time to another, both included. */
function everyMinute(from: string, to: string, price: number): [string, number][] {
  const adds: [string, number][] = [];
  for (let at = Temporal.PlainTime.from(from); Temporal.PlainTime.compare(at, to) <= 0; at = at.add({ minutes: 1 })) {
    adds.push([at.toString().slice(0, 5), price + (adds.length % 2) * 0.02]);
  }
  return adds;
}

async function replay(path: string, startTime = '09:30', endTime = '16:00') {
  const capture = captureWindow('equity_mbo', date, startTime, endTime);
  await using session = await openSession({ path, runtime, date, capture });
  const summary = await session.run({ onBin: () => undefined });
  const subject = { capture, productType: runtime.product_type, tickInt: tickSizeInt(runtime) };
  return { ...summary, sentences: describeCoverage(summary.coverage, subject) };
}

test('a whole day of a stock starts whole, and its coverage needs no word', async () => {
  const path = writeFile('whole.dbn', everyMinute('09:30', '15:59', 12.5));
  const { startsFromKnownBook, sentences, coverage } = await replay(path);
  equal(startsFromKnownBook, true);
  deepEqual(sentences, []);
  deepEqual([coverage.long_gaps, coverage.off_grid_prices], [0, 0]);
  match((await runCommand('inspect', path)).out, /No anomalies\./);
});

test('a halt, a half-day and prices finer than the grid are counted and said', async () => {
  const before = everyMinute('09:30', '10:31', 0.51);
  const path = writeFile('half.dbn', [
    ...before,
    ['10:36', 0.5234],
    ['10:37', 0.5101],
    ...everyMinute('10:38', '13:00', 0.52),
  ]);
  const { sentences, coverage } = await replay(path);
  deepEqual([coverage.long_gaps, coverage.longest_gap_ns, coverage.off_grid_prices], [1, 5 * 60e9, 2]);
  const said = [
    /the last event is at 13:00:00 New York time, 3 h 0 min before the capture's end: a half-day, a halt/,
    /1 stretch of 5 minutes or more without an event in regular hours, the longest 5 min 0 s from 10:31:00/,
    /2 orders at prices between two ticks of the grid of \$0\.01 \(below \$1/,
  ];
  equal(sentences.length, said.length);
  const { out } = await runCommand('inspect', path);
  for (const [i, pattern] of said.entries()) {
    match(sentences[i]!, pattern);
    match(out, pattern);
  }
});

test('quiet hours before the opening are no halt, and a capture inside the day ends where it ends', async () => {
  const path = writeFile('early.dbn', [['04:00', 12.5], ['04:30', 12.52], ...everyMinute('09:31', '13:00', 12.5)]);
  deepEqual((await replay(path, '04:00', '12:00')).sentences, []);
  match((await replay(path, '04:00', '09:30')).sentences.join(), /the last event is at 04:30:00/);
});

test('a recording that begins less than 30 minutes before the first bin says by how much its warm-up is short', async () => {
  const recording = { schema: null, start: 0n, end: null };
  for (const [from, shortMin] of [
    ['09:12', 12],
    ['09:31', 30],
    ['09:00', 0],
  ] as const) {
    const path = writeFile(`recorded-${shortMin}.dbn`, everyMinute(from, '16:00', 10), recording);
    const { coverage, sentences } = await replay(path);
    equal(coverage.warm_up_short_ns, shortMin === 0 ? undefined : shortMin * 60e9);
    equal(
      sentences.some((text) => text.includes(`warm-up is short by ${shortMin} min`)),
      shortMin > 0,
    );
  }
  const historical = await replay(writeFile('late.dbn', everyMinute('09:12', '16:00', 10)));
  equal(historical.coverage.warm_up_short_ns, undefined);
});
