import { deepEqual, equal, ok } from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { rtypeMbo } from '../../src/dbn/index.ts';
import { DuckDatabase, quotedFile } from '../../src/files/index.ts';
import { defaultOrderEventParams, orderEventKinds } from '../../src/orders/index.ts';
import { findEvents } from '../../src/replay/index.ts';
import { decode } from '../helpers/golden.ts';
import { missingShared, readShared, sharedPath } from '../helpers/shared.ts';
import { type Mbo, readMbo } from '../oracle/mbo.ts';

// Holds the file of order events against the raw records, by nothing but filters over all of them: no book, no state, no index.

const folder = mkdtempSync(join(tmpdir(), 'spymaster-events-'));
after(() => rmSync(folder, { recursive: true }));

interface Row {
  readonly event: bigint;
  readonly update: number;
  readonly ts_ns: bigint;
  readonly start_ns: bigint;
  readonly kind: string;
  readonly side: string;
  readonly price: number;
  readonly size: bigint;
  readonly levels: number;
  readonly order_ids: readonly bigint[];
  readonly sequences: readonly number[];
  readonly detail: string;
}

async function rowsOf(name: string) {
  const out = join(folder, `${name}.parquet`);
  const tick = 0.25;
  const found = await findEvents({
    ...{ path: sharedPath('data', name), out, tick, kinds: orderEventKinds, params: defaultOrderEventParams },
  });
  using database = await DuckDatabase.open({ threads: 1 });
  const connection = await database.connect();
  const read = await connection.runAndReadAll(
    `SELECT * REPLACE (CAST(order_ids AS VARCHAR) AS order_ids, CAST(sequences AS VARCHAR) AS sequences) FROM ${quotedFile(out)}`,
  );
  const listed = (text: unknown): string[] =>
    String(text)
      .replaceAll(/[[\] ]/g, '')
      .split(',')
      .filter(Boolean);
  const rows = read.getRowObjects().map((row) => ({
    ...(row as unknown as Row),
    order_ids: listed(row.order_ids).map(BigInt),
    sequences: listed(row.sequences).map(Number),
  }));
  return { found, rows };
}

function recordsOf(name: string): Mbo[] {
  const records: Mbo[] = [];
  decode(readShared('data', name), 1 << 20, (batch) => {
    for (let i = 0; batch.rtype === rtypeMbo && i < batch.count; i++) records.push(readMbo(batch, i));
  });
  return records;
}

const sum = (records: readonly Mbo[]): number => records.reduce((total, { size }) => total + size, 0);
const int = (price: number): bigint => BigInt(Math.round(price * 1e9));

/** Checks an event's claims against the records that it names. */
function check(row: Row, records: readonly Mbo[]): void {
  const [from, to] = [Math.min(...row.sequences), Math.max(...row.sequences)];
  const named = records.filter(
    ({ tsEvent, sequence = 0, flags }) =>
      sequence >= from &&
      sequence <= to &&
      row.sequences.includes(sequence) &&
      tsEvent >= row.start_ns &&
      tsEvent <= row.ts_ns &&
      (flags & 32) === 0,
  );
  for (const id of row.order_ids)
    ok(
      named.some(({ orderId }) => orderId === id),
      `order ${id} has a record`,
    );
  for (const wanted of row.sequences)
    ok(
      named.some(({ sequence }) => sequence === wanted),
      `sequence ${wanted} is there`,
    );
  const [id = 0n] = row.order_ids;
  const own = named.filter(({ orderId }) => orderId === id);
  const trades = named.filter(({ action }) => action === 'T');
  const fills = named.filter(({ action, price }) => action === 'F' && price === int(row.price));
  const size = Number(row.size);
  const detail = JSON.parse(row.detail) as Record<string, number | string>;
  switch (row.kind) {
    case 'trade':
    case 'stop':
    case 'large_trade': {
      const mine = trades.filter(({ orderId, side }) => (row.side === 'N' ? side === 'N' : orderId === id));
      equal(sum(mine), size);
      equal(new Set(mine.map(({ price }) => price)).size, row.levels);
      equal(mine[0]?.price, int(row.price));
      break;
    }
    case 'sweep': {
      const mine = detail.scope === 'event' ? trades : trades.filter(({ orderId }) => orderId === id);
      equal(new Set(mine.map(({ price }) => price)).size, row.levels);
      ok(row.levels >= 3);
      break;
    }
    case 'stop_run':
      ok(new Set(trades.map(({ orderId }) => orderId)).size >= 3);
      break;
    case 'large_order':
      ok(own.some((one) => 'AM'.includes(one.action) && one.size === size && one.price === int(row.price)));
      break;
    case 'iceberg': {
      if (row.update > 0 || detail.refills === 0) break;
      const refill = own.findLast(({ action }) => action === 'M');
      equal(sum(own.filter(({ action }) => action === 'F')), size);
      equal(refill?.size, detail.displayed);
      break;
    }
    case 'suspected_iceberg':
      for (const one of row.order_ids)
        ok(named.some(({ orderId, action, size: s }) => (orderId === one && action === 'A' ? s === size : true)));
      break;
    case 'absorption': {
      const taken = fills.filter(({ orderId }) => row.order_ids.includes(orderId));
      ok(sum(taken) >= size, `${sum(taken)} executed of ${size}`);
      ok(row.ts_ns - row.start_ns <= 10_000_000_000n);
      break;
    }
    case 'fast_pull': {
      const added = records.find(({ orderId, action }) => orderId === id && action === 'A');
      equal(added?.tsEvent, row.start_ns);
      equal(added?.size, size);
      ok(row.ts_ns - row.start_ns <= 500_000_000n && own.some(({ action }) => 'CM'.includes(action)));
      break;
    }
    case 'stacked_pull':
      for (const one of row.order_ids)
        ok(named.some(({ orderId, action }) => orderId === one && 'CM'.includes(action)));
      break;
    default:
      equal(row.kind, 'exhausted_level');
      ok(sum(fills.filter(({ orderId, tsEvent }) => row.order_ids.includes(orderId) && tsEvent === row.ts_ns)) >= size);
      ok(row.ts_ns - row.start_ns >= 2_000_000_000n);
  }
}

for (const [name, counts] of [
  ['esh4-glbx-mdp3-20231225.mbo.dbn.zst', true],
  ['esm4-glbx-mdp3-20240508-2s.mbo.dbn.zst', false],
] as const) {
  test(`every event of ${name} is what its records say`, { skip: missingShared }, async () => {
    const { found, rows } = await rowsOf(name);
    const records = recordsOf(name);
    for (const row of rows) {
      try {
        check(row, records);
      } catch (cause) {
        throw new Error(`event ${row.event}.${row.update}: ${row.kind} at ${row.ts_ns}`, { cause });
      }
    }
    equal(rows.length, found.rows);
    if (!counts) return;
    const { byKind, stopEvents, sweepsByAggressor, sweepsByEvent, largeOrders, icebergRefills } = found.summary;
    deepEqual([byKind.stop, stopEvents], [100, 45]);
    deepEqual([sweepsByAggressor, sweepsByEvent], [3, 6]);
    deepEqual(largeOrders, { added: 183, remainders: 19, grown: 6, moved: 52 });
    deepEqual([icebergRefills, byKind.fast_pull, byKind.absorption, byKind.exhausted_level], [83, 2, 19, 237]);
  });
}
