import { deepEqual, equal, match, ok, rejects, throws } from 'node:assert/strict';
import { createServer, type IncomingHttpHeaders, type RequestListener } from 'node:http';
import { after, test } from 'node:test';
import { SpymasterError } from '../../errors.ts';
import { ObjectStore, parseStorageUrl } from './object_store.ts';
import { loadS3Library } from './s3_client.ts';
import { storageError } from './storage_error.ts';

const keys = ['AWS_ENDPOINT_URL_S3', 'AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'] as const;
const before = keys.map((key) => [key, process.env[key]] as const);
after(() => {
  for (const [key, value] of before) {
    if (value === undefined) delete process.env[key];
    else process.env[key] = value;
  }
});

/** Opens a store on a server of this process that answers as it is told to. */
async function storeOn(answer: RequestListener, silentMs?: number): Promise<ObjectStore> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  after(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as { port: number };
  const [endpoint, id, secret] = keys;
  Object.assign(process.env, { [endpoint]: `http://127.0.0.1:${port}`, [id]: 'id', [secret]: 'secret' });
  return ObjectStore.open('s3://bucket/a/prefix/', silentMs);
}

test('an address of object storage is a bucket and a prefix', () => {
  deepEqual(parseStorageUrl('s3://bucket'), { bucket: 'bucket', prefix: '' });
  deepEqual(parseStorageUrl('s3://my.bucket-1/a/b='), { bucket: 'my.bucket-1', prefix: 'a/b=' });
  for (const wrong of ['s3://', 's3://bucket/a//b', 's3://bucket/../b', 's3://bucket/a b', 'http://bucket/a']) {
    throws(() => parseStorageUrl(wrong), { code: 'USAGE' }, wrong);
  }
});

test('objects are written once, in the path of the endpoint, without checksums that were not asked for', async () => {
  const seen: { method: string; url: string; headers: IncomingHttpHeaders }[] = [];
  using store = await storeOn((request, response) => {
    seen.push({ method: request.method ?? '', url: request.url ?? '', headers: request.headers });
    request.resume().on('end', () => response.writeHead(seen.length === 1 ? 200 : 412).end());
  });
  equal(store.url, 's3://bucket/a/prefix');
  equal(await store.putIfAbsent('manifests/x.json', new Uint8Array([1, 2])), true);
  equal(await store.putIfAbsent('manifests/x.json', new Uint8Array([1, 2])), false);
  const [{ method, url, headers } = { method: '', url: '', headers: {} }] = seen;
  deepEqual([method, url.split('?')[0]], ['PUT', '/bucket/a/prefix/manifests/x.json']);
  equal(headers['if-none-match'], '*');
  ok(!Object.keys(headers).some((name) => name.startsWith('x-amz-checksum') || name === 'x-amz-trailer'));
});

test('an answer that stands still, or that is cut, begins again; one that stays so is an error', async () => {
  let answers = 0;
  const whole = Buffer.from('0123456789');
  const listener: RequestListener = (_request, response) => {
    answers++;
    response.writeHead(200, { 'content-length': whole.length });
    if (answers === 1) response.write(whole.subarray(0, 4));
    else if (answers === 2) response.write(whole.subarray(0, 6), () => response.destroy());
    else response.end(whole);
  };
  using store = await storeOn(listener, 150);
  deepEqual(await store.read('x', 100), new Uint8Array(whole));
  equal(answers, 3);
  await rejects(store.read('x', 5), { code: 'STORAGE_REFUSED', message: /larger than the 5 B/ });
  using missing = await storeOn((_request, response) => response.writeHead(404).end());
  equal(await missing.read('x', 5), null);
});

test('what a provider says is put into words, without its own', () => {
  const told = (name: string, status?: number) =>
    storageError('read', 's3://b/x', { name, message: 'key AKIA', $metadata: { httpStatusCode: status } });
  equal(told('NoSuchBucket', 404).code, 'STORAGE_REFUSED');
  equal(told('SlowDown', 503).code, 'STORAGE_UNREACHABLE');
  equal(told('TimeoutError').code, 'STORAGE_UNREACHABLE');
  equal(told('SyntaxError', 200).code, 'STORAGE_UNREACHABLE');
  equal(told('Strange', 400).code, 'STORAGE_REFUSED');
  match(told('Whatever', 403).message, /access is denied/);
  for (const name of ['AccessDenied', 'SlowDown', 'Strange']) ok(!/AKIA/.test(told(name, 400).message));
});

test('without the S3 client, or on a Node that is too old for it, one sentence says what to install', async () => {
  const missing = Object.assign(new Error('x'), { code: 'ERR_MODULE_NOT_FOUND' });
  const failing = (error: Error) => loadS3Library(() => Promise.reject(error));
  await rejects(failing(missing), { code: 'PACKAGE_MISSING', message: /npm install @aws-sdk\/client-s3@\d/ });
  await rejects(failing(new SyntaxError('Unexpected token using\n  at x')), (error: SpymasterError) => {
    match(error.message, /does not run on Node \d+\.\d+\.\d+ \(Unexpected token using\)/);
    return error instanceof SpymasterError;
  });
});
