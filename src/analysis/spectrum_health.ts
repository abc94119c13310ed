import { type Bin, type ColumnName, type GridFrame, gridColumns, hasMid } from '../engine/index.ts';

/** Rows on one side of spot at a range of distances: `from` ≤ k ≤ `to`. */
export interface Band {
  readonly from: number;
  readonly to: number;
}

/** Shares of all rows of bins that have a window, by state5 code. */
export interface State5Shares {
  readonly band: Band;
  readonly rows: number;
  /** Of codes −2, −1, 0, 1, 2 in this order. */
  readonly shares: readonly number[];
}

/** The flow score of rows of bins that are ready for it. */
export interface FlowShares {
  readonly band: Band;
  readonly rows: number;
  /** Rows whose score is exactly 0: no z-score has a scale yet, or nothing happened there. */
  readonly zeroShare: number;
  /** Of codes −1, 0, 1 in this order. */
  readonly stateShares: readonly number[];
  readonly mean: number;
  readonly deviation: number;
  /** Of scores that are not 0, to within 0.0005: 1, 5, 25, 50, 75, 95, 99 %. */
  readonly quantiles: readonly number[];
  /** Scores that are not 0, counted in `flowHistogramBins` equal parts of [−1, 1]. */
  readonly histogram: readonly number[];
}

export interface SpectrumHealth {
  readonly rowsPerBin: number;
  readonly bins: number;
  /** Bins without a window: a side of the book was empty. */
  readonly windowlessBins: number;
  readonly state5: readonly State5Shares[];
  /** Share of bins by microstate_id: (sign of the best ask's move + 1)·3 + (sign of the best bid's + 1). */
  readonly microstateShares: readonly number[];
  /** Rows whose every column besides k is 0, which datasets leave out; and per k from −radius. */
  readonly emptyRows: number;
  readonly emptyRowShare: number;
  readonly emptyShareByK: readonly number[];
  readonly groups: readonly {
    readonly group: string;
    readonly zeroCellShare: number;
    readonly emptyRowShare: number;
  }[];
  /** Null where the source has no flow score. */
  readonly flow: FlowHealth | null;
  readonly warmUp: WarmUp;
}

export interface FlowHealth {
  readonly readyBins: number;
  /** All rows first, then by |k|. */
  readonly bands: readonly FlowShares[];
  /** Share of ready bins in which the row has a score other than 0, per k from −radius. */
  readonly scoredShareByK: readonly number[];
}

export interface WarmUp {
  /** Bins until a flow score may differ from 0 (`flow_zscore_min_periods`). */
  readonly flowMinPeriods: number;
  /** Number of the first bin with a flow score other than 0; null when there is none, or no flow score. */
  readonly firstFlowBin: number | null;
  /** Bins until the derivative signal is ready, from its own flag; null when it never is. */
  readonly firstSignalBin: number | null;
  readonly signalMinPeriods: number;
}

export const flowHistogramBins = 40;
/** Fine parts of [−1, 1] for quantiles. */
const fineParts = 4000;
const quantilesShown = [0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99];

const groups: readonly (readonly [string, (name: ColumnName) => boolean])[] = [
  ['forces (pressure, vacuum)', (name) => name.endsWith('_variant')],
  ['masses (add, pull, fill)', (name) => name.endsWith('_mass')],
  ['depth (bid, ask, rest)', (name) => /^(rest|bid|ask)_depth$/.test(name)],
  ['velocities (v_*)', (name) => name.startsWith('v_')],
  ['accelerations (a_*)', (name) => name.startsWith('a_')],
  ['jerks (j_*)', (name) => name.startsWith('j_')],
  ['composite and its derivatives', (name) => name.startsWith('composite')],
  [
    'labels (moves, states, flags)',
    (name) => /_(ticks|sign|flag)$/.test(name) || name === 'microstate_id' || name === 'state5_code',
  ],
];

