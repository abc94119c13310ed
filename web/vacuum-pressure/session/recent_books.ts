import type { DepthFrame } from '../../../src/wire/index.ts';

/** Bins whose near levels and activity are kept. */
const keptBins = 512;

/** The depth frames of the newest bins, without the levels whose orders are not counted. */
export class RecentBooks {
  readonly #frames: (DepthFrame | undefined)[] = new Array(keptBins);

  put(frame: DepthFrame): void {
    const near = ({ ticks, sizes, orders, largest }: DepthFrame['bids']) => ({
      ticks: ticks.slice(0, orders.length),
      sizes: sizes.slice(0, orders.length),
      orders,
      largest,
    });
    this.#frames[frame.seq % keptBins] = { ...frame, bids: near(frame.bids), asks: near(frame.asks) };
  }

  /** The frame of a bin; null where it is not kept. */
  at(seq: number): DepthFrame | null {
    const frame = this.#frames[seq % keptBins];
    return frame?.seq === seq ? frame : null;
  }
}
