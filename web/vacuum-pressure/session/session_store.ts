import { type ColumnName, type GridFrame, gridColumns } from '../../../src/engine/index.ts';
import type { GridUpdate } from '../../../src/wire/index.ts';
import type { CellArchive } from './cell_archive.ts';
import type { ColumnStorage } from './cell_chunk.ts';
import { CellPages } from './cell_pages.ts';
import { type SessionContract, spotTick } from './contract.ts';
import { type Extremes, extremesOf } from './group_summary.ts';
import { detailBudgetBytes, keepingOf, keptColumns, retainedBins } from './retention.ts';

/** No window: the bin had no spot. */
export const noTick = -(2 ** 31);

/** What the page keeps of a bin beside its grid: one number each. Prices are in ticks, NaN where there is none. */
export const binFields = [
  'spotTick',
  'bidTick',
  'askTick',
  'midTick',
  'eventCount',
  'eventId',
  'bookValid',
  'score',
  'ready',
  'sampleCount',
  'base',
  'd1',
  'd2',
  'd3',
  'z1',
  'z2',
  'z3',
  'bull',
  'bear',
  'mixed',
  'dominant',
  'pressureAbove',
  'pressureBelow',
  'vacuumAbove',
  'vacuumBelow',
  /** 1 when best bid and ask both rose, −1 when both fell (model.md §7). */
  'chase',
  /** 1 or −1 when the signal fires up or down, and the threshold that its score is held against. */
  'firing',
  'threshold',
  /** What the signal draws beside its score. */
  'series1',
  'series2',
  'series3',
  'series4',
] as const;
/** The fields of a signal's series. */
export const seriesFields = ['series1', 'series2', 'series3', 'series4'] as const satisfies readonly BinField[];
export type BinField = (typeof binFields)[number];

const perBinColumns = gridColumns.filter(([name]) => keepingOf(name) === 'per-bin').map(([name]) => name);
const cellColumns = gridColumns.filter(([name]) => !['per-bin', 'derived'].includes(keepingOf(name)));
const storages = new Map(cellColumns.map(([name]) => [name, keepingOf(name) as ColumnStorage]));

/**
 * Bins of a session by sequence number: values, not colours, in a ring of typed arrays. Bins may arrive in any order
 * (seeking); a bin takes the place of the one `capacity` before or after it.
 */
export class SessionStore {
  readonly contract: SessionContract;
  readonly capacity: number;
  readonly #seqOfSlot: Float64Array;
  readonly #baseTicks: Int32Array;
  readonly #bins: Readonly<Record<BinField, Float64Array>>;
  readonly #labels: ReadonlyMap<ColumnName, Int32Array>;
  readonly #cells: CellPages;
  #head = -1;
  #oldest = Number.POSITIVE_INFINITY;
  #newest = -1;
  #count = 0;

  /** Without an archive all cells are at hand. */
  constructor(contract: SessionContract, capacity = retainedBins, archive: CellArchive | null = null) {
    this.contract = contract;
    this.capacity = capacity;
    this.#seqOfSlot = new Float64Array(capacity).fill(-1);
    this.#baseTicks = new Int32Array(capacity);
    this.#bins = Object.fromEntries(binFields.map((field) => [field, new Float64Array(capacity)])) as Record<
      BinField,
      Float64Array
    >;
    this.#labels = new Map(perBinColumns.map((name) => [name, new Int32Array(capacity)]));
    this.#cells = new CellPages(contract.rows, capacity, storages, archive, detailBudgetBytes);
    this.#cells.keep(keptColumns);
  }

