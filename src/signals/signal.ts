import type { RuntimeConfig } from '../config/index.ts';
import { type FeatureSignalColumn, featureSignalColumns, type GridSignalColumn, nearest } from '../config/light.ts';
import { SpymasterError } from '../errors.ts';
import type { StateReader, StateWriter } from '../state.ts';
import type { ScoredSession } from './scored_sessions.ts';
import type { SignalSource } from './signal_source.ts';
import type { TrainedStretch } from './trained_sessions.ts';

/**
 * The grid columns that signals may read, as a grid frame or a dataset holds them: one element per bin and row, rows
 * from k = −radius. A signal names those that it needs; the others may be missing.
 */
export type GridSignalColumns = {
  readonly [Name in GridSignalColumn]: Name extends 'flow_state_code' | 'state5_code' ? Int8Array : Float64Array;
};

/** One number a bin: the mid in ticks of the grid, or a feature of the orders. */
export type BinSignalColumn = 'mid' | FeatureSignalColumn;

/** Numbers of the bin stand beside, the same in all rows of a bin; NaN where one is not known. */
export interface SignalColumns extends GridSignalColumns, Readonly<Record<BinSignalColumn, Float64Array>> {}

export type SignalColumn = keyof SignalColumns;

const featureNames: ReadonlySet<string> = new Set(featureSignalColumns);

export function isFeatureColumn(name: string): name is FeatureSignalColumn {
  return featureNames.has(name);
}

export const isBinColumn = (name: string): name is BinSignalColumn => name === 'mid' || isFeatureColumn(name);

/** Where a signal runs. */
export interface SignalContext {
  /** Rows run from k = −radius to radius. */
  readonly radius: number;
  /** Seconds between bins. */
  readonly binS: number;
  /** Trading date of the session, YYYY-MM-DD; absent where it is not known. */
  readonly date?: string | undefined;
  /** Contract and start of the session, of imported scores alone; absent where they are not known, as in a stream. */
  readonly place?: SessionPlace | undefined;
}

export interface SessionPlace {
  /** Contract, such as MNQH6. */
  readonly symbol: string;
  /** Start of the first bin, UNIX nanoseconds. */
  readonly startNs: string;
}

/** Where a signal runs on the grid of a runtime configuration, in a session of a date. */
export function signalContext(
  { grid_radius_ticks, cell_width_ms }: RuntimeConfig,
  date?: string,
  place?: SessionPlace,
): SignalContext {
  const session = { ...(date !== undefined && { date }), ...(place !== undefined && { place }) };
  return { radius: grid_radius_ticks, binS: cell_width_ms / 1000, ...session };
}

/** A parameter as specs write it: one with `choices` takes one of these words, one with `list` a list, any other a number. */
export type ParameterSpec = NumberParameter | ChoiceParameter | ListParameter;

export interface NumberParameter {
  readonly name: string;
  readonly about: string;
  readonly default: number;
  readonly min: number;
  readonly max?: number;
  /** Whether `min` itself is refused. */
  readonly aboveMin?: boolean;
  readonly integer?: boolean;
  /** Value in stored runs and published versions that predate the parameter. */
  readonly absent?: number;
  /** Why the signal fires alike whatever the parameter's value, as the end of a sentence. */
  readonly changesNoFiring?: string;
}

export interface ChoiceParameter {
  readonly name: string;
  readonly about: string;
  readonly default: string;
  readonly choices: readonly string[];
}

/** A list of numbers, such as windows or weights, or of pairs of them, such as bands of k. */
export interface ListParameter {
  readonly name: string;
  readonly about: string;
  readonly default: ListValue;
  /** Fewest and most elements. */
  readonly list: readonly [least: number, most: number];
  /** Each element is a pair, the first number not above the second. */
  readonly pairs?: boolean;
  /** Of each number, as of a number's parameter. */
  readonly min: number;
  readonly max?: number;
  readonly aboveMin?: boolean;
  readonly integer?: boolean;
}

export type ListValue = readonly number[] | readonly (readonly [number, number])[];
export type ParameterValue = number | string | ListValue;

/** Every parameter of a signal, resolved. */
export type SignalParameters = Readonly<Record<string, ParameterValue>>;

/**
 * One step of a signal: what it makes of a bin and of the step before it. Steps that lie before a parameter's first use
 * give the same numbers for every value of it, so a sweep computes them once.
 */
export interface Stage {
  /** Numbers written per bin. */
  readonly width: number;
  /**
   * Takes the next bin: its rows lie in `columns` from index `at` on, the previous stage's numbers in `input` from
   * `inputAt` on. Writes `width` numbers to `out` from `outAt` on.
   */
  update(
    columns: SignalColumns,
    at: number,
    input: Float64Array,
    inputAt: number,
    out: Float64Array,
    outAt: number,
  ): void;
  save(writer: StateWriter): void;
  restore(reader: StateReader): void;
}

