import { deepEqual, equal, match } from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { captureWindow } from '../src/config/index.ts';
import { encodeMetadata, flag, MboEncoder, mboRecordBytes } from '../src/dbn/index.ts';
import { mboMetadata } from './helpers/mbo_metadata.ts';
import { queryRows } from './helpers/query_rows.ts';
import { runCommand } from './helpers/run_command.ts';
import { temporaryFolder } from './helpers/temporary_folder.ts';

const folder = temporaryFolder('prices');

const startNs = captureWindow('future_mbo', '2026-02-06', '09:26').startNs;
const config = resolve(import.meta.dirname, '../configs/replay.json');

/** A file of adds, one every 100 ms from the capture's start on, behind a clear. */
function fileOf(name: string, adds: readonly (readonly [side: 'A' | 'B', priceInt: bigint])[]): string {
  const encoder = new MboEncoder(new Uint8Array((adds.length + 1) * mboRecordBytes));
  const fields = { publisherId: 1, instrumentId: 42, channelId: 0, tsInDelta: 0, flags: flag.last };
  const undefinedPrice = 2n ** 63n - 1n;
  const records = [['N', undefinedPrice] as const, ...adds];
  for (const [i, [side, price]] of records.entries()) {
    const tsEvent = startNs + BigInt(i) * 100_000_000n;
    const action = i === 0 ? 'R' : 'A';
    encoder.write({
      ...fields,
      tsEvent,
      tsRecv: tsEvent,
      orderId: BigInt(i),
      price,
      size: i,
      action,
      side,
      sequence: i,
    });
  }
  const metadata = encodeMetadata(mboMetadata('MNQH6', 42, { start: startNs, end: null }));
  const path = join(folder, name);
  writeFileSync(path, Buffer.concat([metadata, encoder.bytes]));
  return path;
}

async function jsonOf<T>(...words: string[]): Promise<T> {
  const { code, out, err } = await runCommand(...words, '--json');
  equal(code, 0, err);
  return JSON.parse(out) as T;
}

interface Inspected {
  readonly anomalies: readonly string[];
  readonly instruments: readonly { readonly book: Readonly<Record<string, unknown>> }[];
}

/** The best prices of the last bin of a replay, and what it says was wrong. */
async function replayed(file: string) {
  const out = join(folder, `${file.slice(folder.length + 1)}.out`);
  const { anomalies } = await jsonOf<{ anomalies: string[] }>('replay', file, '--config', config, '--out', out);
  const columns = 'best_bid_price_int, best_ask_price_int, mid_price, spot_ref_price_int, has_bid, has_ask';
  const bins = await queryRows(`SELECT ${columns} FROM '${join(out, 'bins.parquet')}' ORDER BY bin_seq`);
  return { anomalies, bins };
}

test('a book around 0 has a mid of 0, and inspect and replay show its negative prices', async () => {
  const file = fileOf('zero.dbn', [
    ['A', 250_000_000n],
    ['B', -250_000_000n],
    ['B', -37_630_000_000n],
  ]);
  const { bins } = await replayed(file);
  deepEqual(bins[0], [null, null, null, null, false, false]);
  deepEqual(bins[1], [null, 250_000_000n, null, null, false, true]);
  deepEqual(bins.at(-1), [-250_000_000n, 250_000_000n, 0, 0n, true, true]);
  const { instruments } = await jsonOf<Inspected>('inspect', file);
  const { best_bid_price_int, best_ask_price_int, bid_levels } = instruments[0]!.book;
  deepEqual([best_bid_price_int, best_ask_price_int, bid_levels], ['-250000000', '250000000', 2]);
  match((await runCommand('inspect', file)).out, /MNQH6 .* -0\.25 +0\.25 +–$/m);
  match((await runCommand('dbn', 'csv', '-p', file)).out, /,-37\.630000000,/);
});

test('prices that a double cannot hold are dropped, counted and told alike by inspect and replay', async () => {
  const exact = 2n ** 60n + 2n ** 9n;
  for (const sign of [1n, -1n]) {
    const [bid, ask] = sign === 1n ? [250_000_000n, exact] : [-exact, -250_000_000n];
    const file = fileOf(`huge${sign}.dbn`, [
      ['B', bid],
      ['A', ask],
      ['A', sign * (2n ** 53n + 1n)],
      ['B', sign * (2n ** 62n + 1n)],
    ]);
    const { anomalies, bins } = await replayed(file);
    const report = await jsonOf<Inspected>('inspect', file);
    const told = (sentences: readonly string[]) => sentences.filter((sentence) => sentence.includes('held exactly'));
    deepEqual(told(anomalies), [
      '2 adds or modifies at prices beyond ±9007199.25 that cannot be held exactly: dropped, so the book lacks them',
    ]);
    deepEqual(told(report.anomalies), told(anomalies));
    // What a double holds exactly keeps every digit.
    deepEqual(bins.at(-1)!.slice(0, 2), [bid, ask]);
    const { best_bid_price_int, best_ask_price_int } = report.instruments[0]!.book;
    deepEqual([best_bid_price_int, best_ask_price_int], [String(bid), String(ask)]);
  }
});
