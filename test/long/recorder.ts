import { deepEqual, equal, match, rejects } from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { encodeHeartbeat, encodeSymbolMapping } from '../../src/databento/live/control_records.ts';
import { type GatewayOptions, startGateway } from '../../src/databento/live/gateway.ts';
import type { FaultAction, GatewayFaults, SessionFaults } from '../../src/databento/live/gateway_faults.ts';
import { type RecorderState, type RecordOptions, record } from '../../src/databento/live/recorder.ts';
import { encodeGapMark, encodeMetadata, mboRecordBytes } from '../../src/dbn/index.ts';
import { Lake, recordingPath, storedRecordings } from '../../src/lake/index.ts';
import { laterSession } from '../helpers/later_session.ts';
import { mboMetadata } from '../helpers/mbo_metadata.ts';
import { rawGateway, rawPreface } from '../helpers/raw_gateway.ts';
import { isSnapshot, type RecordedFeed, recordedFeed, recordOptions, recordUntil } from '../helpers/recorded_feed.ts';
import { smallMetadata, smallSession } from '../helpers/small_session.ts';
import { temporaryFolder } from '../helpers/temporary_folder.ts';

const folder = temporaryFolder('recorder');
const session = join(folder, 'session.dbn');
const orders = 120;
writeFileSync(session, smallSession(orders));
/** Behind the last record. */
const untilNs = 1_770_387_960_000_000_000n + BigInt(orders) * 100_000_000n + 1n;

let count = 0;

/** What is recorded of the session from a gateway with these faults. */
async function recorded(
  faults: GatewayFaults,
  changes: Partial<GatewayOptions> = {},
): Promise<RecordedFeed & { readonly notices: string[] }> {
  await using gateway = await startGateway({ files: [session], key: null, speed: 'max', port: 0, faults, ...changes });
  const path = join(folder, `recording-${count++}.dbn`);
  const notices: string[] = [];
  await recordUntil(gateway.port, path, untilNs, { notice: (text) => notices.push(text) });
  return { ...recordedFeed(path), notices };
}

const whole = await recorded([]);

test('an uninterrupted recording is the whole session', () => {
  const own = recordedFeed(session);
  deepEqual(whole.mbo.slice(-own.mbo.length), own.mbo);
  deepEqual(whole.gaps, []);
});

test('an own recording has what the gateway says beside the records', () => {
  deepEqual([whole.mappings, whole.notices], [1, []]);
});

test('a connection that is dropped inside of a record leaves no hole', async () => {
  for (const after of [1, 2, 3, 60, whole.mbo.length - 1]) {
    const { mbo, gaps } = await recorded([{ at: [{ after, do: 'drop', bytes: after % 56 }] }]);
    deepEqual([mbo.length, gaps], [whole.mbo.length, []], `after ${after}`);
    deepEqual(mbo, whole.mbo, `after ${after}`);
  }
});

test('connections that end one after the other, in every way, leave no hole', async () => {
  const ends: FaultAction[] = [
    { do: 'close' },
    { do: 'garbage' },
    { do: 'error', code: 6 },
    { do: 'error', code: 3 },
    { do: 'error', code: 7 },
    { do: 'slow_reader_warning' },
    { do: 'error', code: 4 },
  ];
  const faults = ends.map((end): SessionFaults => ({ at: [{ ...end, after: 40 }], splitBytes: 13 }));
  const { mbo, gaps, notices } = await recorded([...faults, { greeting: 'close' }]);
  deepEqual([mbo, gaps], [whole.mbo, []]);
  match(notices.join(' '), /closed the connection.*code 6.*no further session.*skipped records/);
});

test('a server that ignores the start of a replay changes nothing', async () => {
  const { mbo, gaps } = await recorded([{ at: [{ after: 80, do: 'drop' }] }, { ignoreStart: true }]);
  deepEqual([mbo, gaps], [whole.mbo, []]);
});

test('where the replay has aged out or is not whole, records behind a snapshot fill the gap', async () => {
  for (const replay of [{ replayAgedOut: true }, { replayLacks: 3 }]) {
    const { mbo, gaps } = await recorded([{ at: [{ after: 80, do: 'drop' }] }, replay, {}]);
    deepEqual([mbo, gaps], [whole.mbo, []]);
  }
});

