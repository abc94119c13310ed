import { deepEqual } from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { type SessionFaults, startGateway } from '../../src/databento/live/index.ts';
import { encodeMetadata } from '../../src/dbn/index.ts';
import { recordedFeed, recordOptions, recordUntil } from '../helpers/recorded_feed.ts';
import { smallMetadata, smallSession } from '../helpers/small_session.ts';
import { temporaryFolder } from '../helpers/temporary_folder.ts';

const folder = temporaryFolder('recorder-faults');
const session = join(folder, 'session.dbn');
const orders = 70;
writeFileSync(session, smallSession(orders));
const untilNs = 1_770_387_960_000_000_000n + BigInt(orders) * 100_000_000n + 1n;
let count = 0;

async function recorded(faults: readonly SessionFaults[], graceMs = 10_000) {
  await using gateway = await startGateway({ files: [session], key: null, speed: 'max', port: 0, faults });
  const path = join(folder, `${count++}.dbn`);
  const { access } = recordOptions(gateway.port, path);
  await recordUntil(gateway.port, path, untilNs, { access: { ...access, timing: { graceMs } } });
  return recordedFeed(path);
}

const whole = await recorded([]);

test('a connection that is dropped at any record, and the next one at any record of the replay, leave no hole', async () => {
  for (let after = 0; after <= whole.mbo.length; after++) {
    const again = (after * 7) % 60;
    const { mbo, gaps } = await recorded([
      { at: [{ after, do: 'drop', bytes: after % 56 }] },
      { at: [{ after: again, do: 'drop', bytes: again % 56 }], splitBytes: 1 + (after % 60) },
    ]);
    deepEqual([mbo, gaps], [whole.mbo, []], `dropped after ${after}, then after ${again}`);
  }
});

test('a snapshot in place of the replay leaves no hole, wherever the connection was dropped', async () => {
  for (let after = 1; after <= whole.mbo.length; after += 5) {
    const { mbo, gaps } = await recorded([{ at: [{ after, do: 'drop' }] }, { replayAgedOut: true }]);
    deepEqual([mbo, gaps], [whole.mbo, []], `dropped after ${after}`);
  }
});

test('a file that the replay and the snapshot contradict, for records were left out, gets a gap at its end', async () => {
  for (const at of [10, 40]) {
    const omit = { after: at, do: 'omit', records: 2 } as const;
    const { mbo, gaps, order } = await recorded([{ at: [omit, { after: at + 10, do: 'drop' }] }]);
    const before = order.indexOf('gap');
    const kept = mbo.slice(0, before);
    deepEqual(kept, [...whole.mbo.slice(0, at), ...whole.mbo.slice(at + 2, before + 2)], `left out after ${at}`);
    deepEqual([gaps.length, gaps[0]?.cause], [1, 'replay_incomplete']);
    deepEqual(gaps[0]?.fromNs, Buffer.from(kept.at(-1) ?? '', 'hex').readBigUInt64LE(8));
  }
});

/** Two contracts, the second of which trades a third as often, and for 6 s not at all. */
function twoContracts(path: string): void {
  const head = encodeMetadata(smallMetadata).length;
  const first = smallSession(240).subarray(head);
  const records = Array.from({ length: first.length / 56 }, (_, i) => first.slice(i * 56, (i + 1) * 56)).flatMap(
    (record, i) => {
      const isQuiet = i > 100 && i < 180;
      if (i % 3 !== 0 || isQuiet) return [record];
      const other = record.slice();
      new DataView(other.buffer).setUint32(4, 8, true);
      return [record, other];
    },
  );
  const interval = { startDate: 20260206, endDate: 20260207 };
  const mappings = [
    { rawSymbol: 'MNQH6', intervals: [{ ...interval, symbol: '7' }] },
    { rawSymbol: 'MNQM6', intervals: [{ ...interval, symbol: '8' }] },
  ];
  const metadata = { ...smallMetadata, symbols: ['MNQH6', 'MNQM6'], mappings };
  writeFileSync(path, Buffer.concat([encodeMetadata(metadata), ...records]));
}

test('a recording of several instruments has no hole either, by replay or by snapshot', async () => {
  const source = join(folder, 'two.dbn');
  twoContracts(source);
  const endNs = 1_770_387_960_000_000_000n + 24_000_000_001n;
  const ofBoth = async (faults: readonly SessionFaults[]) => {
    await using gateway = await startGateway({ files: [source], key: null, speed: 'max', port: 0, faults });
    const path = join(folder, `${count++}.dbn`);
    await recordUntil(gateway.port, path, endNs, { symbol: 'MNQ.FUT', stypeIn: 'parent' });
    return recordedFeed(path);
  };
  const undisturbed = await ofBoth([]);
  for (let after = 1; after < undisturbed.mbo.length; after += 11) {
    for (const next of [[], [{ replayAgedOut: true }]]) {
      const { mbo, gaps } = await ofBoth([{ at: [{ after, do: 'drop' }] }, ...next]);
      deepEqual([mbo, gaps], [undisturbed.mbo, []], `dropped after ${after}, ${next.length} replays aged out`);
    }
  }
});

test('a connection that goes silent is replaced', async () => {
  const { mbo, gaps } = await recorded([{ at: [{ after: 30, do: 'silence' }] }], 200);
  deepEqual([mbo, gaps], [whole.mbo, []]);
});