/** |k| bands for the flow score: 1–5, 6–10, 11–20, 21–50, … as far as the radius goes; spot itself is of none. */
export function distanceBands(radius: number): Band[] {
  const bands: Band[] = [];
  for (let from = 1, edges = [5, 10, 20, 50, 100, 200, 500, 1000, 2000]; from <= radius; ) {
    const to = Math.min(edges.shift() ?? radius, radius);
    bands.push({ from, to });
    from = to + 1;
  }
  return bands;
}

class FlowTally {
  readonly band: Band;
  rows = 0;
  zeros = 0;
  readonly states = new Float64Array(3);
  sum = 0;
  squares = 0;
  readonly fine = new Float64Array(fineParts + 1);

  constructor(band: Band) {
    this.band = band;
  }

  add(score: number, code: number): void {
    this.rows++;
    this.states[code + 1]!++;
    if (score === 0) {
      this.zeros++;
      return;
    }
    this.sum += score;
    this.squares += score * score;
    this.fine[Math.round(((score + 1) / 2) * fineParts)]!++;
  }

  shares(): FlowShares {
    const { rows, zeros } = this;
    const scored = rows - zeros;
    const mean = this.sum / scored;
    const histogram = new Array<number>(flowHistogramBins).fill(0);
    this.fine.forEach((count, part) => {
      histogram[Math.min(Math.floor((part / fineParts) * flowHistogramBins), flowHistogramBins - 1)]! += count;
    });
    return {
      band: this.band,
      rows,
      zeroShare: zeros / rows,
      stateShares: Array.from(this.states, (count) => count / rows),
      mean,
      deviation: Math.sqrt(Math.max(0, this.squares / scored - mean * mean)),
      quantiles: quantilesShown.map((q) => this.#quantile(q, scored)),
      histogram,
    };
  }

  #quantile(q: number, scored: number): number {
    if (scored === 0) return Number.NaN;
    const rank = Math.max(1, Math.ceil(q * scored));
    for (let part = 0, below = 0; part <= fineParts; part++) {
      below += this.fine[part]!;
      if (below >= rank) return (2 * part) / fineParts - 1;
    }
    return 1;
  }
}

export interface SpectrumWatchOptions {
  readonly radius: number;
  readonly flowMinPeriods: number;
  readonly signalMinPeriods: number;
  /** Whether frames carry the flow score. */
  readonly hasFlow: boolean;
}