test('where the start that was asked for has aged out, a recording begins with a snapshot', async () => {
  for (const start of ['session', untilNs - 60_000_000_000n] as const) {
    const path = join(folder, `aged-${typeof start}.dbn`);
    const notices: string[] = [];
    await using gateway = await startGateway({
      ...{ files: [session], key: null, speed: 'max', port: 0 },
      faults: () => ({ replayAgedOut: true }),
    });
    await recordUntil(gateway.port, path, untilNs, { start, notice: (text) => notices.push(text) });
    const { mbo, gaps, mappings } = recordedFeed(path);
    deepEqual([isSnapshot(mbo[0] ?? ''), mbo.at(-1), gaps, mappings], [true, whole.mbo.at(-1), [], 1]);
    match(notices.join(), /aged out/);
  }
});

test('where nothing can fill it, the gap is marked: from the last record before it to the snapshot', async () => {
  const after = 80;
  const missed = 30;
  const faults: GatewayFaults = [{ at: [{ after, do: 'drop' }], missed }, { replayAgedOut: true }];
  const { mbo, gaps, order } = await recorded(faults, { snapshotEveryS: 0 });
  const [gap] = gaps;
  equal(gaps.length, 1);
  equal(gap?.cause, 'aged_out');
  const last = Buffer.from(whole.mbo[after - 1] ?? '', 'hex');
  equal(gap?.fromNs, last.readBigUInt64LE(8));
  // The mark stands right behind the last record before the gap, and a snapshot behind the mark.
  equal(order.indexOf('gap'), after);
  deepEqual(mbo.slice(0, after), whole.mbo.slice(0, after));
  const snapshot = mbo.slice(after).filter((hex) => isSnapshot(hex));
  deepEqual(new Set(snapshot.map((hex) => Buffer.from(hex, 'hex').readBigUInt64LE(40))), new Set([gap?.toNs]));
  deepEqual(mbo.slice(after + snapshot.length), whole.mbo.slice(after + missed));
});

test('of messages that come together those of the recording are kept, the others not', async () => {
  const bytes = smallSession(orders, { ...smallMetadata, schema: null });
  const at = bytes.length - 60 * mboRecordBytes;
  const tsNs = Buffer.from(bytes).readBigUInt64LE(at + 8);
  const gap = { fromNs: tsNs, toNs: tsNs, cause: 'lost' };
  const { version } = smallMetadata;
  const marks = [
    encodeHeartbeat({ version, tsNs }),
    encodeGapMark(gap, version, false),
    encodeHeartbeat({ version, tsNs }),
  ];
  const mapping = encodeSymbolMapping(
    { instrumentId: 7, stypeIn: 'raw_symbol', asked: 'MNQH6', raw: 'MNQH6' },
    { version, tsNs },
  );
  const head = encodeMetadata({ ...smallMetadata, schema: null }).length;
  // One write: the three messages are one run of records.
  const stream = [bytes.subarray(0, head), mapping, bytes.subarray(head, at), ...marks, bytes.subarray(at)];
  const gateway = await rawGateway(() => Buffer.concat([Buffer.from(rawPreface), ...stream]));
  const path = join(folder, 'from-marked.dbn');
  const lastNs = Buffer.from(bytes).readBigUInt64LE(bytes.length - mboRecordBytes + 8);
  // What a replay brings is not live: its heartbeats are left out.
  await recordUntil(gateway.port, path, lastNs, { start: 'session' });
  await gateway.close();
  const kept = recordedFeed(path);
  // The last order is added and cancelled at once: the first record of that time ends the recording.
  deepEqual([kept.gaps, kept.mbo], [[gap], recordedFeed(session).mbo.slice(0, -1)]);
  deepEqual([kept.mappings, kept.messages], [1, 1]);
});

test('records of a type that nobody knows are kept where they come', async () => {
  const { order, mbo } = await recorded([{ at: [{ after: 5, do: 'unknown_record' }] }]);
  deepEqual([order.indexOf('unknown'), mbo], [5, whole.mbo]);
});

test('a recording that was left is gone on with', async () => {
  await using gateway = await startGateway({ files: [session], key: null, speed: 'max', port: 0 });
  const path = join(folder, 'left.dbn');
  const middleNs = untilNs - 6_000_000_000n;
  await recordUntil(gateway.port, path, middleNs);
  equal(recordedFeed(path).mbo.length < whole.mbo.length, true);
  await recordUntil(gateway.port, path, untilNs);
  deepEqual([recordedFeed(path).mbo, recordedFeed(path).gaps], [whole.mbo, []]);
});

