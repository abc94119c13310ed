import { equal, ok } from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type OurOrder, OurOrders } from '../../src/execution/index.ts';
import { followQueues } from '../../src/replay/fills/queue_file.ts';
import { exportHftbacktest } from '../../src/replay/index.ts';
import { follow, type OrderAnswer, type PeerSession, peerSessions, Tally, tick, tickSize } from './peer_sessions.ts';

/*
 * Holds fills of orders of size 1 against hftbacktest's L3 FIFO model (no partial fills), fed by `spymaster export hftbacktest`:
 * `npm run test:interop -- hftbacktest`. The argument is a python3 that has it.
 *
 * Two of its rules are others, and every difference must be by one of them: it has no hidden quantity, and an execution at or
 * before the best price of our side fills nothing that stands beyond that price, where no real order is. A third is kept out
 * by when the orders arrive: it fills while the book is crossed, as before an opening auction.
 */
const python = process.argv[2] ?? 'python3';
const status = { filled: 3 } as const;
const offsets = [0, 0, 0, -1, -2, 0, -5, 1];
const waitsNs = [2e9, 30e9, 300e9, Number.POSITIVE_INFINITY];
const ordersPerSession = 8000;

/** Limit orders at, behind and inside the best price as it stood 5 ms before they arrive. */
async function limitOrders({ path, originNs, validFromNs, endNs }: PeerSession): Promise<OurOrder[]> {
  const stepNs = Math.floor((endNs - validFromNs - 5e6) / ordersPerSession);
  const joins = Array.from({ length: ordersPerSession }, (_, i): OurOrder => {
    const decisionNs = validFromNs + i * stepNs;
    const price = offsets[i % 8]! * tick;
    const maxWaitNs = waitsNs[(i >> 1) % 4]!;
    return {
      ...{ arrivalNs: decisionNs + 5e6, decisionNs, side: i % 2 === 0 ? 'B' : 'A', kind: 'join' },
      ...{ price, size: 1, maxWaitNs },
    };
  });
  const ours = new OurOrders(joins);
  await followQueues({ path, clock: 'event' }, () => ({ originNs, ours }));
  return joins.map((join, i): OurOrder => {
    const { arrivalNs, side, size, maxWaitNs } = join;
    return { arrivalNs, side, kind: 'limit', price: ours.price[i]!, size, maxWaitNs };
  });
}

/** Rows of time, order number, side and price in ticks. */
function actionsOf(orders: readonly OurOrder[], { originNs, endNs }: PeerSession): BigInt64Array {
  const actions: [number, number, number, number][] = [];
  orders.forEach(({ arrivalNs, side, price, maxWaitNs }, i) => {
    actions.push([arrivalNs, i, side === 'B' ? 1 : -1, price / tick]);
    if (arrivalNs + maxWaitNs < endNs) actions.push([arrivalNs + maxWaitNs, i, 0, 0]);
  });
  actions.sort(([a], [b]) => a - b);
  return BigInt64Array.from(actions.flatMap(([ns, ...rest]) => [originNs + BigInt(ns), ...rest.map(BigInt)]));
}

/** Why an answer of ours may differ from theirs; null where it may not. */
function difference({ reason, isBeyondBest }: OrderAnswer): string | null {
  if (reason === 'hidden') return 'hidden';
  return reason === 'through' && isBeyondBest ? 'through beyond the best price' : null;
}

function compare(session: PeerSession, answers: readonly OrderAnswer[], theirs: BigInt64Array): void {
  const agreed = new Tally();
  const explained = new Tally();
  equal(theirs.length, answers.length * 4);
  for (let at = 0; at < theirs.length; at += 4) {
    const answer = answers[Number(theirs[at])]!;
    const isFilled = Number(theirs[at + 1]) === status.filled;
    const tsNs = Number(theirs[at + 2]! - session.originNs);
    const isSame =
      isFilled === (answer.reason !== null) &&
      (!isFilled || (tsNs === answer.tsNs && Number(theirs[at + 3]) * tick === answer.price));
    const rule = difference(answer);
    const said = `${session.name}, order ${theirs[at]}: ${JSON.stringify(answer)}; theirs filled: ${isFilled} at ${tsNs}`;
    ok(isSame || rule !== null, said);
    // What a rule of theirs leaves out can only come later.
    ok(isSame || !isFilled || tsNs > answer.tsNs, said);
    if (isSame) agreed.add(answer.reason ?? 'without a fill');
    else explained.add(rule ?? '');
  }
  for (const reason of ['queue', 'through', 'met', 'take']) {
    ok(agreed.count(reason) > 20, `${session.name}: ${agreed.count(reason)} fills by ${reason} agree`);
  }
  console.log(`${session.name}: ${agreed} agree; by another rule of theirs ${explained}`);
}

const folder = mkdtempSync(join(tmpdir(), 'spymaster-hftbacktest-'));
try {
  const followed = [];
  for (const session of await peerSessions(folder)) {
    const orders = await limitOrders(session);
    const { answers } = await follow(session, orders);
    const files = ['npz', 'actions', 'answers'].map((ending) => join(folder, `${session.name}.${ending}`));
    const [npz, actions] = files as [string, string];
    await exportHftbacktest({ path: session.path, out: npz, force: false });
    writeFileSync(actions, actionsOf(orders, session));
    followed.push({ session, answers, files });
  }
  const script = join(import.meta.dirname, 'hftbacktest_interop.py');
  const ran = spawnSync(python, [script, String(tickSize), ...followed.flatMap(({ files }) => files)], {
    encoding: 'utf8',
  });
  if (ran.status !== 0) throw new Error(`${python} failed: ${ran.stderr || ran.error?.message}`);
  for (const { session, answers, files } of followed) {
    const bytes = readFileSync(files[2]!);
    compare(session, answers, new BigInt64Array(new Uint8Array(bytes).buffer));
  }
} finally {
  rmSync(folder, { recursive: true });
}
