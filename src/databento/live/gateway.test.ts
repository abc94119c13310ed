import { deepEqual, equal, match, notEqual, ok } from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { liveKey, mboOf, ofLayout, quickGateway, receive, sessionOptions } from '../../../test/helpers/live_client.ts';
import { smallMetadata, smallSession } from '../../../test/helpers/small_session.ts';
import { temporaryFolder } from '../../../test/helpers/temporary_folder.ts';
import { decodeDbn, encodeMetadata, errorCode, flag, RecordReader, systemCode } from '../../dbn/index.ts';
import { openLiveSession, subscriptionLines } from './client.ts';
import { encodeErrorMessage, encodeHeartbeat, encodeSystemMessage } from './control_records.ts';
import { GatewayFiles } from './gateway_file.ts';
import { challengeAnswer, formatLine } from './protocol.ts';

const folder = temporaryFolder('gateway');
const orders = 900;
const bytes = smallSession(orders);
const path = join(folder, 'session.dbn');
writeFileSync(path, bytes);
const head = encodeMetadata(smallMetadata).length;
/** The MBO records of the file, 56 bytes each. */
const mbo = bytes.subarray(head);
const startNs = 1_770_387_960_000_000_000n;
const tenthNs = 100_000_000n;
const second = 10n * tenthNs;

/** A client of plain text: what the gateway writes until it closes, or `until` is seen. */
async function talk(port: number, lines: (challenge: string) => string, until: RegExp): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  let text = '';
  let isAsked = false;
  for await (const chunk of socket) {
    text += chunk.toString('latin1');
    const challenge = /cram=(.*)\n/.exec(text)?.[1];
    if (challenge !== undefined && !isAsked) socket.write(lines(challenge));
    isAsked ||= challenge !== undefined;
    if (until.test(text)) break;
  }
  socket.destroy();
  return text;
}

const auth = (challenge: string, changes: Record<string, string | number> = {}) =>
  formatLine({ auth: challengeAnswer(challenge, liveKey), dataset: 'GLBX.MDP3', encoding: 'dbn', ...changes });

test('greeting, challenge and answer are three plain lines; keys come in any order and unknown ones are ignored', async () => {
  await using gateway = await quickGateway([path]);
  const text = await talk(
    gateway.port,
    (challenge) =>
      `details=x|ts_out=0|dataset=GLBX.MDP3|later=1|auth=${challengeAnswer(challenge, liveKey)}|compression=none|encoding=dbn|client=y\n`,
    /success/,
  );
  match(text, /^lsg_version=[\d.]+\ncram=[0-9a-f]+\nsuccess=1\|session_id=\d+\n$/);
});

test('the stream begins with metadata without schema and symbols, acknowledgements, and one mapping an instrument', async () => {
  await using gateway = await quickGateway([path]);
  await using session = await openLiveSession(
    sessionOptions(gateway.port, { subscriptions: [mboOf(), mboOf({ schema: 'definition' })] }),
  );
  const { metadata } = session;
  deepEqual(
    [metadata.schema, metadata.stypeIn, metadata.stypeOut, metadata.start, metadata.end, metadata.tsOut],
    [null, null, 'instrument_id', startNs, null, false],
  );
  deepEqual([metadata.symbols, metadata.mappings, metadata.version, metadata.dataset], [[], [], 3, 'GLBX.MDP3']);
  const { records } = await receive(
    sessionOptions(gateway.port, { subscriptions: [mboOf({ startNs: 0n }), mboOf({ schema: 'definition' })] }),
  );
  deepEqual(
    records.slice(0, 3).map(({ layout }) => layout),
    ['systemV2', 'systemV2', 'symbolMappingV2'],
  );
  const [mapping] = ofLayout(records, 'symbolMappingV2');
  deepEqual(
    [mapping?.instrumentId, mapping?.stypeInSymbol, mapping?.stypeOutSymbol, mapping?.startTs, mapping?.endTs],
    [7, 'MNQH6', 'MNQH6', 2n ** 64n - 1n, 2n ** 64n - 1n],
  );
  deepEqual(
    ofLayout(records, 'systemV2').map(({ code, msg }) => [code, /mbo|definition/.exec(msg)?.[0]]),
    [
      [1, 'mbo'],
      [1, 'definition'],
      [3, 'mbo'],
    ],
  );
});

