import { deepEqual, doesNotMatch, equal, match, ok, rejects } from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { mboOf, ofLayout, quickGateway, receive, sessionOptions } from '../../../test/helpers/live_client.ts';
import { rawGateway } from '../../../test/helpers/raw_gateway.ts';
import { smallMetadata, smallSession } from '../../../test/helpers/small_session.ts';
import { temporaryFolder } from '../../../test/helpers/temporary_folder.ts';
import { encodeMetadata } from '../../dbn/index.ts';
import { SpymasterError } from '../../errors.ts';
import { openLiveSession } from './client.ts';
import type { Fault, SessionFaults } from './gateway_faults.ts';

const folder = temporaryFolder('live-client');
const path = join(folder, 'session.dbn');
const bytes = smallSession(12);
writeFileSync(path, bytes);
const mbo = new Uint8Array(bytes.subarray(encodeMetadata(smallMetadata).length));
const records = mbo.length / 56;

const gatewayWith = (...faults: SessionFaults[]) => quickGateway([path], { faults });
const at = (...faults: Fault[]): SessionFaults => ({ at: faults });
/** Heartbeats are asked for every 5 s at least; less than no grace makes silence short. */
const impatient = { timing: { authenticateMs: 150, graceMs: -4850 } };

/** The code and the gateway's own code of an error. */
const codes = (error: unknown) => (error instanceof SpymasterError ? [error.code, error.fields.errorCode] : error);

test('a session comes whole through parts of any size', async () => {
  for (const splitBytes of [1, 3, 7, 55, 57]) {
    await using gateway = await gatewayWith({ splitBytes });
    const received = await receive(sessionOptions(gateway.port));
    deepEqual(received.mbo, mbo, `${splitBytes} bytes at a time`);
    deepEqual(codes(received.error), ['LIVE_LOST', undefined]);
  }
});

test('of a connection that breaks anywhere, every whole record is delivered, and the loss is said', async () => {
  const faults = Array.from({ length: records }, (_, after) => at({ after, do: 'drop', bytes: (after * 7) % 56 }));
  await using gateway = await gatewayWith(...faults);
  for (let after = 0; after < records; after++) {
    const { mbo: got, error } = await receive(
      sessionOptions(gateway.port, { subscriptions: [mboOf({ startNs: 0n })] }),
    );
    deepEqual(got, mbo.subarray(0, after * 56));
    deepEqual(codes(error), ['LIVE_LOST', undefined]);
  }
});

for (const [code, expected] of [
  [1, 'LIVE_REFUSED'],
  [2, 'LIVE_REFUSED'],
  [3, 'LIVE_LIMIT'],
  [5, 'LIVE_REFUSED'],
  [6, 'LIVE_LOST'],
  [8, 'LIVE_LOST'],
] as const) {
  test(`error code ${code} ends the session with ${expected}, behind its record`, async () => {
    await using gateway = await gatewayWith(at({ after: 5, do: 'error', code }));
    const received = await receive(sessionOptions(gateway.port));
    deepEqual(codes(received.error), [expected, code]);
    equal(received.mbo.length, 5 * 56);
    deepEqual(
      ofLayout(received.records, 'errorV2').map((record) => record.code),
      [code],
    );
  });
}

test('error codes 4 and 7, warnings and unknown records are handed out, and the session goes on', async () => {
  await using gateway = await gatewayWith(
    at(
      { after: 2, do: 'error', code: 4 },
      { after: 3, do: 'omit', records: 2 },
      { after: 5, do: 'error', code: 7 },
      { after: 6, do: 'slow_reader_warning' },
      { after: 7, do: 'unknown_record' },
      { after: 8, do: 'duplicate', records: 2 },
    ),
  );
  const { records: got, mbo: bytesGot } = await receive(sessionOptions(gateway.port));
  const part = (from: number, to: number) => mbo.subarray(from * 56, to * 56);
  const expected = [part(0, 3), part(5, 9), part(8, 10), part(9, records)];
  deepEqual(Buffer.from(bytesGot), Buffer.concat(expected));
  deepEqual(
    got.flatMap((record) => {
      if (record.layout === 'errorV2') return [`error ${record.code}`];
      if (record.layout === 'systemV2') return [`system ${record.code}`];
      return record.layout === 'unknown' ? ['unknown'] : [];
    }),
    ['system 1', 'error 4', 'error 7', 'system 2', 'unknown'],
  );
});

test('a replay that has aged out is code 8, a failed snapshot code 6; both before any record', async () => {
  await using gateway = await gatewayWith({ replayAgedOut: true }, { snapshotFails: true });
  const replay = await receive(sessionOptions(gateway.port, { subscriptions: [mboOf({ startNs: 0n })] }));
  const snapshot = await receive(sessionOptions(gateway.port, { subscriptions: [mboOf({ snapshot: true })] }));
  deepEqual([codes(replay.error), replay.mbo.length], [['LIVE_LOST', 8], 0]);
  deepEqual([codes(snapshot.error), snapshot.mbo.length], [['LIVE_LOST', 6], 0]);
});

