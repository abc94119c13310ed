import type { RuntimeConfig } from '../../src/config/index.ts';
import { exp } from '../../src/elementary.ts';

export const channels = ['add', 'pull', 'fill', 'bid', 'ask'] as const;
type Channel = (typeof channels)[number];

/** What one update brings: flow, and the change of displayed depth on each side. */
export type Deltas = Readonly<Record<Channel, number>>;

export const noDeltas: Deltas = { add: 0, pull: 0, fill: 0, bid: 0, ask: 0 };

interface Chain {
  v: number;
  a: number;
  j: number;
}

/** State of one tick of the price grid, updated as model.md §4 writes it; depth is the book's and not kept here. */
export class LiteralTick {
  readonly masses = { add: 0, pull: 0, fill: 0 };
  readonly chains: Readonly<Record<Channel, Chain>> = {
    add: { v: 0, a: 0, j: 0 },
    pull: { v: 0, a: 0, j: 0 },
    fill: { v: 0, a: 0, j: 0 },
    bid: { v: 0, a: 0, j: 0 },
    ask: { v: 0, a: 0, j: 0 },
  };
  pressure = 0;
  vacuum = 0;
  /** Time of the last update, UNIX ns; null where the model writes 0, never. */
  lastNs: bigint | null = null;
  lastEventId = 0;

  update(nowNs: bigint, x: Deltas, config: RuntimeConfig): void {
    const { masses, chains } = this;
    if (this.lastNs === null) {
      for (const name of ['add', 'pull', 'fill'] as const) masses[name] = x[name];
    } else {
      const dtS = Number(nowNs - this.lastNs) / 1e9;
      const kept = exp(-dtS / config.tau_rest_decay);
      for (const name of ['add', 'pull', 'fill'] as const) masses[name] = masses[name] * kept + x[name];
      for (const name of channels) this.#updateChain(chains[name], dtS, x[name], config);
    }
    this.lastNs = nowNs;
    const vRest = chains.bid.v + chains.ask.v;
    this.pressure =
      config.c1_v_add * chains.add.v +
      config.c2_v_rest_pos * Math.max(vRest, 0) +
      config.c3_a_add * Math.max(chains.add.a, 0);
    this.vacuum =
      config.c4_v_pull * chains.pull.v +
      config.c5_v_fill * chains.fill.v +
      config.c6_v_rest_neg * Math.max(-vRest, 0) +
      config.c7_a_pull * Math.max(chains.pull.a, 0);
  }

  /**
   * v' = α·(x/Δt) + (1−α)·v, or its limit at Δt = 0, and so on down the chain. α/Δt is formed first, as the engine does:
   * the third differences of the spectrum multiply a last bit by millions, and what is to be compared here is not that.
   */
  #updateChain(chain: Chain, dtS: number, x: number, config: RuntimeConfig): void {
    const step = (old: number, change: number, tau: number) => {
      const kept = exp(-dtS / tau);
      return (dtS === 0 ? 1 / tau : (1 - kept) / dtS) * change + kept * old;
    };
    const { v, a } = chain;
    chain.v = step(v, x, config.tau_velocity);
    chain.a = step(a, chain.v - v, config.tau_acceleration);
    chain.j = step(chain.j, chain.a - a, config.tau_jerk);
  }
}
