import type { Metadata } from '../../dbn/index.ts';
import { SpymasterError } from '../../errors.ts';
import { type ExecutionClock, OurOrders } from '../../execution/index.ts';
import { assertFifo } from './fifo.ts';
import type { OrderRow } from './orders_csv.ts';
import { type FollowedQueues, followQueues } from './queue_file.ts';

/** Offsets from the first order are exact doubles up to here, 104 days. */
const exactNs = 2n ** 53n;

export interface FillOrdersOptions {
  readonly path: string;
  /** At least one. */
  readonly orders: readonly OrderRow[];
  /** Of the orders file, for errors. */
  readonly ordersName: string;
  /** May be left out where the file maps one symbol, or none. */
  readonly symbol?: string;
  readonly publisherId?: number;
  readonly clock: ExecutionClock;
  /** Whether to go on where the market is not first in, first out. */
  readonly notFifo: boolean;
  readonly onProgress?: (bytesRead: number, sizeBytes: number, records: number) => void;
  readonly signal?: AbortSignal;
}

/** What became of orders in a file. */
export interface OrderFills extends FollowedQueues {
  readonly orders: readonly OrderRow[];
}

/**
 * Puts orders into the queues of one instrument of a file of schema mbo, in one pass.
 * @throws NOT_FIFO where the market is not first in, first out; ORDERS_INVALID for times that cannot be the file's, and what
 * `followQueues` throws
 */
export async function fillOrders(options: FillOrdersOptions): Promise<OrderFills> {
  const { path, orders, notFifo } = options;
  const found = await followQueues(options, (metadata) => {
    const originNs = originOf(options, metadata);
    const ours = new OurOrders(
      orders.map(({ tsNs, side, kind, priceInt, size, maxWaitNs }) => {
        return { arrivalNs: Number(tsNs - originNs), side, kind, price: priceInt, size, maxWaitNs };
      }),
    );
    return { originNs, ours };
  });
  if (!notFifo) assertFifo(path, found);
  return { ...found, orders };
}

/** The time of the first order. */
function originOf({ orders, ordersName }: FillOrdersOptions, { start }: Metadata): bigint {
  const times = orders.map(({ tsNs }) => tsNs);
  const first = times.reduce((least, tsNs) => (tsNs < least ? tsNs : least));
  const isSane = (tsNs: bigint): boolean => tsNs > start - exactNs && tsNs - first < exactNs;
  const wrong = times.findIndex((tsNs) => !isSane(tsNs));
  if (wrong < 0) return first;
  throw new SpymasterError(
    'ORDERS_INVALID',
    `Cannot place the orders of ${ordersName}: line ${wrong + 2}, column ts_ns: expected a time of the file, which starts at ` +
      `${start}, got ${times[wrong]}. Write UNIX nanoseconds, not seconds or milliseconds.`,
    { path: ordersName, line: wrong + 2, column: 'ts_ns' },
  );
}
