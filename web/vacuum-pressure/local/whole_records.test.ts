import { deepEqual, equal, match } from 'node:assert/strict';
import { test } from 'node:test';
import { zstdCompressSync } from 'node:zlib';
import { parseReplayConfig } from '../../../src/config/index.ts';
import { encodeGapMark } from '../../../src/dbn/index.ts';
import { smallMetadata, smallSession } from '../../../test/helpers/small_session.ts';
import { fileBins, type ReplayFindings } from './file_bins.ts';
import { defaultConfig } from './file_instrument.ts';
import { probeFile } from './file_probe.ts';
import { describeFile } from './file_report.ts';
import { wholeRecords } from './whole_records.ts';

const session = smallSession(300, { ...smallMetadata, schema: null });

/** What is read of bytes that come in chunks of some size, and what was left out. */
async function read(bytes: Uint8Array, chunkBytes: number): Promise<{ bytes: Uint8Array; torn: number }> {
  let torn = 0;
  const parts: Uint8Array[] = [];
  async function* chunks() {
    for (let at = 0; at < bytes.length; at += chunkBytes) yield bytes.subarray(at, at + chunkBytes);
  }
  for await (const part of wholeRecords(chunks(), (count) => (torn = count))) parts.push(part.slice());
  return { bytes: new Uint8Array(Buffer.concat(parts)), torn };
}

test('whole files pass as they are, in chunks of any size; part of a record and zeros at the end are left out', async () => {
  const torn = Buffer.concat([session, session.subarray(session.length - 56, session.length - 20)]);
  const zeros = Buffer.concat([session, new Uint8Array(5000)]);
  const compressed = new Uint8Array(zstdCompressSync(session));
  for (const chunkBytes of [7, 1000, 1 << 20]) {
    deepEqual(await read(session, chunkBytes), { bytes: session, torn: 0 });
    deepEqual(await read(torn, chunkBytes), { bytes: session, torn: 36 });
    deepEqual(await read(compressed, chunkBytes), { bytes: compressed, torn: 0 });
  }
  deepEqual(await read(zeros, 1000), { bytes: session, torn: 5000 });
  // A length that no record has, and something behind it, is damage: the decoder refuses it.
  const damaged = new Uint8Array(Buffer.concat([session, new Uint8Array(16), Uint8Array.of(1)]));
  deepEqual(await read(damaged, 1000), { bytes: damaged, torn: 0 });
});

test('a torn recording with a gap is replayed to its last whole record, and the report says both', async () => {
  const at = session.length - 100 * 56;
  const ns = Buffer.from(session).readBigUInt64LE(at + 8);
  const mark = encodeGapMark({ fromNs: ns - 200_000_000n, toNs: ns, cause: 'lost' }, smallMetadata.version, false);
  const torn = Buffer.concat([session.subarray(0, at), mark, session.subarray(at), session.subarray(-56, -26)]);
  const { configText } = defaultConfig(await probeFile(new Blob([torn])), 'MNQH6', 0.25);
  const { runtime } = JSON.parse(configText) as { runtime: unknown };
  const capture = { stream_dt: '2026-02-06', stream_start_time: '09:26' };
  const config = parseReplayConfig({ runtime, ...capture }, 'replay.json');
  let report = (): ReplayFindings => {
    throw new Error('no report yet');
  };
  let bins = 0;
  for await (const _ of fileBins(new Blob([torn]), config, (of) => (report = of))) bins++;
  equal(bins > 100, true);
  const { anomalies } = describeFile(report());
  match(anomalies.join(' '), /1 gap in the recording.*30 bytes that are no whole record/);
});