  /** Sequence number of the bin at which the stream is, the one that arrived last but for history; −1 before the first. */
  get head(): number {
    return this.#head;
  }
  /** Lowest and highest sequence number ever held; not all between need be there. */
  get oldest(): number {
    return Math.max(this.#oldest, this.#newest - this.capacity + 1);
  }
  get newest(): number {
    return this.#newest;
  }
  /** Number of bins received, repeats not counted. */
  get count(): number {
    return this.#count;
  }

  /** Bytes of memory that the cells take. */
  get bytes(): number {
    return this.#cells.bytes;
  }

  /** Gives up what is archived. */
  close(): void {
    this.#cells.close();
  }

  /** Has a layer's columns at hand for all bins, and no longer those of others; null when there is nothing to wait for. */
  keep(names: readonly ColumnName[]): Promise<void> | null {
    return this.#cells.keep([...keptColumns, ...names]);
  }

  /** Brings the cells of a bin to hand; null when there is nothing to wait for. */
  load(seq: number): Promise<void> | null {
    return this.has(seq) ? this.#cells.load(seq % this.capacity) : null;
  }

  /** The bin that a slot of the ring holds; −1 for none. */
  seqAt(slot: number): number {
    return this.#seqOfSlot[slot]!;
  }

  has(seq: number): boolean {
    return seq >= 0 && this.#seqOfSlot[seq % this.capacity] === seq;
  }

  /** Whether the cells of a column are at hand for a bin. */
  hasCells(name: ColumnName, seq: number): boolean {
    return this.has(seq) && (!storages.has(name) || this.#cells.has(name, seq % this.capacity));
  }

  /** Copies a bin and its frame, as the head unless it is history; throws PROTOCOL when its spot is not on a tick. */
  put(update: GridUpdate, frame: GridFrame, isHead = true): void {
    const seq = update.bin_seq;
    const slot = seq % this.capacity;
    const spot = spotTick(this.contract, update);
    const bins = this.#bins;
    const { radius } = this.contract;
    if (this.#seqOfSlot[slot] !== seq) this.#count++;
    this.#seqOfSlot[slot] = seq;
    this.#baseTicks[slot] = spot === null ? noTick : spot - this.contract.radius;
    this.#putScalars(slot, update, spot);
    this.#putSums(slot, frame);
    bins.chase[slot] = frame.columns.chase_up_flag[radius]! - frame.columns.chase_down_flag[radius]!;
    for (const [name, labels] of this.#labels) labels[slot] = frame.columns[name as 'microstate_id'][radius]!;
    this.#cells.write(slot, frame);
    if (isHead) this.#head = seq;
    this.#oldest = Math.min(this.#oldest, seq);
    this.#newest = Math.max(this.#newest, seq);
  }

  #putScalars(slot: number, update: GridUpdate, spot: number | null): void {
    const { tickInt, config } = this.contract;
    const bins = this.#bins;
    const { has_bid: hasBid, has_ask: hasAsk } = update;
    bins.spotTick[slot] = spot ?? Number.NaN;
    bins.bidTick[slot] = hasBid ? Number(update.best_bid_price_int) / tickInt : Number.NaN;
    bins.askTick[slot] = hasAsk ? Number(update.best_ask_price_int) / tickInt : Number.NaN;
    bins.midTick[slot] = hasBid && hasAsk ? update.mid_price / (tickInt * config.price_scale) : Number.NaN;
    bins.eventCount[slot] = update.bin_event_count;
    bins.eventId[slot] = update.event_id;
    bins.bookValid[slot] = update.book_valid ? 1 : 0;
    bins.score[slot] = update.state_model_score;
    bins.ready[slot] = update.state_model_ready ? 1 : 0;
    bins.sampleCount[slot] = update.state_model_sample_count;
    bins.base[slot] = update.state_model_base;
    bins.d1[slot] = update.state_model_d1;
    bins.d2[slot] = update.state_model_d2;
    bins.d3[slot] = update.state_model_d3;
    bins.z1[slot] = update.state_model_z1;
    bins.z2[slot] = update.state_model_z2;
    bins.z3[slot] = update.state_model_z3;
    bins.bull[slot] = update.state_model_bull_intensity;
    bins.bear[slot] = update.state_model_bear_intensity;
    bins.mixed[slot] = update.state_model_mixed_intensity;
    bins.dominant[slot] = update.state_model_dominant_state5_code;
    bins.firing[slot] = update.state_model_firing;
    bins.threshold[slot] = update.state_model_threshold ?? Number.NaN;
    for (const [at, field] of seriesFields.entries()) {
      bins[field][slot] = update.state_model_series?.[at] ?? Number.NaN;
    }
  }

  #putSums(slot: number, frame: GridFrame): void {
    const { radius, rows } = this.contract;
    const sum = (cells: Float64Array, from: number, to: number) => {
      let total = 0;
      for (let row = from; row < to; row++) total += cells[row]!;
      return total;
    };
    const { pressure_variant: pressure, vacuum_variant: vacuum } = frame.columns;
    this.#bins.pressureBelow[slot] = sum(pressure, 0, radius);
    this.#bins.pressureAbove[slot] = sum(pressure, radius + 1, rows);
    this.#bins.vacuumBelow[slot] = sum(vacuum, 0, radius);
    this.#bins.vacuumAbove[slot] = sum(vacuum, radius + 1, rows);
  }

  /** A number of a bin; NaN when the bin is not held. */
  bin(field: BinField, seq: number): number {
    return this.has(seq) ? this.#bins[field][seq % this.capacity]! : Number.NaN;
  }

  /** Smallest, largest, last and mean value of a field over bins [first, end); NaN where none of them has one. */
  extremes(field: BinField, first: number, end: number): Extremes {
    const values = this.#bins[field];
    const seqs = this.#seqOfSlot;
    let slot = first % this.capacity;
    return extremesOf(first, end, (seq) => {
      const value = seqs[slot] === seq ? values[slot]! : Number.NaN;
      if (++slot === this.capacity) slot = 0;
      return value;
    });
  }

  /** The last value of a field over bins [first, end) that is not 0; 0 when there is none. */
  lastMark(field: BinField, first: number, end: number): number {
    const values = this.#bins[field];
    for (let seq = end - 1; seq >= first; seq--) {
      const slot = seq % this.capacity;
      if (this.#seqOfSlot[slot] === seq && values[slot] !== 0) return values[slot]!;
    }
    return 0;
  }

  /** Lowest tick of a bin's window; `noTick` when the bin is not held or had no spot. */
  baseTick(seq: number): number {
    return this.has(seq) ? this.#baseTicks[seq % this.capacity]! : noTick;
  }

  /** The value of a grid column at a bin and tick; NaN where nothing is held, or it is not at hand. */
  value(name: ColumnName, seq: number, tick: number): number {
    if (!this.has(seq)) return Number.NaN;
    const slot = seq % this.capacity;
    const base = this.#baseTicks[slot]!;
    const row = tick - base;
    if (base === noTick || row < 0 || row >= this.contract.rows) return Number.NaN;
    if (storages.has(name)) return this.#cells.read(name, slot, row);
    return name === 'k' ? row - this.contract.radius : this.#labels.get(name)![slot]!;
  }

  /** Copies a bin's cells of a column to `out[offset..offset + rows)`; false when they are not at hand. */
  copyCells(name: ColumnName, seq: number, out: Float32Array, offset: number): boolean {
    if (!this.has(seq)) return false;
    const slot = seq % this.capacity;
    if (storages.has(name)) return this.#cells.copyTo(name, slot, out, offset);
    const { rows, radius } = this.contract;
    if (name === 'k') for (let row = 0; row < rows; row++) out[offset + row] = row - radius;
    else out.fill(this.#labels.get(name)![slot]!, offset, offset + rows);
    return true;
  }
}