/** Watches the grids of bins go by: one pass, bounded memory. */
export class SpectrumWatch {
  readonly #options: SpectrumWatchOptions;
  readonly #rows: number;
  #bins = 0;
  #windowless = 0;
  /** Counts of the codes −2 … 2 below, at and above spot. */
  readonly #state5 = new Float64Array(15);
  readonly #microstates = new Float64Array(9);
  readonly #emptyByK: Float64Array;
  readonly #emptyMark: Uint8Array;
  readonly #groupMark: Uint8Array;
  readonly #groups: {
    readonly name: string;
    readonly columns: readonly ColumnName[];
    zeroCells: number;
    emptyRows: number;
  }[];
  #emptyRows = 0;
  #readyBins = 0;
  readonly #flow: FlowTally[];
  readonly #bandOf: Uint8Array;
  readonly #scoredByK: Float64Array;
  #firstFlowBin: number | null = null;
  #firstSignalBin: number | null = null;

  constructor(options: SpectrumWatchOptions) {
    const { radius } = options;
    this.#options = options;
    this.#rows = 2 * radius + 1;
    this.#emptyByK = new Float64Array(this.#rows);
    this.#emptyMark = new Uint8Array(this.#rows);
    this.#groupMark = new Uint8Array(this.#rows);
    this.#scoredByK = new Float64Array(this.#rows);
    const names = gridColumns.map(([name]) => name);
    this.#groups = groups.map(([name, belongs]) => ({
      name,
      columns: names.filter(belongs),
      zeroCells: 0,
      emptyRows: 0,
    }));
    const bands = distanceBands(radius);
    this.#flow = [{ from: 0, to: radius }, ...bands].map((band) => new FlowTally(band));
    this.#bandOf = Uint8Array.from({ length: this.#rows }, (_, row) => {
      const distance = Math.abs(row - radius);
      return 1 + bands.findIndex(({ from, to }) => distance >= from && distance <= to);
    });
  }

  add(bin: Bin, frame: GridFrame): void {
    this.#bins++;
    if (bin.signal.ready) this.#firstSignalBin ??= bin.seq;
    if (!hasMid(bin)) {
      this.#windowless++;
      return;
    }
    this.#addLabels(frame);
    this.#addSparsity(frame);
    if (this.#options.hasFlow && bin.seq + 1 >= this.#options.flowMinPeriods) this.#addFlow(bin, frame);
  }

  #addLabels({ columns }: GridFrame): void {
    const { radius } = this.#options;
    const { state5_code: codes } = columns;
    for (let row = 0; row < this.#rows; row++) {
      const side = row < radius ? 0 : row === radius ? 5 : 10;
      this.#state5[side + codes[row]! + 2]!++;
    }
    this.#microstates[columns.microstate_id[radius]!]!++;
  }

  #addSparsity({ columns }: GridFrame): void {
    const rows = this.#rows;
    const empty = this.#emptyMark.fill(1);
    const groupEmpty = this.#groupMark;
    for (const group of this.#groups) {
      groupEmpty.fill(1);
      for (const name of group.columns) {
        const column = columns[name] as Float64Array;
        for (let row = 0; row < rows; row++) {
          if (column[row] === 0) group.zeroCells++;
          else groupEmpty[row] = 0;
        }
      }
      for (let row = 0; row < rows; row++) {
        if (groupEmpty[row] === 1) group.emptyRows++;
        else empty[row] = 0;
      }
    }
    for (let row = 0; row < rows; row++) {
      if (empty[row] === 0 || columns.last_event_id[row] !== 0n) continue;
      this.#emptyRows++;
      this.#emptyByK[row]!++;
    }
  }

  #addFlow(bin: Bin, { columns }: GridFrame): void {
    this.#readyBins++;
    const { flow_score: scores, flow_state_code: codes } = columns;
    const all = this.#flow[0]!;
    for (let row = 0; row < this.#rows; row++) {
      const score = scores[row]!;
      all.add(score, codes[row]!);
      const band = this.#bandOf[row]!;
      if (band > 0) this.#flow[band]!.add(score, codes[row]!);
      if (score === 0) continue;
      this.#scoredByK[row]!++;
      this.#firstFlowBin ??= bin.seq;
    }
  }

  report(): SpectrumHealth {
    const { radius, hasFlow, flowMinPeriods, signalMinPeriods } = this.#options;
    const windows = this.#bins - this.#windowless;
    const sides: readonly Band[] = [
      { from: -radius, to: -1 },
      { from: 0, to: 0 },
      { from: 1, to: radius },
    ];
    return {
      rowsPerBin: this.#rows,
      bins: this.#bins,
      windowlessBins: this.#windowless,
      state5: sides.map((band, side) => {
        const rows = windows * (band.to - band.from + 1);
        return { band, rows, shares: Array.from(this.#state5.subarray(5 * side, 5 * side + 5), (n) => n / rows) };
      }),
      microstateShares: Array.from(this.#microstates, (count) => count / windows),
      emptyRows: this.#emptyRows + this.#windowless * this.#rows,
      emptyRowShare: this.#emptyRows / (windows * this.#rows),
      emptyShareByK: Array.from(this.#emptyByK, (count) => count / windows),
      groups: this.#groups.map(({ name, columns, zeroCells, emptyRows }) => ({
        group: name,
        zeroCellShare: zeroCells / (windows * this.#rows * columns.length),
        emptyRowShare: emptyRows / (windows * this.#rows),
      })),
      flow: hasFlow
        ? {
            readyBins: this.#readyBins,
            bands: this.#flow.map((tally) => tally.shares()),
            scoredShareByK: Array.from(this.#scoredByK, (count) => count / this.#readyBins),
          }
        : null,
      warmUp: {
        flowMinPeriods,
        firstFlowBin: this.#firstFlowBin,
        firstSignalBin: this.#firstSignalBin,
        signalMinPeriods,
      },
    };
  }
}
