import type { Order } from '../databento/historical/index.ts';
import { formatBytes, plural } from '../format.ts';
import type { Cli } from './command.ts';
import { dollars } from './download_text.ts';
import { formatTable } from './table.ts';

const stateWords: Readonly<Record<Order['state'], string>> = {
  intent: 'not clear yet',
  submitted: 'ordered',
  placed: 'in the lake',
  streaming: 'stream was cut',
  empty: 'no data',
  expired: 'expired',
};

/** Shows what was ordered, what it cost, how far it is, and what Databento says of the days. */
export async function downloadStatus(
  { lakeRoot, json }: { readonly lakeRoot: string; readonly json?: true },
  { output }: Cli,
): Promise<void> {
  const { keptDays, partBytes, readLedger } = await import('../databento/historical/index.ts');
  const { Lake, readCondition } = await import('../lake/index.ts');
  const lake = new Lake(lakeRoot);
  const orders = await Promise.all(
    readLedger(lake).map(async (order) => ({
      ...order,
      fetchedBytes: order.sizeBytes ?? (order.jobId === null ? 0 : await partBytes(lake, order.jobId)),
      condition: await readCondition(lake.path(...order.path.split('/')), order.date),
      keptUntil: order.state === 'submitted' ? dayAfter(order.orderedAtUtc, keptDays) : null,
    })),
  );
  const costUsd = orders.reduce((sum, { costUsd: cost }) => sum + cost, 0);
  if (json) {
    const rows = orders.map((order) => ({
      date: order.date,
      dataset: order.request.dataset,
      schema: order.request.schema,
      symbol: order.request.symbol,
      state: order.state,
      job_id: order.jobId,
      cost_usd: order.costUsd,
      fetched_bytes: order.fetchedBytes,
      path: order.path,
      ordered_at_utc: order.orderedAtUtc,
      condition: order.condition,
      kept_until: order.keptUntil,
    }));
    output.json({ cost_usd: costUsd, orders: rows });
    return;
  }
  if (orders.length === 0) {
    output.print(`Nothing was ever ordered for the lake ${lake.root}.`);
    return;
  }
  const table = formatTable(
    [
      { title: 'session' },
      { title: 'symbol' },
      { title: 'schema' },
      { title: 'state' },
      { title: 'data' },
      { title: 'fetched', align: 'right' },
      { title: 'agreed cost', align: 'right' },
      { title: 'job' },
    ],
    orders.map(({ date, request, state, jobId, costUsd: cost, fetchedBytes, condition, keptUntil }) => [
      date,
      request.symbol,
      request.schema,
      keptUntil === null ? stateWords[state] : `${stateWords[state]}, kept until ${keptUntil}`,
      condition ?? '',
      fetchedBytes === 0 ? '' : formatBytes(fetchedBytes),
      dollars(cost),
      jobId ?? '',
    ]),
  );
  output.print(table);
  const count = plural(orders.length, 'order');
  output.print(`${count}, ${dollars(costUsd)}. Run the same download again to go on with what is open.`);
}

/** The date that many days after a moment. */
function dayAfter(utc: string, days: number): string {
  return Temporal.Instant.from(utc).toZonedDateTimeISO('UTC').add({ days }).toPlainDate().toString();
}
