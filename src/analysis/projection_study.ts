import { type Projection, plainProjection } from '../config/index.ts';
import { type ProjectionParams, projectFlowScore } from '../spectrum/index.ts';
import { BlockBootstrap, BlockSums, type Estimate } from './block_bootstrap.ts';

/** How good the projection is at one horizon, over all cells that can be judged. */
export interface HorizonResult {
  readonly horizonBins: number;
  readonly horizonS: number;
  /** Cells (bin and price) with a realised score; those where both the projected and the real change are not 0. */
  readonly cells: number;
  readonly calls: number;
  /** Share of calls whose projected change has the sign of the real one; a coin has 0.5. */
  readonly changeHitRate: Estimate;
  /** Share of cells where the projected score has the realised one's sign (0 is a sign), and the score as it is. */
  readonly levelHitRate: Estimate;
  readonly persistenceLevelHitRate: Estimate;
  readonly levelHitGain: Estimate;
  /** Mean absolute errors of the projection, of "stays as it is", and of "is 0". */
  readonly meanAbsError: number;
  readonly persistenceMeanAbsError: number;
  readonly zeroMeanAbsError: number;
  /** 1 − meanAbsError/persistenceMeanAbsError. */
  readonly skill: Estimate;
  /** The same of "is 0": what shrinking towards 0 alone would gain. */
  readonly zeroSkill: Estimate;
  readonly verdict: 'better' | 'worse' | 'no better' | 'too short';
}

export interface SettingResult {
  readonly projection: Projection;
  /** Mean over the horizons of the skill, in the first and the second half of the session. */
  readonly firstHalfSkill: number;
  readonly secondHalfSkill: number;
}

export interface ProjectionStudy {
  /** The setting that `horizons` judges. */
  readonly projection: Projection;
  readonly blockBins: number;
  readonly blocks: number;
  /** Cells of bins that are ready, and why they could not be judged. */
  readonly candidates: number;
  readonly silent: number;
  readonly unseen: number;
  readonly horizons: readonly HorizonResult[];
  readonly sweep: Sweep | null;
}

export interface Sweep {
  readonly settings: readonly SettingResult[];
  /** Place in `settings` of the one with the highest skill in the first half, and of the plain one. */
  readonly chosen: number;
  readonly plain: number;
  /** Of the chosen setting in the second half, per horizon, which had no part in choosing it. */
  readonly chosenSkill: readonly Estimate[];
  readonly plainSkill: readonly Estimate[];
  /** Of "is 0" in the second half. */
  readonly zeroSkill: readonly Estimate[];
  /** Place of the chosen setting among all by skill in the second half, 1 for the best. */
  readonly secondHalfRank: number;
  readonly verdict: 'better' | 'worse' | 'no better' | 'too short';
}

/** Settings of the sweep: cubic term off, weak, and as in a Taylor series, each at rising damping per second. */
const cubicScales = [null, 0.05, 1 / 6] as const;
const dampings = [0, 0.5, 1, 2, 4, 8, 16] as const;
const settings: readonly ProjectionParams[] = cubicScales.flatMap((scale) =>
  dampings.map((dampingLambda) => ({ useCubic: scale !== null, cubicScale: scale ?? 0, dampingLambda })),
);
const plainSetting = settings.findIndex((setting) => !setting.useCubic && setting.dampingLambda === 0);

// Sums per horizon, before one absolute error per setting.
const sum = {
  cells: 0,
  calls: 1,
  hits: 2,
  level: 3,
  persistLevel: 4,
  persistError: 5,
  zeroError: 6,
  errors: 7,
} as const;
const perHorizon = sum.errors + settings.length;
/** Past bins that the third difference needs. */
const past = 3;

export interface ProjectionStudyOptions {
  readonly rows: number;
  readonly cellS: number;
  readonly horizonsBins: readonly number[];
  /** First bin whose scores count. */
  readonly firstBin: number;
  /** Bins over which the score remembers: blocks are no shorter. */
  readonly memoryBins: number;
}

/**
 * Compares projections of the flow score with what came, at the same absolute price, in one pass.
 *
 * A cell is a bin t and a price. Its projection uses the scores of t, t−1, t−2, t−3 at that price and nothing later; the
 * realised score is that of bin t+h at that price. It is judged when all of them lie inside the windows of their bins and
 * the past four are not all 0. Cells of one bin depend on each other and bins on their neighbours: intervals draw blocks.
 */
