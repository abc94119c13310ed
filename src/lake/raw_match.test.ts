import { deepEqual, equal, match, notEqual, ok, rejects } from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { zstdCompressSync } from 'node:zlib';
import { temporaryFolder } from '../../test/helpers/temporary_folder.ts';
import { defaultRuntimeConfig, sha256Hex } from '../config/index.ts';
import { mboWord } from '../dbn/index.ts';
import { openRecords } from '../files/index.ts';
import { hashRecords } from '../files/records_hash.ts';
import { generateDataset } from '../replay/index.ts';
import { SyntheticSession } from '../synth/index.ts';
import { chooseDataset } from './dataset_choice.ts';
import { listDatasets, readManifest, verifyDataset } from './datasets.ts';
import { Lake } from './lake.ts';
import { matchRawFile } from './raw_match.ts';
import { SpecFiles } from './specs.ts';

const folder = temporaryFolder('raw-match');

const instrument = { ...defaultRuntimeConfig, n_absolute_ticks: 256, grid_radius_ticks: 4 };
const recordBytes = 56;

/** A session of 75 s in New York's 09:25, whose first minute is captured. */
const session = (() => {
  const chunks: Uint8Array[] = [];
  const synthetic = new SyntheticSession({
    ...{ seed: 5, profile: 'busy', symbol: 'MNQH6', date: 20260206, nextDate: 20260207 },
    ...{ startNs: 1770387900_000_000_000n, durationS: 75, openS: 300, recordsPerS: 60 },
  });
  for (let chunk = synthetic.next(); chunk !== null; chunk = synthetic.next()) chunks.push(Uint8Array.from(chunk));
  return Buffer.concat(chunks);
})();

let lakes = 0;
/** A lake with `bytes` as its raw file, and a pipeline from 09:25 to `end`. */
async function newLake(bytes: Uint8Array = session, end = '09:26') {
  const lake = new Lake(join(folder, `lake${lakes++}`));
  const raw = lake.rawFolder('future_mbo', 'MNQH6');
  mkdirSync(raw, { recursive: true });
  const path = join(raw, 'glbx-mdp3-20260206.mbo.dbn');
  writeFileSync(path, bytes);
  const spec = join(folder, 'demo.yaml');
  writeFileSync(
    spec,
    `name: demo
pipeline_code_version: 1
capture: {product_type: future_mbo, symbol: MNQH6, dt: "2026-02-06", start_time: "09:25", end_time: "${end}"}
pipeline: {cell_width_ms: 1000}
`,
  );
  const pipeline = await new SpecFiles(lake, instrument).pipeline(spec);
  const generate = (rebuild = false) => generateDataset({ lake, pipeline, codeVersion: 'test', rebuild });
  return { lake, path, pipeline, generate };
}

/** Puts another delivery in a file's place, at another time. */
let deliveries = 0;
function deliver(path: string, bytes: Uint8Array): void {
  writeFileSync(path, bytes);
  const at = 1_800_000_000 + deliveries++;
  utimesSync(path, at, at);
}

/** The session with another size in the record that ends at byte `endByte` of the records. */
function corrected(bytes: Uint8Array, metadataBytes: number, endByte: number): Uint8Array {
  const copy = Uint8Array.from(bytes);
  copy[metadataBytes + endByte - recordBytes + mboWord.size * 4]! ^= 1;
  return copy;
}

async function metadataBytesOf(path: string): Promise<number> {
  await using source = await openRecords(path);
  for await (const batch of source) return batch.byteOffset;
  throw new Error('no records');
}

test('the records that were used are hashed up to the one that ended the capture', async () => {
  const { path, generate } = await newLake();
  const { manifest, raw } = await generate();
  const { records } = manifest.source;
  ok(records !== undefined);
  const start = await metadataBytesOf(path);
  const used = session.subarray(start, start + records.bytes);
  equal(records.sha256, sha256Hex(used));
  equal(records.ends_with_file, false);
  const eventNs = (record: number) => session.readBigUInt64LE(start + record * recordBytes + mboWord.tsEventLo * 4);
  const count = records.bytes / recordBytes;
  const endNs = BigInt(manifest.capture.end_ns);
  ok(eventNs(count - 1) >= endNs && eventNs(count - 2) < endNs);
  equal(raw.state, 'same');
});

test('a file with a corrected record is told from the one that was used, and rebuilt beside it', async () => {
  const { lake, path, pipeline, generate } = await newLake();
  const first = await generate();
  const base = first.manifest.dataset_id;
  deliver(path, corrected(session, await metadataBytesOf(path), 200 * recordBytes));
  const again = await generate();
  deepEqual([again.isNew, again.manifest.dataset_id, again.raw.state], [false, base, 'differs']);
  match(
    again.raw.found,
    /20260206\.mbo\.dbn is not what the dataset was made from: the SHA-256 of the \d+ bytes of records/,
  );

  const rebuilt = await generate(true);
  equal(rebuilt.isNew, true);
  equal(rebuilt.manifest.dataset_id, `${base}_r${rebuilt.manifest.source.records!.sha256.slice(0, 8)}`);
  notEqual(rebuilt.manifest.source.records!.sha256, first.manifest.source.records!.sha256);
  deepEqual(await listDatasets(lake), [base, rebuilt.manifest.dataset_id]);
  await verifyDataset(lake, rebuilt.manifest.dataset_id);
  deepEqual(await verifyDataset(lake, base), first.manifest);
  equal((await generate(true)).isNew, false);
  equal((await generate()).manifest.dataset_id, rebuilt.manifest.dataset_id);

  deliver(path, session);
  equal((await generate()).manifest.dataset_id, base);
  deliver(path, corrected(session, await metadataBytesOf(path), 300 * recordBytes));
  await rejects(generate(), { code: 'CHECKSUM_MISMATCH', message: /Cannot tell which of the datasets .*--rebuild/ });
  rmSync(path);
  await rejects(chooseDataset(lake, pipeline.datasetId, { hash: true }), { message: /Cannot find a replay file/ });
});

