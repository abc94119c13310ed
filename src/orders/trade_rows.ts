import type { StateReader, StateWriter } from '../state.ts';
import { aggressorType, orderEventCode as code } from './event_kinds.ts';
import type { OrderEventRows } from './event_rows.ts';
import type { OrderEventParams } from './params.ts';
import { RollingSizes } from './rolling_sizes.ts';
import type { TradeGroup } from './trade_group.ts';

/** Writes what the aggressors of an event did: trades, stops, stop runs, sweeps and large trades. */
export class TradeRows {
  readonly #params: OrderEventParams;
  readonly #sizes: RollingSizes;

  constructor(params: OrderEventParams) {
    this.#params = params;
    this.#sizes = new RollingSizes(params.tradeWindow, params.percentile);
  }

  write(group: TradeGroup, nowNs: number, rows: OrderEventRows): void {
    let stops = 0;
    let sweeps = 0;
    const eventLevels = group.distinctPrices();
    for (let i = 0; i < group.count; i++) {
      const isStop = i > 0 && (group.idLo[i] !== 0 || group.idHi[i] !== 0);
      const { market, modified, stop } = aggressorType;
      const type = isStop ? stop : group.rested[i] === 1 ? modified : market;
      this.#begin(code.trade, group, i, nowNs, rows);
      rows.detail(0, type);
      rows.detail(1, group.remainder[i]!);
      rows.detail(2, group.lastPrice[i]!);
      if (isStop) {
        this.#begin(code.stop, group, i, nowNs, rows);
        rows.detail(0, ++stops);
        rows.detail(1, group.lastPrice[i]!);
      }
      this.#writeLarge(group, i, type, nowNs, rows);
      if (group.levels[i]! < this.#params.sweepLevels) continue;
      sweeps++;
      this.#begin(code.sweep, group, i, nowNs, rows);
      this.#detailSweep(group, 0, eventLevels, group.lastPrice[i]!, rows);
    }
    if (stops >= this.#params.stopRunStops) this.#writeRun(group, stops, nowNs, rows);
    if (sweeps === 0 && eventLevels >= this.#params.sweepLevels) this.#writeEventSweep(group, eventLevels, nowNs, rows);
  }

  save(writer: StateWriter): void {
    this.#sizes.save(writer);
  }

  restore(reader: StateReader): void {
    this.#sizes.restore(reader);
  }

  #begin(kind: number, group: TradeGroup, i: number, nowNs: number, rows: OrderEventRows): void {
    rows.begin(kind, nowNs, nowNs, group.side[i]!, group.firstPrice[i]!, group.size[i]!, group.levels[i]!);
    group.prove(rows, i);
  }

  #writeLarge(group: TradeGroup, i: number, type: number, nowNs: number, rows: OrderEventRows): void {
    const size = group.size[i]!;
    if (this.#sizes.count >= this.#params.tradeMinimum) {
      const threshold = this.#sizes.percentile();
      if (size >= threshold) {
        this.#begin(code.largeTrade, group, i, nowNs, rows);
        rows.detail(0, type);
        rows.detail(1, threshold);
      }
    }
    this.#sizes.add(size);
  }

  #writeRun(group: TradeGroup, stops: number, nowNs: number, rows: OrderEventRows): void {
    let size = 0;
    let low = Number.POSITIVE_INFINITY;
    let high = Number.NEGATIVE_INFINITY;
    let first = -1;
    for (let i = 1; i < group.count; i++) {
      if (group.idLo[i] === 0 && group.idHi[i] === 0) continue;
      if (first < 0) first = i;
      size += group.size[i]!;
    }
    let levels = 0;
    for (let i = 0; i < group.trades; i++) {
      if (!this.#isOfStop(group, i)) continue;
      const price = group.tradePrice[i]!;
      low = Math.min(low, price);
      high = Math.max(high, price);
      let isNew = true;
      for (let j = 0; j < i && isNew; j++) isNew = group.tradePrice[j] !== price || !this.#isOfStop(group, j);
      if (isNew) levels++;
    }
    rows.begin(code.stopRun, nowNs, nowNs, group.side[first]!, group.firstPrice[first]!, size, levels);
    for (let i = 1; i < group.count; i++) if (group.idLo[i] !== 0 || group.idHi[i] !== 0) group.prove(rows, i);
    rows.detail(0, stops);
    rows.detail(1, low);
    rows.detail(2, high);
  }

  #isOfStop(group: TradeGroup, trade: number): boolean {
    const of = group.tradeOf[trade]!;
    return of > 0 && (group.idLo[of] !== 0 || group.idHi[of] !== 0);
  }

  #writeEventSweep(group: TradeGroup, levels: number, nowNs: number, rows: OrderEventRows): void {
    let size = 0;
    for (let i = 0; i < group.count; i++) size += group.size[i]!;
    rows.begin(code.sweep, nowNs, nowNs, group.side[0]!, group.firstPrice[0]!, size, levels);
    for (let i = 0; i < group.count; i++) group.prove(rows, i);
    this.#detailSweep(group, 1, levels, group.lastPrice[group.count - 1]!, rows);
  }

  #detailSweep(group: TradeGroup, scope: number, levels: number, lastPrice: number, rows: OrderEventRows): void {
    let size = 0;
    for (let i = 0; i < group.count; i++) size += group.size[i]!;
    rows.detail(0, scope);
    rows.detail(1, size);
    rows.detail(2, levels);
    rows.detail(3, lastPrice);
  }
}
