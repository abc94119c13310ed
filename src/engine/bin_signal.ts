import type { RuntimeConfig } from '../config/index.ts';
import type { OrderFeatures } from '../orders/index.ts';
import {
  createStoredSignal,
  DerivativeSignal,
  defaultSignal,
  Firing,
  type FiringRule,
  isFeatureColumn,
  runtimeParameters,
  type Signal,
  type StoredSignal,
  signalContext,
} from '../signals/index.ts';
import type { StateReader, StateWriter } from '../state.ts';
import type { Bin } from './bin.ts';
import type { GridFrame } from './frame.ts';
import { gridTickInt } from './params.ts';
import { BinColumns } from './signal_columns.ts';

export interface BinSignalOptions {
  /**
   * The signal whose score and readiness the bins carry, with parameters as stored; by default the default signal of the
   * runtime fields.
   */
  readonly signal?: StoredSignal | undefined;
  /** When that signal fires; without it, bins tell of no firing. */
  readonly firing?: FiringRule | undefined;
  /** Trading date of the session, YYYY-MM-DD, for signals that depend on it. */
  readonly date?: string | undefined;
}

/** Signals of a bin: the derivative signal's state, the running signal's score, and its firing. */
export class BinSignal {
  readonly #derivative: DerivativeSignal;
  /** The signal that takes the derivative signal's place in the bins' score, if one does. */
  readonly #signal: Signal | null;
  readonly #firing: Firing | null;
  readonly #columns: BinColumns;

  /** `frame`: where each bin's grid is. */
  constructor(runtime: RuntimeConfig, { signal, firing, date }: BinSignalOptions, frame: GridFrame) {
    const context = signalContext(runtime, date);
    this.#derivative = new DerivativeSignal(runtimeParameters(defaultSignal, runtime), context);
    this.#signal =
      signal === undefined || signal.name === defaultSignal.name ? null : createStoredSignal(signal, context);
    this.#firing = firing === undefined ? null : new Firing(firing);
    this.#columns = new BinColumns(frame, this.#signal?.definition.columns ?? [], gridTickInt(runtime));
  }

  /** Whether the signal reads features of the orders. */
  get readsFeatures(): boolean {
    return this.#signal?.definition.columns.some(isFeatureColumn) ?? false;
  }

  get beforeFirstBin(): Pick<Bin, 'signal' | 'firing' | 'firingThreshold'> {
    return { signal: { ...this.#derivative.state }, firing: 0, firingThreshold: null };
  }

  /** Takes a bin's grid and features and fills the bin; it may fire where it is tradable: the book is valid and has a mid. */
  update(features: OrderFeatures | null, bin: Bin, tradable: boolean): void {
    const columns = this.#columns.take(bin, features);
    this.#derivative.update(columns, 0);
    Object.assign(bin.signal, this.#derivative.state);
    if (this.#signal !== null) {
      bin.signal.score = this.#signal.update(columns, 0);
      bin.signal.ready = this.#signal.ready;
      if (this.#signal.definition.series !== undefined) bin.signalSeries = this.#signal.series;
    }
    if (this.#firing !== null) {
      bin.firing = this.#firing.next(bin.signal.score, tradable);
      const { threshold } = this.#firing;
      bin.firingThreshold = Number.isNaN(threshold) ? null : threshold;
    }
  }

  save(writer: StateWriter): void {
    this.#derivative.save(writer);
    this.#signal?.save(writer);
    this.#firing?.save(writer);
  }

  restore(reader: StateReader): void {
    this.#derivative.restore(reader);
    this.#signal?.restore(reader);
    this.#firing?.restore(reader);
  }
}
