import { deepEqual, equal, ok } from 'node:assert/strict';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { subscriptionLines } from '../../src/databento/live/client.ts';
import { errorMessages, systemMessages } from '../../src/databento/live/control_records.ts';
import { challengeAnswer, formatLine } from '../../src/databento/live/protocol.ts';
import { decodeDbn, encodeMetadata, encodeRecord, layouts, systemCode } from '../../src/dbn/index.ts';
import { liveKey, mboOf, quickGateway } from '../helpers/live_client.ts';
import { smallMetadata } from '../helpers/small_session.ts';
import { temporaryFolder } from '../helpers/temporary_folder.ts';

const folder = temporaryFolder('gateway-slow');
const startNs = 1_770_387_960_000_000_000n;
const count = 250_000;

/** A file of so many records of a schema, a tenth of a second apart: more bytes than sockets hold. */
function manyRecords(schema: 'mbo' | 'trades'): string {
  const common = {
    publisherId: 1,
    instrumentId: 7,
    price: 1n,
    size: 1,
    flags: 128,
    side: 'B',
    tsInDelta: 0,
    sequence: 0,
  };
  const times = { tsEvent: startNs, tsRecv: startNs };
  const [type = 0] = layouts[schema].rtypes;
  const record =
    schema === 'mbo'
      ? encodeRecord({ layout: 'mbo', rtype: type, action: 'A', orderId: 1n, channelId: 0, ...common, ...times })
      : encodeRecord({ layout: 'trades', rtype: type, action: 'T', depth: 0, ...common, ...times });
  const bytes = Buffer.alloc(count * record.length);
  for (let index = 0; index < count; index++) {
    const at = index * record.length;
    bytes.set(record, at);
    const ns = startNs + BigInt(index) * 100_000_000n;
    bytes.writeBigUInt64LE(ns, at + 8);
    bytes.writeBigUInt64LE(ns, at + (schema === 'mbo' ? 40 : 32));
  }
  const path = join(folder, `${schema}.dbn`);
  writeFileSync(path, Buffer.concat([encodeMetadata({ ...smallMetadata, schema }), bytes]));
  return path;
}

/** The stream that a client gets which reads nothing until long after the file's end. */
async function readLate(schema: 'mbo' | 'trades', behaviour: 'warn' | 'skip') {
  await using gateway = await quickGateway([manyRecords(schema)], { speed: 1e6, slowReaderMs: 20 });
  const socket = connect(gateway.port, '127.0.0.1');
  const parts: Buffer[] = [];
  let isPaused = false;
  const isAccepted = new Promise<void>((resolve) => {
    socket.on('data', (chunk: Buffer) => {
      parts.push(chunk);
      if (isPaused) return;
      const text = Buffer.concat(parts).toString('latin1');
      const challenge = /cram=(.*)\n$/.exec(text)?.[1];
      if (challenge !== undefined) {
        const auth = challengeAnswer(challenge, liveKey);
        socket.write(formatLine({ auth, dataset: 'GLBX.MDP3', slow_reader_behavior: behaviour }));
        socket.write(`${subscriptionLines([mboOf({ schema })])[0]}start_session\n`);
      }
      if (!text.includes('success=1')) return;
      isPaused = true;
      socket.pause();
      resolve();
    });
  });
  await isAccepted;
  while (gateway.nowNs < startNs + 2_000_000_000_000_000n) await new Promise((resolve) => setImmediate(resolve));
  socket.resume();
  await once(socket, 'close');
  const all = Buffer.concat(parts);
  const { batches } = decodeDbn(new Uint8Array(all.subarray(all.indexOf('\n', all.indexOf('success')) + 1)));
  let records = 0;
  let warnings = 0;
  const skipped: number[] = [];
  for (const batch of batches) {
    if (layouts[schema].rtypes.includes(batch.rtype)) records += batch.count;
    warnings += systemMessages(batch).filter(({ code }) => code === systemCode.slowReaderWarning).length;
    skipped.push(
      ...errorMessages(batch).map(({ code, text }) => (code === 7 ? Number(/\d+/.exec(text)?.[0]) : Number.NaN)),
    );
  }
  return { records, warnings, skipped };
}

test('a slow reader is warned once, and loses nothing', async () => {
  deepEqual(await readLate('trades', 'warn'), { records: count, warnings: 1, skipped: [] });
});

test('one that asked for it loses records other than MBO, and is told how many', async () => {
  const { records, warnings, skipped } = await readLate('trades', 'skip');
  equal(warnings, 1);
  ok(records < count && skipped.length > 0);
  equal(records + skipped.reduce((sum, each) => sum + each, 0), count);
  deepEqual(await readLate('mbo', 'skip'), { records: count, warnings: 1, skipped: [] });
});