for (const compression of ['none', 'zstd'] as const) {
  test(`the records are those of the file, byte by byte, with compression ${compression}`, async () => {
    await using gateway = await quickGateway([path], { faults: [{ splitBytes: 601 }] });
    const options = sessionOptions(gateway.port, { compression });
    deepEqual((await receive(options)).mbo, new Uint8Array(mbo));
  });
}

test('with ts_out each record ends in the time at which it was sent', async () => {
  await using gateway = await quickGateway([path]);
  const { records } = await receive(sessionOptions(gateway.port, { tsOut: true }));
  for (const record of records) ok(record.layout !== 'unknown' && record.tsOut !== undefined);
  for (const { tsRecv, tsOut = 0n } of ofLayout(records, 'mbo')) ok(tsOut >= tsRecv && tsOut < tsRecv + tenthNs);
});

test('a replay is inclusive by ts_event, then the market goes on; one completion a schema', async () => {
  await using gateway = await quickGateway([path], { fromNs: startNs + 50n * tenthNs });
  const from = startNs + 20n * tenthNs;
  const { records } = await receive(
    sessionOptions(gateway.port, { subscriptions: [mboOf({ startNs: from }), mboOf({ startNs: from + tenthNs })] }),
  );
  const times = ofLayout(records, 'mbo').map(({ tsEvent }) => tsEvent);
  equal(times[0], from);
  const expected = [...ofFile()].filter((ts) => ts >= from);
  deepEqual(times, expected);
  const completed = records.findIndex((record) => record.layout === 'systemV2' && record.code === 3);
  const before = ofLayout(records.slice(0, completed), 'mbo');
  equal(before.at(-1)?.tsEvent, startNs + 49n * tenthNs);
  equal(ofLayout(records, 'systemV2').filter(({ code }) => code === 3).length, 1);
});

function* ofFile(): Generator<bigint> {
  const view = new DataView(mbo.buffer, mbo.byteOffset, mbo.byteLength);
  for (let at = 0; at < mbo.length; at += 56) yield view.getBigUint64(at + 8, true);
}

test('a snapshot is a clear and the resting orders in order of priority, of the last minute; the records since follow', async () => {
  await using gateway = await quickGateway([path], { fromNs: startNs + 65n * second });
  const { records } = await receive(sessionOptions(gateway.port, { subscriptions: [mboOf({ snapshot: true })] }));
  const all = ofLayout(records, 'mbo');
  const snapshot = all.filter(({ flags }) => (flags & flag.snapshot) !== 0);
  const ofBook = snapshot.slice(1).map(({ orderId, size, price }) => `${orderId} ${size} ${price}`);
  deepEqual(ofBook, naiveBook(startNs + 60n * second));
  deepEqual([snapshot[0]?.action, snapshot[0]?.flags, snapshot[1]?.flags, snapshot.at(-1)?.flags], ['R', 40, 40, 168]);
  for (const { tsRecv } of snapshot) equal(tsRecv, startNs + 60n * second);
  notEqual(snapshot[1]?.tsEvent, snapshot[1]?.tsRecv);
  deepEqual(
    all.slice(snapshot.length).map(({ tsEvent }) => tsEvent),
    [...ofFile()].filter((ts) => ts >= startNs + 60n * second),
  );
});