/** A stage that reads the window's rows alone and keeps nothing from bin to bin; `read` takes and writes what `update` does. */
export function windowStage(
  width: number,
  read: (columns: SignalColumns, at: number, out: Float64Array, outAt: number) => void,
): Stage {
  return {
    width,
    update: (columns, at, _input, _inputAt, out, outAt) => read(columns, at, out, outAt),
    save() {},
    restore() {},
  };
}

/** A part of a stage that goes on from bin to bin. */
export interface Memory {
  save(writer: StateWriter): void;
  restore(reader: StateReader): void;
}

/**
 * A last stage: `read` takes a bin's numbers, from `inputAt` on, and gives its score; `isReady` is asked after it, and the
 * score is 0 until then. `memory` is everything that the two keep from bin to bin, in the order of the saved state.
 */
export function scoreStage(
  memory: readonly Memory[],
  read: (input: Float64Array, inputAt: number) => number,
  isReady: () => boolean,
): Stage {
  return {
    width: 2,
    update(_columns, _at, input, inputAt, out, outAt) {
      const score = read(input, inputAt);
      const ready = isReady();
      out[outAt] = ready ? score : 0;
      out[outAt + 1] = ready ? 1 : 0;
    },
    save(writer) {
      for (const part of memory) part.save(writer);
    },
    restore(reader) {
      for (const part of memory) part.restore(reader);
    },
  };
}

export interface StageDefinition {
  /** Names of the parameters that this stage reads. */
  readonly parameters: readonly string[];
  create(parameters: SignalParameters, context: SignalContext): Stage;
}

/** Default thresholds: of the score itself, or percentiles of the |score| seen in a rolling window of past bins. */
export type Thresholds =
  | { readonly kind: 'score'; readonly values: readonly number[] }
  | { readonly kind: 'past_percentile'; readonly values: readonly number[]; readonly windowBins: number };

/** A line that a page draws beside the score. */
export interface SignalSeries {
  readonly name: string;
  readonly about: string;
}

/** A signal as the registry knows it. The last stage writes score, readiness (1 or 0), then its series; a score is 0 until ready. */
export interface SignalDefinition {
  readonly name: string;
  readonly about: string;
  readonly columns: readonly SignalColumn[];
  readonly parameters: readonly ParameterSpec[];
  /**
   * Prefix of the runtime fields that hold this signal's parameters, where they hold them: a serving version then needs no
   * signal block. Without it they stand in that block.
   */
  readonly runtimeFieldPrefix?: string;
  readonly thresholds: Thresholds;
  /** Scores lie between −bound and bound; null: they may be of any size. */
  readonly bound: number | null;
  /** Whether the number of rows changes firings, and not only where the columns' rows lie. */
  readonly feelsRadius: boolean;
  readonly stages: readonly StageDefinition[];
  /** Why the signal hardly ever fires with these parameters, as the end of a sentence; null where nothing is known. */
  readonly silence?: (parameters: SignalParameters) => string | null;
  /** Conflict between parameters that are valid one by one, as the end of a sentence; null without one. */
  readonly conflict?: (parameters: SignalParameters, context: SignalContext) => string | null;
  /** Sessions that it was fitted to, of a user's signal; absent: none. */
  readonly trained?: readonly TrainedStretch[];
  /** Sessions that its scores were imported for; absent: it computes them. */
  readonly imported?: readonly ScoredSession[];
  /** What the last stage writes behind score and readiness, NaN where a bin has no value; absent: nothing. */
  readonly series?: readonly SignalSeries[];
  /** The user's source; absent: built in. */
  readonly source?: SignalSource;
}

/** A running signal. Serving and backtests run this same code, a bin at a time; nothing looks ahead. */
export class Signal {
  readonly definition: SignalDefinition;
  /** −: the market leans down, +: up. 0 until ready. */
  score = 0;
  ready = false;
  readonly #stages: readonly Stage[];
  readonly #outputs: readonly Float64Array[];

  /** `parameters` and `context` as `resolveParameters` accepted them. */
  constructor(definition: SignalDefinition, parameters: SignalParameters, context: SignalContext) {
    this.definition = definition;
    this.#stages = definition.stages.map((stage) => stage.create(parameters, context));
    this.#outputs = this.#stages.map((stage) => new Float64Array(stage.width));
  }

  /** Takes the next bin, whose rows lie in `columns` from index `at` on, and gives its score. */
  update(columns: SignalColumns, at: number): number {
    let input = this.#outputs[0]!;
    for (let stage = 0; stage < this.#stages.length; stage++) {
      const output = this.#outputs[stage]!;
      this.#stages[stage]!.update(columns, at, input, 0, output, 0);
      input = output;
    }
    this.score = input[0]!;
    this.ready = input[1] === 1;
    return this.score;
  }

  /** The series of the last bin; a view, refilled by the next `update`. */
  get series(): Float64Array {
    return this.#outputs.at(-1)!.subarray(2);
  }

  /** Numbers that the stage at `index` wrote for the last bin; a view, refilled by the next `update`. */
  stageOutput(index: number): Float64Array {
    return this.#outputs[index]!;
  }

