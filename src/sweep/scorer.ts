import { canonicalJson } from '../config/light.ts';
import { SpymasterError } from '../errors.ts';
import type { SignalColumns, SignalContext, SignalDefinition, SignalParameters } from '../signals/index.ts';

/**
 * Scores of a dataset for one set of parameters after another, by the signal's own incremental stages, a bin at a time.
 * What a stage gave is kept until its parameters, or those of a stage before it, change: cells in the order of their
 * stages' parameters compute each stage as seldom as can be.
 */
export class Scorer {
  readonly #definition: SignalDefinition;
  readonly #context: SignalContext;
  readonly #bins: number;
  readonly #scoredBin: Int32Array;
  #columns: SignalColumns;
  /** Per stage, its parameters when it was last run, and what it gave: `width` numbers a bin. */
  #keys: string[] = [];
  #series: Float64Array[] = [];
  #scores: Float64Array | null = null;

  /** `columns` hold 2·radius + 1 rows a bin; `scoredBin` is told the bin that is being scored. */
  constructor(
    definition: SignalDefinition,
    context: SignalContext,
    bins: number,
    columns: SignalColumns,
    scoredBin: Int32Array = new Int32Array(1),
  ) {
    this.#definition = definition;
    this.#context = context;
    this.#bins = bins;
    this.#columns = columns;
    this.#scoredBin = scoredBin;
  }

  /** Takes other columns; everything is computed afresh. */
  replaceColumns(columns: SignalColumns): void {
    this.#columns = columns;
    this.#keys = [];
  }

  /** Score of every bin; a view, valid until the next call. @throws RESULT_INVALID for a score that is not finite */
  scores(parameters: SignalParameters): Float64Array {
    const { stages } = this.#definition;
    const keys = stages.map((stage) =>
      canonicalJson(Object.fromEntries(stage.parameters.map((name) => [name, parameters[name]]))),
    );
    let first = 0;
    while (first < stages.length && this.#keys[first] === keys[first]) first++;
    if (first === stages.length && this.#scores !== null) return this.#scores;
    this.#keys = keys.slice(0, first);
    for (let index = first; index < stages.length; index++) this.#run(index, parameters);
    this.#keys = keys;
    return this.#takeScores();
  }

  #run(index: number, parameters: SignalParameters): void {
    const stage = this.#definition.stages[index]!.create(parameters, this.#context);
    const { width } = stage;
    const rows = 2 * this.#context.radius + 1;
    const out = this.#series[index] ?? new Float64Array(this.#bins * width);
    const input = index === 0 ? out : this.#series[index - 1]!;
    const inputWidth = input.length / Math.max(this.#bins, 1);
    for (let bin = 0; bin < this.#bins; bin++) {
      this.#scoredBin[0] = bin;
      stage.update(this.#columns, bin * rows, input, bin * inputWidth, out, bin * width);
    }
    this.#series[index] = out;
  }

  #takeScores(): Float64Array {
    const last = this.#series.at(-1)!;
    const width = last.length / Math.max(this.#bins, 1);
    this.#scores ??= new Float64Array(this.#bins);
    for (let bin = 0; bin < this.#bins; bin++) {
      const score = last[bin * width]!;
      if (!Number.isFinite(score)) {
        this.#keys = [];
        throw new SpymasterError(
          'RESULT_INVALID',
          `Cannot score bin ${bin} with the signal ${this.#definition.name}: expected a finite number, got ${score}. ` +
            'A column of the dataset holds such a number, or the signal has a defect.',
          { bin, signal: this.#definition.name },
        );
      }
      this.#scores[bin] = score;
    }
    return this.#scores;
  }
}
