import { deepEqual, equal, ok } from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mboRecordBytes } from '../../src/dbn/index.ts';
import { type OurOrder, OurOrders } from '../../src/execution/index.ts';
import { followQueues } from '../../src/replay/fills/queue_file.ts';
import { follow, type OrderAnswer, type PeerSession, peerSessions, Tally, tick } from './peer_sessions.ts';

/*
 * Holds fills by queue and through of joins of size 1 against mbo-queue's shadow orders: `npm run test:interop -- mbo_queue`. The
 * argument is a python3 that has it. It knows neither hidden quantity nor orders that meet ours: there its fill can only come later.
 */
const python = process.argv[2] ?? 'python3';
const horizonNs = 20e9;
const timesPerSession = 2000;

/** Ends of events, evenly chosen: its orders come into the market with the event that ends then, ours after it. */
function placeTimes({ eventEnds }: PeerSession): number[] {
  const count = Math.min(timesPerSession, eventEnds.length);
  return Array.from({ length: count }, (_, i) => eventEnds[Math.floor((i * eventEnds.length) / count)]!);
}

async function recordBytes({ path, originNs }: PeerSession): Promise<Buffer> {
  const records: Buffer[] = [];
  await followQueues({ path, clock: 'event' }, () => ({
    ...{ originNs, ours: new OurOrders([]) },
    onRecord: (words, at) => {
      records.push(Buffer.from(Buffer.from(words.buffer, words.byteOffset + at * 4, mboRecordBytes)));
    },
  }));
  return Buffer.concat(records);
}

/** What became of orders on our side: their answers, and the prices that they joined at. */
interface OurSide {
  readonly orders: readonly OurOrder[];
  readonly answers: readonly OrderAnswer[];
  readonly prices: Float64Array;
}

function compare({ name, originNs }: PeerSession, { orders, answers, prices }: OurSide, theirs: BigInt64Array): void {
  const agreed = new Tally();
  const later = new Tally();
  equal(theirs.length, orders.length * 5, name);
  orders.forEach(({ arrivalNs, side }, i) => {
    const { reason, tsNs } = answers[i]!;
    const [placedNs, sign, price, filled, filledNs] = theirs.subarray(i * 5, i * 5 + 5) as unknown as bigint[];
    const theirNs = Number(filledNs! - originNs);
    // The event after the longest wait still fills theirs.
    const isFilled = filled === 1n && theirNs <= arrivalNs + horizonNs;
    const said = `${name}, order ${i} of ${arrivalNs}: ${reason} at ${tsNs}; theirs filled: ${isFilled} at ${theirNs}`;
    deepEqual(
      [Number(placedNs! - originNs), sign, Number(price)],
      [arrivalNs, side === 'B' ? 1n : -1n, prices[i]],
      said,
    );
    if (reason === 'met' || reason === 'hidden') {
      ok(!isFilled || theirNs >= tsNs, said);
      later.add(reason);
    } else {
      ok(isFilled === (reason !== null) && (!isFilled || theirNs === tsNs), said);
      agreed.add(reason ?? 'without a fill');
    }
  });
  ok(agreed.count('queue') > 200 && agreed.count('through') > 0, `${name}: ${agreed}`);
  console.log(`${name}: ${agreed} agree; filled later, or never, by theirs ${later}`);
}

const folder = mkdtempSync(join(tmpdir(), 'spymaster-mbo-queue-'));
try {
  const followed = [];
  for (const session of await peerSessions(folder)) {
    const times = placeTimes(session);
    const orders = times.flatMap((arrivalNs): OurOrder[] =>
      (['B', 'A'] as const).map((side) => ({ arrivalNs, side, kind: 'join', price: 0, size: 1, maxWaitNs: horizonNs })),
    );
    const { answers, ours, frontShare } = await follow(session, orders);
    const files = ['records', 'times', 'answers'].map((ending) => join(folder, `${session.name}.${ending}`));
    writeFileSync(files[0]!, await recordBytes(session));
    writeFileSync(
      files[1]!,
      BigInt64Array.from(times, (ns) => session.originNs + BigInt(ns)),
    );
    followed.push({ session, orders, answers, prices: ours.price, files, frontShare });
  }
  const script = join(import.meta.dirname, 'mbo_queue_interop.py');
  const ran = spawnSync(python, [script, String(tick), String(horizonNs), ...followed.flatMap(({ files }) => files)], {
    encoding: 'utf8',
  });
  if (ran.status !== 0) throw new Error(`${python} failed: ${ran.stderr || ran.error?.message}`);
  const fronts = ran.stdout.trim().split('\n');
  followed.forEach(({ session, orders, answers, prices, files, frontShare }, i) => {
    compare(session, { orders, answers, prices }, new BigInt64Array(new Uint8Array(readFileSync(files[2]!)).buffer));
    const [behind, executions] = fronts[i]!.split(' ').map(Number) as [number, number];
    const share = 1 - behind / executions;
    // Theirs counts the aggressor's own executions, and takes no order for gone that is cancelled in the same event.
    ok(share <= frontShare!, session.name);
    const percent = (part: number) => `${(part * 100).toFixed(2)} %`;
    console.log(`${session.name}: ${percent(frontShare!)} at the front of their queue; by theirs ${percent(share)}`);
  });
} finally {
  rmSync(folder, { recursive: true });
}
