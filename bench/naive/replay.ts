import type { RuntimeConfig } from '../../src/config/index.ts';
import {
  type ColumnName,
  createGridFrame,
  type GridFrame,
  physicsParams,
  spectrumParams,
} from '../../src/engine/index.ts';
import { sessionStartNs, startNs } from '../support/session.ts';
import { NaiveBook } from './book.ts';
import { type Chain, NaiveGrid } from './grid.ts';
import { decodeRecords, type MboRecord } from './record.ts';
import { NaiveSpectrum } from './spectrum.ts';

const plainColumns = ['pressure_variant', 'vacuum_variant', 'add_mass', 'pull_mass', 'fill_mass'] as const;
const channels = ['add', 'pull', 'fill', 'bid_depth', 'ask_depth'] as const;
const naiveColumns = [
  ...plainColumns,
  ...(['rest_depth', 'bid_depth', 'ask_depth'] as const),
  ...channels.flatMap((name) => [`v_${name}`, `a_${name}`, `j_${name}`] as const),
  ...(['v_rest_depth', 'a_rest_depth', 'j_rest_depth'] as const),
  ...(['composite', 'composite_d1', 'composite_d2', 'composite_d3', 'flow_score'] as const),
  ...(['flow_state_code', 'last_event_id'] as const),
] as const satisfies readonly ColumnName[];

/** Copies of the columns that the naive replay fills: all but the labels. */
export function frameBytes({ columns }: GridFrame): Uint8Array[] {
  return naiveColumns.map((name) => new Uint8Array(columns[name].buffer, columns[name].byteOffset).slice());
}

/** From the bytes of a tidy session to grid frames, every tick of the grid computed and scored at every bin. */
export class NaiveReplay {
  readonly frame: GridFrame;
  readonly #book = new NaiveBook();
  readonly #grid: NaiveGrid;
  readonly #spectrum: NaiveSpectrum;
  readonly #records: Iterator<MboRecord, void, undefined>;
  readonly #radius: number;
  readonly #cellNs: number;
  /** The record that closed the last bin; it belongs to the next. */
  #waiting: MboRecord | null = null;
  #binEndNs: number;
  #events = 0;

  constructor(bytes: Uint8Array, runtime: RuntimeConfig, tickInt: number) {
    this.#radius = runtime.grid_radius_ticks;
    this.#cellNs = runtime.cell_width_ms * 1e6;
    this.#binEndNs = Number(startNs - sessionStartNs) + this.#cellNs;
    this.frame = createGridFrame(this.#radius);
    this.#grid = new NaiveGrid(runtime.n_absolute_ticks, tickInt, physicsParams(runtime));
    this.#spectrum = new NaiveSpectrum(runtime.n_absolute_ticks, spectrumParams(runtime));
    this.#records = decodeRecords(bytes);
  }

  /** Goes to the end of the next bin; its frame is written, and all ticks are scored, only if `scored`. */
  nextBin(scored: boolean): void {
    for (;;) {
      const { value: record } = this.#waiting === null ? this.#records.next() : { value: this.#waiting };
      this.#waiting = null;
      if (!record) break;
      const isSnapshot = (record.flags & 32) !== 0;
      const nowNs = Number((isSnapshot ? record.tsRecv : record.tsEvent) - sessionStartNs);
      if (nowNs >= this.#binEndNs) {
        this.#waiting = record;
        break;
      }
      this.#applyEvent(record, isSnapshot, nowNs);
    }
    this.#grid.passive(this.#binEndNs);
    this.#binEndNs += this.#cellNs;
    this.#spectrum.push(this.#grid);
    if (!scored) return;
    this.#spectrum.score();
    this.#writeFrame();
  }

  #applyEvent(record: MboRecord, isSnapshot: boolean, nowNs: number): void {
    const grid = this.#grid;
    const change = this.#book.apply(record);
    this.#events++;
    if (!Number.isNaN(grid.anchorTick)) {
      if (change !== null) grid.apply(change, !isSnapshot, nowNs, this.#events);
    } else if (change !== null && this.#book.twoSided && !this.#book.inSnapshot) {
      grid.anchor(this.#book);
      grid.apply(change, !isSnapshot, nowNs, this.#events);
      grid.loadDepth(this.#book);
    }
  }

  #writeFrame(): void {
    const { columns, rows } = this.frame;
    const grid = this.#grid;
    const spectrum = this.#spectrum;
    const spot = grid.slotOf((this.#book.bestBid + this.#book.bestAsk) / 2) - this.#radius;
    const sum = (a: Float64Array, b: Float64Array) => a.map((value, slot) => value + b[slot]!);
    const [, , , bid, ask] = grid.chains as [unknown, unknown, unknown, Chain, Chain];
    const sources: Record<string, Float64Array> = {
      pressure_variant: grid.pressure,
      vacuum_variant: grid.vacuum,
      rest_depth: sum(grid.bid, grid.ask),
      bid_depth: grid.bid,
      ask_depth: grid.ask,
      flow_score: spectrum.scores,
    };
    (['add_mass', 'pull_mass', 'fill_mass'] as const).forEach((name, i) => {
      sources[name] = grid.masses[i]!;
    });
    for (const order of ['v', 'a', 'j'] as const) {
      channels.forEach((name, i) => {
        sources[`${order}_${name}`] = grid.chains[i]![order];
      });
      sources[`${order}_rest_depth`] = sum(bid[order]!, ask[order]!);
    }
    ['composite', 'composite_d1', 'composite_d2', 'composite_d3'].forEach((name, i) => {
      sources[name] = spectrum.current[i]!;
    });
    for (const [name, source] of Object.entries(sources)) {
      (columns[name as ColumnName] as Float64Array).set(source.subarray(spot, spot + rows));
    }
    columns.flow_state_code.set(spectrum.codes.subarray(spot, spot + rows));
    columns.last_event_id.set(BigInt64Array.from(grid.lastEventId.subarray(spot, spot + rows), BigInt));
  }
}
