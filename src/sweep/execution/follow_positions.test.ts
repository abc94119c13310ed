import { deepEqual, equal, match, notEqual, ok, rejects } from 'node:assert/strict';
import { appendFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { mboMetadata } from '../../../test/helpers/mbo_metadata.ts';
import { type CaseEvent, recordsOf } from '../../../test/helpers/queue_cases.ts';
import { temporaryFolder } from '../../../test/helpers/temporary_folder.ts';
import { batchOf } from '../../../test/oracle/mbo.ts';
import { encodeMetadata } from '../../dbn/index.ts';
import { notNull, present } from '../../errors.ts';
import { Lake } from '../../lake/index.ts';
import { isFifo } from '../../replay/index.ts';
import { SyntheticSession } from '../../synth/index.ts';
import { executedTrades } from './executed_trades.ts';
import type { ExecutionTerms } from './execution_terms.ts';
import { type FollowedSession, followPositions, type WantedPosition } from './follow_positions.ts';
import { orderRows } from './order_rows.ts';
import { PassStore } from './pass_store.ts';

const folder = temporaryFolder('passes');
const path = join(folder, 'session.dbn');
const startNs = BigInt(Date.parse('2026-02-06T14:30Z')) * 1_000_000n;
const synthetic = new SyntheticSession({
  ...{ seed: 4, profile: 'busy', symbol: 'MNQH6', date: 20260206, nextDate: 20260207 },
  ...{ startNs, durationS: 20, openS: 30, recordsPerS: 300 },
});
for (let chunk = synthetic.next(); chunk !== null; chunk = synthetic.next()) appendFileSync(path, chunk);
const nowhere = join(folder, 'nowhere.dbn');

const endNs = startNs + 20_000_000_000n;
const session: FollowedSession = {
  identity: { records: 'hash', capture: { sessionStartNs: startNs, sessionEndNs: endNs, startNs, endNs } },
  ...{ symbol: 'MNQH6', publisherId: undefined, clock: 'event', maxHoldNs: 4e9 },
  settings: { tickInt: 250_000_000, trigger: 'trade', probesNs: [1e9] },
};
const terms: ExecutionTerms = {
  ...{ entry: 'join', ticksBehind: 0, entryLatencyUs: 1000, exitLatencyUs: 1000, size: 12, maxWaitMs: 2000, met: true },
};
const levels = [1, 2, 6].flatMap((tpTicks) => [1, 3, 8].map((slTicks) => ({ tpTicks, slTicks })));
const wanted = Array.from({ length: 40 }, (_, i): WantedPosition[] =>
  levels.map((level) => ({ decisionNs: 2e9 + i * 4e8, side: i % 2 === 0 ? 1 : -1, ...level })),
).flat();

let lakes = 0;
const emptyLake = () => new Lake(join(folder, `lake${lakes++}`));
const silent = (text: string) => ok(false, text);

async function follow(lake: Lake, positions: readonly WantedPosition[], from = path, notice = silent) {
  const store = new PassStore(lake, notice);
  const options = { store, session, path: from, notFifo: false };
  const followed = present((await followPositions(options, [{ terms, wanted: positions }]))[0]);
  const { market } = followed;
  const found = positions.map((one) => notNull(followed.find(one)));
  const firings = positions.map(({ side }, bin) => ({ bin, side }));
  const about = { session: '2026-02-06', originNs: startNs, frontShare: market.frontShare, isFifo: true };
  return {
    market,
    trades: executedTrades(firings, found, market.last, session.settings.tickInt),
    rows: orderRows(about, found, terms),
  };
}

const filesOf = (lake: Lake) =>
  readdirSync(join(lake.root, 'research', 'vp_harness', 'passes'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.zst'))
    .map((name) => join(lake.root, 'research', 'vp_harness', 'passes', name));

test('positions are followed alike together, one at a time, and when they are kept', async () => {
  const lake = emptyLake();
  const together = await follow(lake, wanted);
  ok(together.trades.some(({ outcome }) => outcome === 'partial'));
  for (const reason of ['takeProfit', 'stop', 'timeout']) {
    ok(
      together.trades.some((trade) => trade.reason === reason),
      reason,
    );
  }
  deepEqual(await follow(lake, wanted, nowhere), together);
  const alone = levels.map((_, at) => wanted.filter((_one, number) => number % levels.length === at));
  for (const [at, positions] of alone.entries()) {
    const { trades, rows } = await follow(emptyLake(), positions);
    const same = together.trades.filter((_, number) => number % levels.length === at);
    deepEqual(
      trades.map((trade) => ({ ...trade, bin: 0 })),
      same.map((trade) => ({ ...trade, bin: 0 })),
    );
    const told = (trade: number) => (row: (typeof rows)[number]) =>
      row.trade === trade ? [{ ...row, trade: 0, order: 0 }] : [];
    for (const [number] of positions.entries()) {
      deepEqual(rows.flatMap(told(number)), together.rows.flatMap(told(number * levels.length + at)));
    }
  }
});

test('the feed is read for what is missing alone, and once', async () => {
  const lake = emptyLake();
  const whole = await follow(emptyLake(), wanted);
  await follow(lake, wanted.slice(0, 200));
  equal(filesOf(lake).length, 1);
  // Nothing to read: the file need not be there.
  const subset = await follow(lake, wanted.slice(50, 90), nowhere);
  deepEqual(
    subset.trades.map(({ gainTicks }) => gainTicks),
    whole.trades.slice(50, 90).map(({ gainTicks }) => gainTicks),
  );
  await rejects(follow(lake, wanted, nowhere), { code: 'FILE_NOT_FOUND' });
  deepEqual(await follow(lake, wanted), whole);
  equal(filesOf(lake).length, 2);
  deepEqual(await follow(lake, wanted, nowhere), whole);
  equal(filesOf(lake).length, 2);
});

test('other records, terms and rules are another pass', async () => {
  const lake = emptyLake();
  const store = new PassStore(lake, silent);
  const options = { store, session, path, notFifo: false };
  const some = wanted.slice(0, 9);
  await followPositions(options, [{ terms, wanted: some }]);
  const others = [
    { ...session, identity: { ...session.identity, records: 'other' } },
    { ...session, clock: 'recv' as const },
    { ...session, maxHoldNs: 5e9 },
    { ...session, settings: { ...session.settings, trigger: 'quote' as const } },
  ];
  for (const other of others) {
    await rejects(followPositions({ ...options, session: other, path: nowhere }, [{ terms, wanted: some }]), {
      code: 'FILE_NOT_FOUND',
    });
  }
  for (const change of [{ size: 11 }, { met: false }, { entryLatencyUs: 999 }, { exitLatencyUs: 999 }]) {
    const request = [{ terms: { ...terms, ...change }, wanted: some }];
    await rejects(followPositions({ ...options, path: nowhere }, request), { code: 'FILE_NOT_FOUND' });
  }
});

test('a damaged pass is told, and followed anew', async () => {
  const lake = emptyLake();
  const whole = await follow(lake, wanted.slice(0, 90));
  const [file] = filesOf(lake) as [string];
  const bytes = readFileSync(file);
  for (const damaged of [
    bytes.subarray(0, bytes.length - 1),
    bytes.map((byte, at) => (at === 99 ? byte ^ 1 : byte)),
    [],
  ]) {
    writeFileSync(file, Uint8Array.from(damaged));
    const told: string[] = [];
    deepEqual(await follow(lake, wanted.slice(0, 90), path, (text) => told.push(text)), whole);
    match(told.join(), /^The orders kept in .* are damaged and are ignored; they are followed anew\.$/);
    deepEqual(readFileSync(file), bytes);
  }
  notEqual(bytes.length, 0);
});

/** A file of these events, in nanoseconds since the session's start. */
function writeEvents(name: string, ...events: CaseEvent[]): string {
  const records = recordsOf(events).map((one) => {
    return { ...one, tsEvent: startNs + one.tsEvent, tsRecv: startNs + one.tsRecv };
  });
  const written = join(folder, name);
  writeFileSync(written, Buffer.concat([encodeMetadata(mboMetadata('MNQH6', 1)), batchOf(records).bytes]));
  return written;
}

test('the cancel of an entry arrives one exit latency after its longest wait: fills until then count', async () => {
  const market: CaseEvent = [1e9, 'A 1 B 99 50', 'A 2 A 101 50', 'A 3 B 98 9'];
  const some = wanted.slice(0, 1);
  const told = async (tsNs: number) => {
    const through: CaseEvent = [tsNs, 'T 9 A 98 1', 'F 3 B 98 1', 'M 3 B 98 8'];
    const { trades } = await follow(emptyLake(), some, writeEvents('wait.dbn', market, through, [9e9, 'N 0']));
    return [trades[0]?.outcome, trades[0]?.quantity];
  };
  // Decided at 2 s, there 1 ms later, patient for 2 s; the cancel takes 1 ms.
  deepEqual(await told(4.002e9), ['partial', 1]);
  deepEqual(await told(4.002e9 + 1), ['missed', 0]);
});

test('a market that is not first in, first out is refused, kept or not, and marked where it is taken as if it were', async () => {
  const market: CaseEvent = [1e9, 'A 1 B 99 50', 'A 2 A 101 50', 'A 3 B 99 9'];
  const outOfTurn = writeEvents('turn.dbn', market, [3e9, 'T 9 A 99 9', 'F 3 B 99 9', 'C 3 B 99 9']);
  const store = new PassStore(emptyLake(), silent);
  const asked = (notFifo: boolean, from: string) =>
    followPositions({ store, session, path: from, notFifo }, [{ terms, wanted: wanted.slice(0, 3) }]);
  await rejects(asked(false, outOfTurn), { code: 'NOT_FIFO' });
  const followed = present((await asked(true, outOfTurn))[0]);
  deepEqual([followed.market.frontShare, isFifo(followed.market)], [0, false]);
  await rejects(asked(false, nowhere), { code: 'NOT_FIFO' });
  equal(present((await asked(true, nowhere))[0]).market.frontShare, 0);
});