export class ProjectionWatch {
  readonly #options: ProjectionStudyOptions;
  readonly #furthest: number;
  readonly #ring: Float64Array[];
  /** Tick of row 0 per ring place; NaN without a window. */
  readonly #firstTick: Float64Array;
  readonly #sums: BlockSums;
  #bins = 0;
  #candidates = 0;
  #silent = 0;
  #unseen = 0;

  constructor(options: ProjectionStudyOptions) {
    const { rows, horizonsBins } = options;
    this.#options = options;
    this.#furthest = Math.max(...horizonsBins);
    const depth = this.#furthest + past + 1;
    this.#ring = Array.from({ length: depth }, () => new Float64Array(rows));
    this.#firstTick = new Float64Array(depth).fill(Number.NaN);
    const shortest = Math.max(2 * this.#furthest, options.memoryBins);
    this.#sums = new BlockSums(perHorizon * horizonsBins.length, shortest);
  }

  /** Takes the scores of the next bin; `firstTick` is the price of row 0 in ticks, NaN when the bin has no window. */
  add(scores: Float64Array, firstTick: number): void {
    const depth = this.#ring.length;
    const place = this.#bins % depth;
    this.#ring[place]!.set(scores);
    this.#firstTick[place] = firstTick;
    this.#bins++;
    const origin = this.#bins - 1 - this.#furthest;
    if (origin - past >= this.#options.firstBin) this.#judge(origin);
  }

  #judge(origin: number): void {
    const { rows, cellS } = this.#options;
    const sums = this.#sums.next();
    const depth = this.#ring.length;
    const first = this.#firstTick[origin % depth]!;
    if (Number.isNaN(first)) return;
    const at = (bin: number, row: number) => {
      const index = row + first - this.#firstTick[bin % depth]!;
      return index >= 0 && index < rows ? this.#ring[bin % depth]![index]! : Number.NaN;
    };
    for (let row = 0; row < rows; row++) {
      this.#candidates++;
      const s = at(origin, row);
      const p1 = at(origin - 1, row);
      const p2 = at(origin - 2, row);
      const p3 = at(origin - 3, row);
      const s1 = (s - p1) / cellS;
      const before = (p1 - p2) / cellS;
      const s2 = (s1 - before) / cellS;
      const s3 = (s2 - (before - (p2 - p3) / cellS) / cellS) / cellS;
      if (Number.isNaN(s3)) this.#unseen++;
      else if (s === 0 && p1 === 0 && p2 === 0 && p3 === 0) this.#silent++;
      else this.#judgeCell(sums, origin, row, at, s, s1, s2, s3);
    }
  }

  #judgeCell(
    sums: Float64Array,
    origin: number,
    row: number,
    at: (bin: number, row: number) => number,
    s: number,
    s1: number,
    s2: number,
    s3: number,
  ): void {
    const { horizonsBins, cellS } = this.#options;
    for (let h = 0; h < horizonsBins.length; h++) {
      const bins = horizonsBins[h]!;
      const real = at(origin + bins, row);
      if (Number.isNaN(real)) continue;
      const base = h * perHorizon;
      sums[base + sum.cells]!++;
      sums[base + sum.persistError]! += Math.abs(real - s);
      sums[base + sum.zeroError]! += Math.abs(real);
      if (Math.sign(s) === Math.sign(real)) sums[base + sum.persistLevel]!++;
      for (let i = 0; i < settings.length; i++) {
        const projected = projectFlowScore(s, s1, s2, s3, bins * cellS, settings[i]!);
        sums[base + sum.errors + i]! += Math.abs(real - projected);
        if (i !== plainSetting) continue;
        if (Math.sign(projected) === Math.sign(real)) sums[base + sum.level]!++;
        if (projected === s || real === s) continue;
        sums[base + sum.calls]!++;
        if (projected > s === real > s) sums[base + sum.hits]!++;
      }
    }
  }