test('a compressed file is verified against the plain one, which goes', async () => {
  await using gateway = await startGateway({ files: [session], key: null, speed: 'max', port: 0 });
  const path = join(folder, 'small.dbn.zst');
  const { files } = await recordUntil(gateway.port, path, untilNs);
  deepEqual(
    files.map((file) => [file.path, file.isFinished, file.date]),
    [[path, true, '2026-02-06']],
  );
  equal(existsSync(path.replace('.zst', '')), false);
  deepEqual(recordedFeed(path).mbo, whole.mbo);
});

test('a key, a dataset and a subscription that are refused end the recorder, which says why', async () => {
  await using gateway = await startGateway({ files: [session], key: 'db-another-key', speed: 'max', port: 0 });
  const path = join(folder, 'refused.dbn');
  await rejects(recordUntil(gateway.port, path, untilNs), { code: 'LIVE_REFUSED' });
  equal(existsSync(path), false);
});

test('a file that is no recording is not appended to', async () => {
  await using gateway = await startGateway({ files: [session], key: null, speed: 'max', port: 0 });
  await rejects(recordUntil(gateway.port, session, untilNs), { code: 'FILE_EXISTS' });
});

test('a stream of another version goes to another file of the session, and is refused for a file by its name', async () => {
  const older = join(folder, 'older.dbn');
  writeFileSync(older, smallSession(orders, mboMetadata('MNQH6', 7, { version: 2 })));
  const lake = new Lake(join(folder, 'lake'));
  const file = join(folder, 'single.dbn');
  const middleNs = untilNs - 6_000_000_000n;
  const from = async (source: string, fromNs: bigint, changes: Partial<RecordOptions>): Promise<void> => {
    await using gateway = await startGateway({ files: [source], key: null, speed: 'max', port: 0, fromNs });
    const stop = new AbortController();
    const onProgress = ({ records }: RecorderState): void => {
      if (records > 20 && changes.untilNs === null) stop.abort();
    };
    await record(recordOptions(gateway.port, file, { onProgress, signal: stop.signal, ...changes }));
  };
  await from(session, middleNs - 6_000_000_000n, { untilNs: null, target: { lake } });
  await from(older, middleNs, { untilNs, target: { lake } });
  await from(session, middleNs - 6_000_000_000n, { untilNs: middleNs });
  await rejects(from(older, middleNs, { untilNs }), { code: 'FILE_EXISTS' });
  const stored = await storedRecordings(lake, { productType: 'future_mbo', dataset: 'GLBX.MDP3', symbol: 'MNQH6' });
  deepEqual(
    stored.map(({ part, isPlain, isCompressed }) => [part, isPlain, isCompressed]),
    [
      [1, false, true],
      [2, false, true],
    ],
  );
});

test('recordings of earlier sessions that were left are completed and compressed', async () => {
  const lake = new Lake(join(folder, 'lake-left'));
  const subject = { productType: 'future_mbo', dataset: 'GLBX.MDP3', symbol: 'MNQH6' } as const;
  const left = recordingPath(lake, subject, '2026-02-06');
  await using first = await startGateway({ files: [session], key: null, speed: 'max', port: 0 });
  await recordUntil(first.port, left, untilNs - 6_000_000_000n);
  const later = join(folder, 'later.dbn');
  writeFileSync(later, laterSession(smallSession(20), 1));
  await using gateway = await startGateway({
    ...{ files: [session, later], key: null, speed: 'max', port: 0 },
    fromNs: untilNs + 86_300_000_000_000n,
  });
  const { files } = await record(
    recordOptions(gateway.port, '', { target: { lake }, untilNs: untilNs + 86_400_000_000_000n - 11_000_000_000n }),
  );
  deepEqual(
    files.map(({ path, isFinished }) => [path, isFinished]).sort(),
    [left, recordingPath(lake, subject, '2026-02-07')].map((path) => [`${path}.zst`, true]),
  );
  const { mbo, gaps } = recordedFeed(`${left}.zst`);
  deepEqual([mbo.slice(0, whole.mbo.length), mbo.length - whole.mbo.length, gaps], [whole.mbo, 1, []]);
});
