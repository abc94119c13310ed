import { SpymasterError } from '../../errors.ts';
import type { StateReader, StateWriter } from '../../state.ts';
import { History } from '../rolling.ts';
import { tooNarrow } from '../sides.ts';
import type { SignalColumns, SignalContext } from '../signal.ts';
import type { FeatureList, FeatureStatistic, FeatureTerm } from './feature_list.ts';

/**
 * The features of one bin after another: the one implementation for training sets, sweeps and streams. Windows are summed anew at each
 * bin, the oldest bin first, so that a row depends on its bins alone and not on what was before them.
 */
export class FeatureRow {
  /** The features of the last bin; a view, refilled by the next `update`. */
  readonly row: Float64Array;
  readonly #list: FeatureList;
  readonly #radius: number;
  /** Sums of the terms of each value, and the values. */
  readonly #sums: readonly History[];
  readonly #values: readonly History[];
  readonly #readsMid: boolean;
  #bins = 0;
  /** Of the last bin, in ticks; NaN where there was none. */
  #mid = Number.NaN;
  #midReturn = 0;

  /** @throws CONFIG_INVALID where the window does not reach as far as the list reads */
  constructor(list: FeatureList, { radius }: SignalContext) {
    const narrow = tooNarrow(radius, list.reachTicks);
    if (narrow !== null)
      throw new SpymasterError('CONFIG_INVALID', `Cannot use the feature list: ${narrow}.`, { key: 'features' });
    this.#list = list;
    this.#radius = radius;
    this.#readsMid = list.columns.includes('mid');
    this.row = new Float64Array(list.features.length);
    this.#sums = list.values.map(({ changeBins }) => new History(changeBins + 1));
    this.#values = list.values.map((_, index) => {
      const users = list.features.filter(({ value }) => value === index);
      return new History(Math.max(1, ...users.map(({ bins, lagBins }) => bins + lagBins)));
    });
  }

  /** Takes the next bin, whose rows lie in `columns` from index `at` on; says whether it has all features. */
  update(columns: SignalColumns, at: number): boolean {
    const { values, features, warmUpBins } = this.#list;
    if (this.#readsMid) this.#takeMid(columns.mid[at + this.#radius]!);
    for (let index = 0; index < values.length; index++) {
      const { terms, changeBins } = values[index]!;
      let sum = 0;
      for (let term = 0; term < terms.length; term++) sum += this.#term(terms[term]!, columns, at + this.#radius);
      const sums = this.#sums[index]!;
      sums.push(sum);
      const before = changeBins === 0 ? 0 : sums.count > changeBins ? sums.past(changeBins) : sum;
      this.#values[index]!.push(sum - before);
    }
    const isReady = this.#bins++ >= warmUpBins;
    if (!isReady) return false;
    for (let index = 0; index < features.length; index++) {
      const { value, statistic, bins, lagBins } = features[index]!;
      this.row[index] = statisticOf(statistic, this.#values[value]!, bins, lagBins);
    }
    return true;
  }

  /** The return is 0 where this bin or the one before has no mid. */
  #takeMid(mid: number): void {
    const change = mid - this.#mid;
    this.#midReturn = Number.isNaN(change) ? 0 : change;
    this.#mid = mid;
  }

  #term({ column, over, from, to, weight }: FeatureTerm, columns: SignalColumns, centre: number): number {
    if (column === 'mid_return') return weight * this.#midReturn;
    const values = columns[column];
    let sum = 0;
    for (let k = from; k <= to; k++) sum += values[centre + k]!;
    return weight * (over === 'mean' ? sum / (to - from + 1) : sum);
  }

  save(writer: StateWriter): void {
    writer.number(this.#bins);
    if (this.#readsMid) writer.array(Float64Array.of(this.#mid));
    for (const history of [...this.#sums, ...this.#values]) history.save(writer);
  }

  restore(reader: StateReader): void {
    this.#bins = reader.number();
    if (this.#readsMid) this.#mid = reader.float64s()[0]!;
    for (const history of [...this.#sums, ...this.#values]) history.restore(reader);
  }
}

/** A statistic of `bins` values, of which the last was pushed `lag` values before the newest. */
function statisticOf(statistic: FeatureStatistic, history: History, bins: number, lag: number): number {
  const newest = history.past(lag);
  if (statistic === 'value') return newest;
  if (statistic === 'slope') return slopeOf(history, bins, lag);
  if (statistic === 'min' || statistic === 'max') {
    let extreme = newest;
    for (let age = lag + 1; age < lag + bins; age++) {
      const value = history.past(age);
      extreme = statistic === 'min' ? Math.min(extreme, value) : Math.max(extreme, value);
    }
    return extreme;
  }
  let sum = 0;
  for (let age = lag + bins - 1; age >= lag; age--) sum += history.past(age);
  const mean = sum / bins;
  if (statistic === 'mean') return mean;
  let [squares, cubes] = [0, 0];
  for (let age = lag + bins - 1; age >= lag; age--) {
    const deviation = history.past(age) - mean;
    squares += deviation * deviation;
    cubes += deviation * deviation * deviation;
  }
  const std = Math.sqrt(squares / bins);
  if (statistic === 'std') return std;
  if (std === 0) return 0;
  return statistic === 'z' ? (newest - mean) / std : cubes / bins / (std * std * std);
}

/** Slope per bin of the least-squares line. */
function slopeOf(history: History, bins: number, lag: number): number {
  const centre = (bins - 1) / 2;
  let slope = 0;
  for (let age = bins - 1; age >= 0; age--) slope += (centre - age) * history.past(lag + age);
  return slope / ((bins * (bins * bins - 1)) / 12);
}