/** Resting orders at a time, oldest first: the small session has adds and whole cancels alone. */
function naiveBook(atNs: bigint): string[] {
  const resting = new Map<bigint, string>();
  const view = new DataView(mbo.buffer, mbo.byteOffset, mbo.byteLength);
  for (let at = 0; at < mbo.length && view.getBigUint64(at + 8, true) < atNs; at += 56) {
    const id = view.getBigUint64(at + 16, true);
    const action = String.fromCharCode(mbo[at + 38] ?? 0);
    if (action === 'A') resting.set(id, `${id} ${view.getUint32(at + 32, true)} ${view.getBigInt64(at + 24, true)}`);
    if (action === 'C') resting.delete(id);
  }
  return [...resting.values()];
}

test('a session that was dropped goes on with a replay from the last time, and nothing is lost', async () => {
  await using gateway = await quickGateway([path], {
    faults: [{ at: [{ after: 300, do: 'drop', bytes: 17 }], missed: 40 }],
  });
  const first = await receive(sessionOptions(gateway.port));
  equal(first.mbo.length, 300 * 56);
  const last = ofLayout(first.records, 'mbo').at(-1)?.tsEvent ?? 0n;
  const second = await receive(sessionOptions(gateway.port, { subscriptions: [mboOf({ startNs: last })] }));
  const seen = ofLayout(first.records, 'mbo').filter(({ tsEvent }) => tsEvent >= last).length;
  deepEqual(Buffer.concat([first.mbo, second.mbo.subarray(seen * 56)]), Buffer.from(mbo));
  equal(gateway.sessions, 2);
});

test('without a start, what happened meanwhile is lost', async () => {
  await using gateway = await quickGateway([path], { faults: [{ at: [{ after: 300, do: 'close' }], missed: 40 }] });
  await receive(sessionOptions(gateway.port));
  deepEqual((await receive(sessionOptions(gateway.port))).mbo, new Uint8Array(mbo.subarray(340 * 56)));
});

test('a symbol that nobody knows is an error message, and the others are served', async () => {
  await using gateway = await quickGateway([path]);
  const subscriptions = [mboOf({ symbols: ['NOPE', 'MNQH6'] })];
  const { records, mbo: got } = await receive(sessionOptions(gateway.port, { subscriptions }));
  deepEqual(
    ofLayout(records, 'errorV2').map(({ code, err }) => [code, err]),
    [[4, 'Cannot resolve the symbol NOPE']],
  );
  equal(got.length, mbo.length);
});

test('contracts are found by id, root and rank', async () => {
  const files = await GatewayFiles.open([path]);
  for (const [stype, symbol] of [
    ['raw_symbol', 'MNQH6'],
    ['instrument_id', '7'],
    ['continuous', 'MNQ.c.0'],
    ['parent', 'MNQ.FUT'],
  ] as const) {
    deepEqual(files.resolve(stype, symbol, startNs), [{ instrumentId: 7, asked: symbol, raw: 'MNQH6' }], symbol);
  }
  for (const symbol of ['MNQ.c.1', 'ES.c.0', 'MNQH6'])
    deepEqual(files.resolve('continuous', symbol, startNs), [], symbol);
  deepEqual(files.resolve('instrument_id', '8', startNs), []);
});

test('heartbeats come in the time of the file where the whole session is silent, and up to its end', async () => {
  const tail = smallSession(2, { ...smallMetadata, end: startNs + 30_000_000_000n });
  const late = tail.slice();
  const view = new DataView(late.buffer, late.byteOffset, late.byteLength);
  // The last record is 12 s late.
  const lastAt = late.length - 56;
  for (const field of [8, 40]) view.setBigUint64(lastAt + field, startNs + 12_000_000_000n, true);
  writeFileSync(join(folder, 'silent.dbn'), late);
  await using gateway = await quickGateway([join(folder, 'silent.dbn')], { atEnd: 'heartbeats' });
  const isDone = (records: readonly { tsEvent: bigint }[]) =>
    (records.at(-1)?.tsEvent ?? 0n) >= startNs + 27_000_000_000n;
  const { records, error } = await receive(sessionOptions(gateway.port), isDone);
  equal(error, null);
  deepEqual(
    records
      .filter((record) => record.layout === 'mbo' || (record.layout === 'systemV2' && record.code === 0))
      .map(({ layout, tsEvent }) => [layout, Number(tsEvent - startNs) / 1e9]),
    [
      ['mbo', 0],
      ['mbo', 0.1],
      ['systemV2', 5.1],
      ['systemV2', 10.1],
      ['mbo', 12],
      ['systemV2', 17],
      ['systemV2', 22],
      ['systemV2', 27],
    ],
  );
});

