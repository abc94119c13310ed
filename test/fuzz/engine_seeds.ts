import { captureWindow, defaultRuntimeConfig } from '../../src/config/index.ts';
import { encodeMetadata, flag, MboEncoder, mboRecordBytes } from '../../src/dbn/index.ts';
import type { EngineOptions } from '../../src/engine/index.ts';
import { pick, seeded } from '../helpers/seeded.ts';
import { smallMetadata } from '../helpers/small_session.ts';
import { below, join } from './mutate.ts';
import type { Random } from './target.ts';

const capture = captureWindow('future_mbo', '2026-02-06', '09:30');

/** Ten seconds of a session on a small grid with short windows. */
export const engineOptions: EngineOptions = {
  runtime: {
    ...defaultRuntimeConfig,
    symbol: 'MNQH6',
    n_absolute_ticks: 128,
    grid_radius_ticks: 24,
    flow_windows: [2, 3],
    flow_rollup_weights: [1, 1],
    flow_zscore_window_bins: 10,
    flow_zscore_min_periods: 3,
    state_model_zscore_window_bins: 10,
    state_model_zscore_min_periods: 3,
  },
  capture: { ...capture, endNs: capture.startNs + 10_000_000_000n },
  instrumentId: 7,
};

interface Order {
  readonly id: bigint;
  readonly side: 'A' | 'B';
  price: number;
  size: number;
}

/** Sessions of a small market: a snapshot before the capture, then adds, cancels, modifies and executions in it. */
export function sessions(): Uint8Array[] {
  return [1, 2, 3].map((seed) => join([encodeMetadata(smallMetadata), new Market(seed).run(60, 60 * seed)]));
}

class Market {
  readonly #random: Random;
  readonly #encoder = new MboEncoder(new Uint8Array(1000 * mboRecordBytes));
  readonly #orders: Order[] = [];
  #nextId = 6_415_200_000_000n;
  #tsNs = engineOptions.capture.startNs - 1_500_000_000n;
  #middle = 100_000;

  constructor(seed: number) {
    this.#random = seeded(seed);
  }

  run(resting: number, steps: number): Uint8Array {
    const clear = { id: 0n, side: 'B' as const, price: 0, size: 0 };
    this.#write('R', clear, flag.snapshot | flag.badTsRecv);
    for (let i = 0; i < resting; i++) this.#add(flag.snapshot | flag.badTsRecv | (i === resting - 1 ? flag.last : 0));
    for (let i = 0; i < steps; i++) this.#step();
    return this.#encoder.bytes;
  }

  #step(): void {
    const random = this.#random;
    this.#tsNs += BigInt(below(random, 100_000_000));
    if (random() < 0.1) this.#middle += random() < 0.5 ? 1 : -1;
    const order = pick(random, this.#orders);
    const how = random();
    if (how < 0.45) this.#add(flag.last);
    else if (how < 0.65) this.#cancel(order, order.size, flag.last);
    else if (how < 0.85) {
      order.size = 1 + below(random, 20);
      if (random() < 0.5) order.price += order.side === 'B' ? -1 : 1;
      this.#write('M', order, flag.last);
    } else {
      const size = 1 + below(random, order.size);
      this.#write('T', { ...order, id: 0n, side: order.side === 'B' ? 'A' : 'B', size }, 0);
      this.#write('F', { ...order, size }, 0);
      this.#cancel(order, size, flag.last);
    }
  }

  #add(flags: number): void {
    const side = this.#random() < 0.5 ? 'B' : 'A';
    const away = 1 + below(this.#random, 12);
    const price = side === 'B' ? this.#middle - away : this.#middle + away;
    const order: Order = { id: this.#nextId++, side, price, size: 1 + below(this.#random, 20) };
    this.#orders.push(order);
    this.#write('A', order, flags);
  }

  #cancel(order: Order, size: number, flags: number): void {
    this.#write('C', { ...order, size }, flags);
    order.size -= size;
    if (order.size <= 0) this.#orders.splice(this.#orders.indexOf(order), 1);
  }

  #write(action: string, order: Order, flags: number): void {
    this.#encoder.write({
      publisherId: 1,
      instrumentId: 7,
      tsEvent: this.#tsNs,
      orderId: order.id,
      price: BigInt(order.price) * 250_000_000n,
      size: order.size,
      flags,
      channelId: 0,
      action,
      side: action === 'R' ? 'N' : order.side,
      tsRecv: this.#tsNs + 1000n,
      tsInDelta: 1000,
      sequence: this.#encoder.count,
    });
  }
}
