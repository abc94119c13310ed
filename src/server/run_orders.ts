import { DuckDatabase, quoted, quotedFile } from '../files/index.ts';
import type { Lake, ResultsStore } from '../lake/index.ts';
import { readExecution, runDetail } from '../sweep/index.ts';
import type { ExecutedOrder, RunOrders } from '../wire/index.ts';

/**
 * The orders of a session that `spymaster execute` sent last, of the first kind of entry and latency that it was asked for.
 * @throws RUN_UNKNOWN
 */
export async function runOrders(lake: Lake, store: ResultsStore, runId: string, session: string): Promise<RunOrders> {
  const { meta } = await runDetail(store, runId);
  const kept = await readExecution(lake, meta.runId);
  const first = kept?.results[0];
  if (kept === null || first === undefined) return { run_id: meta.runId, executed: null };
  const { entry, entry_latency_us: latencyUs, exit_latency_us: exitLatencyUs, max_wait_ms: maxWaitMs } = first;
  const rows = await rowsOf(`
    select "order", trade, role, side, price, size, arrival_ns / 1e6, ahead_at_arrival, outcome, too_large,
      fill_ns / 1e6, fill_price, fill_size, reason
    from ${quotedFile(lake.executed(meta.runId).orders)}
    where session = ${quoted(session)} and entry = ${quoted(entry)} and latency_us = ${latencyUs}
    order by trade, "order", fill_ns`);
  const orders = [...Map.groupBy(rows, ([order, trade]) => `${trade}/${order}`).values()].map(orderOf);
  const maxRestMs = maxWaitMs + exitLatencyUs / 1000;
  return {
    run_id: meta.runId,
    executed: {
      ...{ threshold: kept.threshold, entry, latency_us: latencyUs, max_rest_ms: maxRestMs, orders },
      assumed: [...kept.assumed],
    },
  };
}

type Row = readonly (string | number | boolean | null)[];

/** An order of its rows, one a fill. */
function orderOf(rows: readonly Row[]): ExecutedOrder {
  const [, trade, role, side, price, size, arrivalMs, ahead, outcome, tooLarge] = rows[0] as Row;
  const fills = rows.filter((row) => row[10] !== null);
  return {
    trade: Number(trade),
    role: role as ExecutedOrder['role'],
    side: side as ExecutedOrder['side'],
    price: price as number | null,
    size: Number(size),
    arrival_ms: Number(arrivalMs),
    ahead_at_arrival: Number(ahead),
    outcome: String(outcome),
    too_large: tooLarge === true,
    fills: fills.map((row) => {
      const [ms, fillPrice, fillSize, reason] = row.slice(10);
      return { ms: Number(ms), price: Number(fillPrice), size: Number(fillSize), reason: String(reason) };
    }),
  };
}

async function rowsOf(sql: string): Promise<Row[]> {
  // One thread: queries must not take the cores that streams are computed on.
  using database = await DuckDatabase.open({ threads: 1 });
  const connection = await database.connect();
  return (await connection.runAndReadAll(sql)).getRows() as unknown as Row[];
}
