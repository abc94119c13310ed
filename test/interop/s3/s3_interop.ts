import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { after, beforeEach, test } from 'node:test';
import { sha256Hex } from '../../../src/config/index.ts';
import { verifyDataset } from '../../../src/lake/index.ts';
import { runCommand } from '../../helpers/run_command.ts';
import { temporaryFolder } from '../../helpers/temporary_folder.ts';
import { startFaultProxy } from './fault_proxy.ts';
import { Machine, makeSharedFiles } from './machines.ts';
import { testPromotion } from './promotion.ts';
import { testResults } from './results.ts';
import { startS3Server } from './s3_server.ts';
import { testUserSignal } from './user_signal.ts';

/*
 * A lake on a real S3 server, seen from several machines, some of them through a proxy that spoils what it is told to:
 * `npm run test:interop -- s3`. The argument is the server's program.
 */
const server = await startS3Server(process.argv[2] ?? 'gofakes3');
const proxy = await startFaultProxy(server.endpoint);
after(() => {
  proxy.stop();
  server.stop();
});
beforeEach(() => {
  proxy.fault = () => 'none';
  proxy.drop = [];
});
const files = await makeSharedFiles();
let lakes = 0;
const newLake = () => `s3://${server.bucket}/lake-${++lakes}`;
const machine = (address: string, cacheGb?: string) => new Machine(address, proxy.endpoint, cacheGb);

interface Made {
  readonly dataset_id: string;
  readonly folder: string;
  readonly is_new: boolean;
}

/** Files of a folder with the hash of their content. */
function contents(folder: string): Record<string, string> {
  return Object.fromEntries(
    readdirSync(folder)
      .sort()
      .map((name) => [name, sha256Hex(readFileSync(join(folder, name)))]),
  );
}

const localRoot = temporaryFolder('s3-local');
const local = async <T>(...words: string[]): Promise<T> => {
  const { code, out, err } = await runCommand(...words, '--lake-root', localRoot, '--json');
  equal(code, 0, `${words.join(' ')}: ${out}${err}`);
  return JSON.parse(out) as T;
};
await local('import', files.raw);
const localMade = await local<Made>('generate', files.pipeline);

test('a dataset of one machine is that of a local lake to the byte, and another machine reads it', async () => {
  const address = newLake();
  const first = machine(address);
  await first.json('import', files.raw);
  equal((await first.json<Made>('generate', files.pipeline)).is_new, true);
  const second = machine(address);
  const listed = await second.json<{ datasets: { dataset_id: string }[] }>('list-datasets');
  deepEqual(JSON.stringify(listed).includes(localMade.dataset_id), true);
  const there = await second.json<Made>('generate', files.pipeline, '--verify');
  equal(there.is_new, false);
  deepEqual(contents(there.folder), contents(localMade.folder));
  ok(there.folder.startsWith(second.cache));
  const raw = proxy.asked.filter(({ method, path }) => method === 'GET' && /data\/raw/.test(path));
  deepEqual(raw, [], 'the raw file is compared by its manifest');
});

test('a writer that is killed before the manifest leaves no dataset, and the next one makes it', async () => {
  const address = newLake();
  const killed = machine(address);
  await killed.json('import', files.raw);
  const bin = resolve(import.meta.dirname, '../../../bin/spymaster.js');
  const words = [bin, 'generate', files.pipeline, '--lake-root', address];
  const child = spawn(process.execPath, words, { env: { ...process.env, ...killed.environment }, stdio: 'ignore' });
  proxy.fault = ({ method, path }) => {
    if (method !== 'PUT' || !/manifests\/research/.test(path)) return 'none';
    child.kill('SIGKILL');
    return 'lost';
  };
  await once(child, 'exit');
  proxy.fault = () => 'none';
  equal(child.signalCode, 'SIGKILL');
  const other = machine(address);
  deepEqual((await other.json<{ datasets: unknown[] }>('list-datasets')).datasets, []);
  equal((await other.json<Made>('generate', files.pipeline)).is_new, true);
  deepEqual(
    contents((await killed.json<Made>('generate', files.pipeline, '--verify')).folder),
    contents(localMade.folder),
  );
});

