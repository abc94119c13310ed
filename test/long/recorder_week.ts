import { deepEqual, equal } from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { tradingDay } from '../../src/config/index.ts';
import { record, startGateway } from '../../src/databento/live/index.ts';
import { encodeMetadata, MboEncoder, mboRecordBytes } from '../../src/dbn/index.ts';
import { findRawFile, Lake } from '../../src/lake/index.ts';
import { mboMetadata } from '../helpers/mbo_metadata.ts';
import { isSnapshot, recordedFeed, recordOptions } from '../helpers/recorded_feed.ts';
import { temporaryFolder } from '../helpers/temporary_folder.ts';

/** The week in which New York's clocks are set forward: from Thursday to Tuesday, with the weekend between. */
const dates = ['2026-03-05', '2026-03-06', '2026-03-07', '2026-03-08', '2026-03-09', '2026-03-10'];
const startNs = Temporal.Instant.from('2026-03-05T00:00:00Z').epochNanoseconds;
const endNs = Temporal.Instant.from('2026-03-10T20:00:00Z').epochNanoseconds;
const stepNs = 20_000_000_000n;
const dayNs = 86_400_000_000_000n;

/** One event every 20 s while CME trades, with its halts of an hour and its weekend: an add, or a cancel of the one before. */
function week(path: string): void {
  const hours = ['2026-03-05', '2026-03-06', '2026-03-09', '2026-03-10', '2026-03-11'].flatMap(
    (date) => tradingDay('cme_equity_index', date).hours ?? [],
  );
  const bytes = new Uint8Array(Math.ceil(Number((endNs - startNs) / stepNs)) * mboRecordBytes);
  const encoder = new MboEncoder(bytes);
  for (let ts = startNs + stepNs / 2n; ts < endNs; ts += stepNs) {
    if (!hours.some(({ opensNs, closesNs }) => ts >= opensNs && ts < closesNs)) continue;
    const n = encoder.count;
    const isAdd = n % 3 !== 2;
    encoder.write({
      ...{ publisherId: 1, instrumentId: 7, channelId: 0, flags: 128, tsInDelta: 0, sequence: n + 1, size: 1 },
      ...{ action: isAdd ? 'A' : 'C', side: 'B', orderId: BigInt(isAdd ? n : n - 1), price: 25_000_000_000_000n },
      ...{ tsEvent: ts, tsRecv: ts + 1000n },
    });
  }
  const interval = { startDate: 20260305, endDate: 20260311, symbol: '7' };
  const mappings = [{ rawSymbol: 'MNQH6', intervals: [interval] }];
  const head = encodeMetadata(mboMetadata('MNQH6', 7, { start: startNs, end: endNs, mappings }));
  writeFileSync(path, Buffer.concat([head, encoder.bytes]));
}

const eventNs = (hex: string): bigint => Buffer.from(hex, 'hex').readBigUInt64LE(8);

test('a week with halts, a weekend and a change of clocks is one verified file a session, each of them whole', async () => {
  const folder = temporaryFolder('recorder-week');
  const source = join(folder, 'week.dbn');
  week(source);
  const all = recordedFeed(source).mbo;
  const lake = new Lake(join(folder, 'lake'));
  // Two connections are lost: one in the middle of a session, one in the halt.
  const faults = [{ at: [{ after: 1500, do: 'drop' }] }, { at: [{ after: 5000, do: 'drop' }] }] as const;
  await using gateway = await startGateway({ files: [source], key: null, speed: 'max', port: 0, faults });
  const { files } = await record(
    recordOptions(gateway.port, '', {
      ...{ target: { lake }, untilNs: endNs - 1n },
      signal: AbortSignal.timeout(300_000),
    }),
  );
  const traded = dates.filter((date) => date !== '2026-03-07');
  deepEqual(
    files.map(({ date, isFinished, gaps }) => [date, isFinished, gaps]).sort(),
    traded.map((date) => [date, true, []]),
  );
  for (const date of traded) {
    const path = await findRawFile(lake, 'future_mbo', 'MNQH6', date);
    equal(path.endsWith(`${date.replaceAll('-', '')}.MNQH6.live.dbn.zst`), true);
    equal(existsSync(path.replace(/\.zst$/, '')), false);
    const { mbo } = recordedFeed(path);
    const fromNs = Temporal.Instant.from(`${date}T00:00:00Z`).epochNanoseconds;
    const inSession = (hex: string): boolean =>
      eventNs(hex) >= fromNs && eventNs(hex) < fromNs + dayNs && !isSnapshot(hex);
    deepEqual(mbo.filter(inSession), all.filter(inSession), date);
    // The book is whole: a snapshot from before the session, and everything since.
    const snapshot = mbo.filter(isSnapshot);
    const takenNs = snapshot.map((hex) => Buffer.from(hex, 'hex').readBigUInt64LE(40));
    deepEqual(new Set(takenNs).size, 1, date);
    const [first = 0n] = takenNs;
    equal(date === dates[0] || first <= fromNs, true, date);
    const since = (hex: string): boolean => eventNs(hex) > first && eventNs(hex) < fromNs + dayNs && !isSnapshot(hex);
    deepEqual(mbo.filter(since), all.filter(since), date);
  }
});