  save(writer: StateWriter): void {
    writer.array(Float64Array.of(this.score, this.ready ? 1 : 0));
    for (const stage of this.#stages) stage.save(writer);
  }

  restore(reader: StateReader): void {
    const [score, ready] = reader.float64s();
    this.score = score!;
    this.ready = ready === 1;
    for (const stage of this.#stages) stage.restore(reader);
  }
}

/**
 * All parameters of a signal, `given` ones over the defaults.
 * @throws CONFIG_INVALID naming signal, parameter, value and what is allowed, for unknown ones the nearest known
 */
export function resolveParameters(
  definition: SignalDefinition,
  given: Readonly<Record<string, unknown>>,
  context: SignalContext,
): SignalParameters {
  const fail = (text: string, key: string): never => {
    throw new SpymasterError('CONFIG_INVALID', `Cannot use the signal "${definition.name}": ${text}.`, {
      signal: definition.name,
      key,
    });
  };
  const known = definition.parameters.map((parameter) => parameter.name);
  for (const key in given) {
    if (known.includes(key)) continue;
    const hint = known.length === 0 ? 'it has no parameters' : `the nearest known one is "${nearest(key, known)}"`;
    fail(`unknown parameter "${key}"; ${hint}`, key);
  }
  const resolved: Record<string, ParameterValue> = {};
  for (const spec of definition.parameters) {
    const value = given[spec.name] ?? spec.default;
    if (!allowsValue(spec, value)) {
      fail(`${spec.name} is ${JSON.stringify(value)}; allowed: ${allowedText(spec)}`, spec.name);
    }
    resolved[spec.name] = value as ParameterValue;
  }
  const conflict = definition.conflict?.(resolved, context);
  if (conflict) fail(conflict, '');
  return resolved;
}

/**
 * Parameters as a stored run or a published version holds them: those that came later are what they were before, which is
 * not their default now.
 */
export function storedParameters(
  { parameters }: SignalDefinition,
  stored: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const later = parameters.flatMap((spec) =>
    'choices' in spec || 'list' in spec || spec.absent === undefined || Object.hasOwn(stored, spec.name)
      ? []
      : [[spec.name, spec.absent]],
  );
  return later.length === 0 ? stored : { ...stored, ...Object.fromEntries(later) };
}

/** Whether a parameter may have a value. */
export function allowsValue(spec: ParameterSpec, value: unknown): boolean {
  if ('choices' in spec) return typeof value === 'string' && spec.choices.includes(value);
  if (!('list' in spec)) return allowsNumber(spec, value);
  const [least, most] = spec.list;
  if (!Array.isArray(value) || value.length < least || value.length > most) return false;
  if (!spec.pairs) return value.every((one) => allowsNumber(spec, one));
  return value.every(
    (pair) =>
      Array.isArray(pair) && pair.length === 2 && pair.every((one) => allowsNumber(spec, one)) && pair[0] <= pair[1],
  );
}

function allowsNumber(spec: Pick<NumberParameter, 'min' | 'max' | 'aboveMin' | 'integer'>, value: unknown): boolean {
  if (typeof value !== 'number' || !Number.isFinite(value)) return false;
  if (spec.integer && !Number.isInteger(value)) return false;
  return (spec.aboveMin ? value > spec.min : value >= spec.min) && value <= (spec.max ?? Number.POSITIVE_INFINITY);
}

/** The values that a parameter may have, in words: "an integer from 2 to 100". */
export function allowedText(spec: ParameterSpec): string {
  if ('choices' in spec) return `one of ${spec.choices.join(', ')}`;
  if ('list' in spec) {
    const [least, most] = spec.list;
    const count = least === most ? `${least}` : `${least} to ${most}`;
    const range = rangeText(spec).replace(/^an? (\w+)/, '$1s');
    return spec.pairs ? `a list of ${count} pairs [from, to] of ${range}` : `a list of ${count} ${range}`;
  }
  return rangeText(spec);
}

function rangeText(spec: Pick<NumberParameter, 'min' | 'max' | 'aboveMin' | 'integer'>): string {
  const kind = spec.integer ? 'an integer' : 'a number';
  if (spec.max === undefined) return `${kind} ${spec.aboveMin ? '>' : '>='} ${spec.min}`;
  return spec.aboveMin ? `${kind} > ${spec.min} and <= ${spec.max}` : `${kind} from ${spec.min} to ${spec.max}`;
}

/** The numbers that a resolved parameter holds, one with `list`. */
export function numbersOf(parameters: SignalParameters, name: string): readonly number[] {
  return parameters[name] as readonly number[];
}

/** The pairs that a resolved parameter holds, one with `list` and `pairs`. */
export function pairsOf(parameters: SignalParameters, name: string): readonly (readonly [number, number])[] {
  return parameters[name] as readonly (readonly [number, number])[];
}

/** The number that a resolved parameter holds. */
export function numberOf(parameters: SignalParameters, name: string): number {
  return parameters[name] as number;
}