test('answers of 500, pauses and cut streams are repeated; wrong bytes are never used', async () => {
  const address = newLake();
  const writer = machine(address);
  proxy.fault = faultEvery('error', 4);
  await writer.json('import', files.raw);
  await writer.json('generate', files.pipeline);
  for (const fault of ['error', 'slow', 'cut', 'wrong'] as const) {
    const reader = machine(address);
    // The first answers of each object are spoilt.
    const seen = new Set<string>();
    proxy.fault = ({ method, path }) => {
      if (method !== 'GET' || !/data\/research/.test(path) || seen.has(path)) return 'none';
      seen.add(path);
      return fault;
    };
    const lake = await reader.lake();
    equal((await verifyDataset(lake, localMade.dataset_id)).dataset_id, localMade.dataset_id);
    deepEqual(contents(lake.datasets(localMade.dataset_id)), contents(localMade.folder), fault);
    ok(seen.size >= 2);
    await lake.storage?.close();
  }
  const reader = machine(address);
  proxy.fault = ({ path }) => (/bins\.parquet/.test(path) ? 'wrong' : 'none');
  const { code, err } = await reader.run('generate', files.pipeline, '--verify');
  equal(code, 1);
  match(err, /CHECKSUM_MISMATCH.*bins\.parquet: its SHA-256 is not the one it was written with/);
  proxy.fault = ({ path }) => (/^\/lab\/[^?]*manifests\/research/.test(path) ? 'wrong' : 'none');
  match((await machine(address).run('generate', files.pipeline)).err, /CHECKSUM_MISMATCH.*manifests\/research/);
  proxy.fault = () => 'error';
  match((await machine(address).run('list-datasets')).err, /STORAGE_UNREACHABLE.*HTTP 500.*run it again/);
  proxy.fault = () => 'none';
});

test('two writers at once make one dataset, with conditional writes and without', async () => {
  for (const isHonoured of [true, false]) {
    const address = newLake();
    const [first, second] = [machine(address), machine(address)];
    await first.json('import', files.raw);
    const lakes = [await first.lake(), await second.lake()];
    if (!isHonoured) proxy.drop = ['if-none-match'];
    const source = localMade.folder;
    const path = `research/vp_immutable/${localMade.dataset_id}`;
    const names = readdirSync(source);
    const published = await Promise.all(lakes.map((lake) => lake.storage?.publish(path, source, names)));
    if (isHonoured) equal(published.filter((isFirst) => isFirst === true).length, 1);
    else ok(published.includes(true));
    for (const lake of lakes) {
      await verifyDataset(lake, localMade.dataset_id);
      deepEqual(contents(lake.datasets(localMade.dataset_id)), contents(source));
      await lake.storage?.close();
    }
    proxy.drop = [];
  }
});

test('a cache too small says so with the size, and evicted files come again', async () => {
  const address = newLake();
  const writer = machine(address);
  await writer.json('import', files.raw);
  const { folder } = await writer.json<Made>('generate', files.pipeline);
  const small = machine(address, '0.00001');
  const { code, err } = await small.run('generate', files.pipeline, '--verify');
  equal(code, 1);
  match(err, /CACHE_TOO_SMALL.*set SPYMASTER_CACHE_GB to 0\.\d+ or more/);
  rmSync(join(folder, 'grid_clean.parquet'));
  await writer.json('generate', files.pipeline, '--verify');
  writeFileSync(join(folder, 'bins.parquet'), 'overwritten');
  await writer.json('generate', files.pipeline, '--verify');
  deepEqual(contents(folder), contents(localMade.folder));
});

test('without credentials, bucket or server one sentence says so, and no secret is stored', async () => {
  const address = newLake();
  const keyless = machine(address);
  keyless.use();
  const none = { AWS_ACCESS_KEY_ID: '', AWS_SECRET_ACCESS_KEY: '', AWS_EC2_METADATA_DISABLED: 'true' };
  Object.assign(process.env, none, { AWS_SHARED_CREDENTIALS_FILE: '/dev/null', AWS_CONFIG_FILE: '/dev/null' });
  const refused = await runCommand('list-datasets', '--lake-root', address);
  match(refused.err, /STORAGE_REFUSED.*there are no credentials; set AWS_ACCESS_KEY_ID/);
  match((await machine('s3://nowhere/x').run('list-datasets')).err, /STORAGE_REFUSED.*there is no such bucket/);
  const gone = new Machine(address, 'http://127.0.0.1:9');
  match((await gone.run('list-datasets')).err, /STORAGE_UNREACHABLE.*ECONNREFUSED/);
  match((await machine('s3://lab/../x').run('list-datasets')).err, /USAGE/);
  const user = machine(address);
  await user.json('import', files.raw);
  for (const entry of readdirSync(user.cache, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const text = readFileSync(join(entry.parentPath, entry.name), 'latin1');
    ok(!/test-key-id|test-secret-key/.test(text), entry.name);
  }
});

testResults(proxy, files, localRoot, machine, newLake);
testPromotion(proxy, files, machine, newLake);
testUserSignal(files, (address) => machine(address), newLake);

function faultEvery(fault: 'error', n: number): typeof proxy.fault {
  let count = 0;
  return () => (++count % n === 0 ? fault : 'none');
}