test('a key that is refused is said in the words of the gateway, and is in no message', async () => {
  await using gateway = await gatewayWith(
    { refuse: 'Nobody knows this key' },
    {},
    { refuse: 'Connection limit of 10' },
  );
  const other = { key: 'db-another-key-than-the-gateway-s' };
  const refusal = (error: unknown): true => {
    ok(error instanceof SpymasterError);
    equal(error.code, 'LIVE_REFUSED');
    match(error.message, /Nobody knows|Authentication failed/);
    doesNotMatch(`${error.message} ${JSON.stringify(error.fields)}`, /another-key|012345/);
    return true;
  };
  await rejects(openLiveSession(sessionOptions(gateway.port)), refusal);
  await rejects(openLiveSession(sessionOptions(gateway.port, other)), refusal);
  await rejects(openLiveSession(sessionOptions(gateway.port)), { code: 'LIVE_LIMIT' });
  await rejects(openLiveSession(sessionOptions(gateway.port, { dataset: 'XNAS.ITCH' })), { code: 'LIVE_REFUSED' });
  equal(gateway.sessions, 0);
});

test('more sessions than the limit are refused, and there is room again once one ends', async () => {
  await using gateway = await quickGateway([path], { atEnd: 'heartbeats' });
  const open = [];
  for (let index = 0; index < 10; index++) open.push(await openLiveSession(sessionOptions(gateway.port)));
  await rejects(openLiveSession(sessionOptions(gateway.port)), { code: 'LIVE_LIMIT' });
  for (const session of open) await session.close();
  let isRoom = false;
  while (!isRoom) {
    const session = await openLiveSession(sessionOptions(gateway.port)).catch(() => null);
    isRoom = session !== null;
    await session?.close();
  }
});

test('garbage, silence and an early close are a lost session wherever they come', async () => {
  await using gateway = await gatewayWith(
    { greeting: 'garbage' },
    { greeting: 'silence' },
    { greeting: 'close' },
    at({ after: 0, do: 'silence' }),
    at({ after: 3, do: 'silence' }),
    at({ after: 3, do: 'garbage' }),
    at({ after: 3, do: 'close' }),
  );
  for (let session = 0; session < 3; session++) {
    await rejects(openLiveSession(sessionOptions(gateway.port, impatient)), { code: 'LIVE_LOST' });
  }
  for (const count of [0, 3, 3, 3]) {
    const { mbo: got, error } = await receive(
      sessionOptions(gateway.port, { ...impatient, subscriptions: [mboOf({ startNs: 0n })] }),
    );
    deepEqual(codes(error), ['LIVE_LOST', undefined]);
    deepEqual(got, mbo.subarray(0, count * 56));
  }
});

test('a server that answers nothing sensible loses the session, whatever it sends', async () => {
  const answers = [
    '\n'.repeat(10),
    'HTTP/1.1 400 Bad Request\r\n\r\n',
    'x'.repeat(100_000),
    'cram=a\ncram=b\nnope=1\n',
    '',
  ];
  const { port, close } = await rawGateway(() => answers.shift() ?? '');
  for (let left = answers.length; left > 0; left--) {
    await rejects(openLiveSession(sessionOptions(port, impatient)), { code: 'LIVE_LOST' });
  }
  await close();
  await rejects(openLiveSession(sessionOptions(port)), { code: 'LIVE_LOST', message: /Cannot connect .*127\.0\.0\.1/ });
});

test('closing and the signal end a session without an error, or its opening as interrupted', async () => {
  await using gateway = await quickGateway([path], { atEnd: 'heartbeats', faults: [{}, {}, { greeting: 'silence' }] });
  for (const end of ['close', 'abort'] as const) {
    const aborting = new AbortController();
    const session = await openLiveSession(sessionOptions(gateway.port, { signal: aborting.signal }));
    let batches = 0;
    for await (const batch of session.batches) {
      batches += batch.count;
      if (end === 'close') await session.close();
      else aborting.abort();
    }
    ok(batches > 0);
  }
  const aborting = new AbortController();
  const opening = openLiveSession(sessionOptions(gateway.port, { signal: aborting.signal }));
  setImmediate(() => aborting.abort());
  await rejects(opening, { code: 'INTERRUPTED' });
  await rejects(openLiveSession(sessionOptions(gateway.port, { signal: AbortSignal.abort() })), {
    code: 'INTERRUPTED',
  });
});

test('what cannot be asked for is refused before anything is sent', async () => {
  const open = (changes: Parameters<typeof sessionOptions>[1]) => openLiveSession(sessionOptions(1, changes));
  for (const key of ['', 'short', 'with space-0123456789', 'with|bar-0123456789', 'ümlaut-0123456789']) {
    await rejects(open({ key }), { code: 'API_KEY_MISSING' });
  }
  await rejects(open({ heartbeatS: 4 }), { code: 'USAGE' });
  await rejects(open({ subscriptions: [mboOf({ symbols: [] })] }), { code: 'USAGE' });
  await rejects(open({ subscriptions: [mboOf({ symbols: ['A|start=0'] })] }), { code: 'USAGE' });
  await rejects(open({ subscriptions: [mboOf({ snapshot: true, startNs: 0n })] }), { code: 'USAGE' });
});