test('files are played in order of time, whatever their order, and a session goes on from one to the next', async () => {
  const dayNs = 86_400n * second;
  const paths = [1n, 0n].map((day) => {
    const shifted = smallSession(20);
    const view = new DataView(shifted.buffer, shifted.byteOffset, shifted.byteLength);
    for (let start = head; start < shifted.length; start += 56) {
      for (const field of [8, 40])
        view.setBigUint64(start + field, view.getBigUint64(start + field, true) + day * dayNs, true);
    }
    writeFileSync(join(folder, `day${day}.dbn`), shifted);
    return join(folder, `day${day}.dbn`);
  });
  await using gateway = await quickGateway(paths, { faults: [{ at: [{ after: 30, do: 'drop' }] }] });
  const first = await receive(sessionOptions(gateway.port));
  const rest = await receive(sessionOptions(gateway.port, { heartbeatS: 1800 }));
  const times = [...ofLayout(first.records, 'mbo'), ...ofLayout(rest.records, 'mbo')].map(({ tsEvent }) => tsEvent);
  const oneDay = [...ofFile()].slice(0, times.length / 2);
  deepEqual(times, [...oneDay, ...oneDay.map((ts) => ts + dayNs)]);
  // A day of silence: a heartbeat every half hour, or every 5 seconds.
  equal(ofLayout([...rest.records], 'systemV2').filter(({ code }) => code === 0).length, 0);
  equal(ofLayout([...first.records], 'systemV2').filter(({ code }) => code === 0).length, 17_279);
});

test('of the messages of a recording, heartbeats and gaps pass through; acknowledgements are the gateway’s own', async () => {
  const options = { version: 3, tsNs: startNs + second } as const;
  const part = smallSession(3);
  const recorded = Buffer.concat([
    part.subarray(0, head),
    encodeSystemMessage(systemCode.subscriptionAck, 'Of the recording', options),
    part.subarray(head),
    encodeHeartbeat({ ...options, tsNs: startNs + 2n * second }),
    encodeSystemMessage(systemCode.unset, 'a gap', { ...options, tsNs: startNs + 3n * second }),
    encodeErrorMessage(errorCode.skippedRecords, 'Of the recording', options),
  ]);
  writeFileSync(join(folder, 'recorded.dbn'), recorded);
  await using gateway = await quickGateway([join(folder, 'recorded.dbn')]);
  const { records } = await receive(sessionOptions(gateway.port));
  deepEqual(
    [...ofLayout(records, 'systemV2'), ...ofLayout(records, 'errorV2')].map(({ code, tsEvent }) => [code, tsEvent]),
    [
      [1, startNs],
      [0, startNs + 2n * second],
      [255, startNs + 3n * second],
    ],
  );
});