test('compression, an appended tail and a touched file are no difference', async () => {
  const { lake, path, generate } = await newLake();
  const { manifest } = await generate();
  const compare = () => matchRawFile(lake, manifest, { hash: true });
  const tail = session.subarray(session.length - 40 * recordBytes);
  for (const [name, bytes] of [
    ['touched', session],
    ['compressed', zstdCompressSync(session)],
    ['appended', Buffer.concat([session, tail])],
    ['appended and compressed', zstdCompressSync(Buffer.concat([session, tail]))],
    [
      'corrected behind what was used',
      corrected(session, await metadataBytesOf(path), manifest.source.records!.bytes + recordBytes),
    ],
  ] as const) {
    deliver(path, bytes);
    equal((await matchRawFile(lake, manifest, { hash: false })).state, 'unknown', name);
    deepEqual(await compare(), { state: 'same', path, found: '' }, name);
  }
  equal((await generate()).isNew, false);
});

test('a file that ended before the capture is another file once it goes on', async () => {
  const cut = session.subarray(0, session.length - 100 * recordBytes);
  const { lake, path, generate } = await newLake(cut, '09:30');
  const { manifest } = await generate();
  equal(manifest.source.records!.ends_with_file, true);
  equal((await matchRawFile(lake, manifest, { hash: false })).state, 'same');
  deliver(path, zstdCompressSync(cut));
  equal((await matchRawFile(lake, manifest, { hash: true })).state, 'same');
  deliver(path, session);
  const longer = await matchRawFile(lake, manifest, { hash: true });
  equal(longer.state, 'differs');
  match(longer.found, /it goes on after the \d+ bytes of records/);
  deepEqual(await matchRawFile(lake, manifest, { hash: false }), longer);
  deliver(path, cut.subarray(0, cut.length - recordBytes));
  match(
    (await matchRawFile(lake, manifest, { hash: true })).found,
    /it holds \d+ bytes of records, the dataset was made from/,
  );
});

test('a missing or unreadable file is no difference, and says so', async () => {
  const { lake, path, generate } = await newLake();
  const { manifest } = await generate();
  deliver(path, session.subarray(0, 20_001));
  const cut = await matchRawFile(lake, manifest, { hash: true });
  equal(cut.state, 'unknown');
  match(cut.found, /The stream was cut/);
  rmSync(path);
  const missing = await generate();
  deepEqual([missing.isNew, missing.raw.state, missing.raw.path], [false, 'missing', null]);
  match(missing.raw.found, /Cannot find a replay file of future_mbo MNQH6 for 2026-02-06/);
});

test('a manifest without the hash of its records is compared by the file', async () => {
  const { lake, path, generate } = await newLake();
  const { folder: dataset, manifest } = await generate();
  const { records: _, ...source } = manifest.source;
  const old = `${JSON.stringify({ ...manifest, source }, null, 2)}\n`;
  const checksums = JSON.parse(readFileSync(join(dataset, 'checksums.json'), 'utf8')) as Record<string, string>;
  writeFileSync(join(dataset, 'manifest.json'), old);
  writeFileSync(join(dataset, 'checksums.json'), JSON.stringify({ ...checksums, 'manifest.json': sha256Hex(old) }));
  const read = await readManifest(lake, manifest.dataset_id);
  rmSync(lake.rawHashCache, { recursive: true });
  equal((await matchRawFile(lake, read, { hash: false })).state, 'unknown');
  equal((await matchRawFile(lake, read, { hash: true })).state, 'same');
  deliver(path, zstdCompressSync(session));
  const other = await matchRawFile(lake, read, { hash: true });
  equal(other.state, 'differs');
  match(other.found, /the manifest has no hash of the records, so the difference may be the compression alone/);
});

test('hashes are kept until the file changes, and a damaged cache is made anew', async () => {
  const { lake, path, generate } = await newLake();
  const { manifest } = await generate();
  const [name] = readdirSync(lake.rawHashCache);
  const cached = join(lake.rawHashCache, name!);
  const state = async (hash: boolean) => (await matchRawFile(lake, manifest, { hash })).state;
  equal(await state(false), 'same');
  const entry = readFileSync(cached, 'utf8');
  for (const damage of ['', '{', '{"version":1}', entry.replace('"version":1', '"version":2')]) {
    writeFileSync(cached, damage);
    equal(await state(false), 'unknown', damage);
    equal(await state(true), 'same');
    equal(await state(false), 'same');
  }
  deliver(path, session);
  equal(await state(false), 'unknown');
});

test('several lengths are hashed in one pass, whatever batches they come in', async () => {
  const { path } = await newLake();
  const start = await metadataBytesOf(path);
  const records = session.subarray(start);
  const lengths = [0, recordBytes, 1000 * recordBytes + 7, records.length, records.length + 1];
  const { sha256ByBytes, totalBytes } = await hashRecords(path, lengths);
  equal(totalBytes, records.length);
  deepEqual(
    [...sha256ByBytes],
    lengths.slice(0, 4).map((bytes) => [bytes, sha256Hex(records.subarray(0, bytes))]),
  );
  equal((await hashRecords(path, [recordBytes])).totalBytes, null);
});