  report(): ProjectionStudy {
    const { horizonsBins } = this.#options;
    const bootstrap = new BlockBootstrap(this.#sums.blocks, 1);
    return {
      projection: plainProjection,
      blockBins: this.#sums.blockBins,
      blocks: this.#sums.blocks,
      candidates: this.#candidates,
      silent: this.#silent,
      unseen: this.#unseen,
      horizons: horizonsBins.map((_, h) => this.#horizon(h, bootstrap)),
      sweep: this.#sweep(),
    };
  }

  #horizon(h: number, bootstrap: BlockBootstrap): HorizonResult {
    const { horizonsBins, cellS } = this.#options;
    const column = (name: keyof typeof sum) => this.#sums.column(h * perHorizon + sum[name]);
    const errors = this.#sums.column(h * perHorizon + sum.errors + plainSetting);
    const total = (values: Float64Array) => values.reduce((a, b) => a + b, 0);
    const cells = column('cells');
    const count = total(cells);
    const level = column('level');
    const persistLevel = column('persistLevel');
    const skill = this.#skill(bootstrap, h, sum.errors + plainSetting);
    return {
      horizonBins: horizonsBins[h]!,
      horizonS: horizonsBins[h]! * cellS,
      cells: count,
      calls: total(column('calls')),
      changeHitRate: bootstrap.ratio(column('hits'), column('calls')),
      levelHitRate: bootstrap.ratio(level, cells),
      persistenceLevelHitRate: bootstrap.ratio(persistLevel, cells),
      levelHitGain: bootstrap.ratio(
        level.map((value, i) => value - persistLevel[i]!),
        cells,
      ),
      meanAbsError: total(errors) / count,
      persistenceMeanAbsError: total(column('persistError')) / count,
      zeroMeanAbsError: total(column('zeroError')) / count,
      skill,
      zeroSkill: this.#skill(bootstrap, h, sum.zeroError),
      verdict: judged(skill),
    };
  }

  /** 1 − error/persistence's error over the blocks from `from` on; `error` is the place of the error's sum. */
  #skill(bootstrap: BlockBootstrap, h: number, error: number, from = 0): Estimate {
    const persist = this.#sums.column(h * perHorizon + sum.persistError, from);
    const errors = this.#sums.column(h * perHorizon + error, from);
    const gains = errors.map((each, block) => persist[block]! - each);
    return bootstrap.ratio(gains, persist);
  }

  #sweep(): Sweep | null {
    const { blocks } = this.#sums;
    const half = Math.floor(blocks / 2);
    if (half < 2) return null;
    const horizons = this.#options.horizonsBins;
    const meanSkill = (setting: number, from: number, to: number) =>
      horizons.reduce((total, _, h) => total + this.#ratioSkill(h, setting, from, to), 0) / horizons.length;
    // The block in between is left out: what was projected just before the middle is realised after it.
    const results = settings.map(({ useCubic, cubicScale, dampingLambda }, setting) => ({
      projection: { use_cubic: useCubic, cubic_scale: cubicScale, damping_lambda: dampingLambda },
      firstHalfSkill: meanSkill(setting, 0, half),
      secondHalfSkill: meanSkill(setting, half + 1, blocks),
    }));
    if (results.some(({ firstHalfSkill }) => Number.isNaN(firstHalfSkill))) return null;
    const best = Math.max(...results.map(({ firstHalfSkill }) => firstHalfSkill));
    const chosen = results.findIndex(({ firstHalfSkill }) => firstHalfSkill === best);
    const bootstrap = new BlockBootstrap(blocks - half - 1, 2);
    const later = (h: number, error: number) => this.#skill(bootstrap, h, error, half + 1);
    const reached = results[chosen]!.secondHalfSkill;
    const chosenSkill = horizons.map((_, h) => later(h, sum.errors + chosen));
    const verdicts = chosenSkill.map(judged);
    return {
      settings: results,
      chosen,
      plain: plainSetting,
      chosenSkill,
      plainSkill: horizons.map((_, h) => later(h, sum.errors + plainSetting)),
      zeroSkill: horizons.map((_, h) => later(h, sum.zeroError)),
      secondHalfRank: 1 + results.filter(({ secondHalfSkill }) => secondHalfSkill > reached).length,
      verdict: verdicts.every((verdict) => verdict === verdicts[0]) ? verdicts[0]! : 'no better',
    };
  }

  #ratioSkill(h: number, setting: number, from: number, to: number): number {
    const total = (index: number) => this.#sums.column(h * perHorizon + index, from, to).reduce((a, b) => a + b, 0);
    return 1 - total(sum.errors + setting) / total(sum.persistError);
  }
}

function judged({ low, high }: Estimate): HorizonResult['verdict'] {
  if (Number.isNaN(low)) return 'too short';
  return low > 0 ? 'better' : high < 0 ? 'worse' : 'no better';
}