test('a subscription that comes while the session runs begins where the market is', async () => {
  await using gateway = await quickGateway([path], { speed: 100 });
  let text = '';
  const bytes: Buffer[] = [];
  const socket = connect(gateway.port, '127.0.0.1');
  let isSecond = false;
  for await (const chunk of socket) {
    bytes.push(chunk);
    if (text === '') {
      const challenge = /cram=(.*)\n/.exec(Buffer.concat(bytes).toString('latin1'))?.[1];
      if (challenge === undefined) continue;
      text = 'asked';
      socket.write(`${auth(challenge)}${subscriptionLines([mboOf({ schema: 'trades' })])[0]}start_session\n`);
    }
    if (!isSecond && gateway.nowNs > startNs + 5n * second) {
      isSecond = true;
      socket.write(subscriptionLines([mboOf({ snapshot: true })])[0] ?? '');
    }
  }
  const all = Buffer.concat(bytes);
  const { batches } = decodeDbn(new Uint8Array(all.subarray(all.indexOf('\n', all.indexOf('success')) + 1)));
  const reader = new RecordReader();
  const records = [...batches].flatMap((batch) =>
    Array.from({ length: batch.count }, (_, index) => reader.read(batch, index)),
  );
  const got = ofLayout(records, 'mbo');
  const firstChange = got.findIndex(({ flags }) => (flags & flag.snapshot) === 0);
  const atNs = got[0]?.tsRecv ?? 0n;
  deepEqual([got[0]?.action, got[firstChange - 1]?.flags], ['R', 168]);
  deepEqual(
    got.slice(1, firstChange).map(({ orderId, size, price }) => `${orderId} ${size} ${price}`),
    naiveBook(atNs),
  );
  deepEqual(
    got.slice(firstChange).map(({ tsEvent }) => tsEvent),
    [...ofFile()].filter((ts) => ts >= atNs),
  );
});

test('with a speed, the market goes on whether or not somebody listens', async () => {
  await using gateway = await quickGateway([path], { speed: 200 });
  const first = await receive(sessionOptions(gateway.port), (records) => ofLayout(records, 'mbo').length >= 50);
  const before = gateway.nowNs;
  while (gateway.nowNs < before + 2_000_000_000n) await new Promise((resolve) => setImmediate(resolve));
  const second = await receive(sessionOptions(gateway.port));
  const times = ofLayout(second.records, 'mbo').map(({ tsEvent }) => tsEvent);
  ok((times[0] ?? 0n) > (ofLayout(first.records, 'mbo').at(-1)?.tsEvent ?? 0n) + 1_500_000_000n);
  deepEqual(times, [...ofFile()].slice(-times.length));
});

test('lines that are no subscription end the session with code 5', async () => {
  await using gateway = await quickGateway([path]);
  const text = async (line: string) =>
    talk(gateway.port, (challenge) => `${auth(challenge)}${line}\nstart_session\n`, /$never/);
  for (const [line, why] of [
    ['schema=mbo|stype_in=raw_symbol|symbols=MNQH6|snapshot=1|start=0', /exclude each other/],
    ['schema=trades|stype_in=raw_symbol|symbols=MNQH6|snapshot=1', /snapshots of mbo alone/],
    ['schema=nope|stype_in=raw_symbol|symbols=MNQH6', /Unknown schema/],
    ['schema=mbo|stype_in=nope|symbols=MNQH6', /Unknown stype_in/],
    ['schema=mbo|stype_in=raw_symbol|symbols=', /Expected symbols/],
    ['schema=mbo|stype_in=raw_symbol|symbols=MNQH6|start=yesterday', /ISO 8601/],
    [`schema=mbo|stype_in=raw_symbol|symbols=${'A,'.repeat(501)}`, /at most 500/],
  ] as const) {
    match(await text(line), why, line);
  }
});

test('lines without end and without sense, and a start without a key, end the connection', async () => {
  await using gateway = await quickGateway([path]);
  await talk(gateway.port, () => 'x'.repeat(70_000), /$never/);
  await talk(gateway.port, () => 'a=b\n'.repeat(2000), /$never/);
  match(await talk(gateway.port, () => 'start_session\n', /$never/), /success=0\|error=/);
  match(
    await talk(gateway.port, (challenge) => auth(challenge, { heartbeat_interval_s: 4 }), /error/),
    /from 5 to 1800/,
  );
  match(await talk(gateway.port, (challenge) => auth(challenge, { encoding: 'csv' }), /error/), /encoding dbn/);
  equal(gateway.sessions, 0);
});
