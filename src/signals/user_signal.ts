import { featureSignalColumns, gridSignalColumns, nearest } from '../config/light.ts';
import { SpymasterError } from '../errors.ts';
import type { StateReader, StateWriter } from '../state.ts';
import { importedProblem, type ScoredSession } from './scored_sessions.ts';
import {
  allowedText,
  allowsValue,
  type ListParameter,
  type ParameterSpec,
  type SignalColumn,
  type SignalColumns,
  type SignalContext,
  type SignalDefinition,
  type SignalParameters,
  type SignalSeries,
  type Stage,
  type Thresholds,
} from './signal.ts';
import type { SignalSource } from './signal_source.ts';
import { type TrainedStretch, trainedProblem } from './trained_sessions.ts';

/** Version of what `spymaster/signal` computes: raised when anything that it exports gives other numbers. */
export const signalApiVersion = 1;

/**
 * One bin as a user's signal sees it: the columns that the signal names, 2·radius + 1 rows each, the row of k at index
 * radius + k; the mid and features are the same in all of them. The arrays are filled anew for each bin, and no other bin can be reached from them.
 */
export type SignalBin = SignalColumns;

/** A user's signal that runs. */
export interface RunningSignal {
  /**
   * Takes the next bin and gives its score, − where the market leans down, + up; null while there is none yet. `series` has an element for
   * each of the definition's, to be written; those that are not stay without a value.
   */
  update(bin: SignalBin, series: Float64Array): number | null;
  /** Writes everything that `update` keeps from bin to bin; `restore` reads it in the same order. */
  save(writer: StateWriter): void;
  restore(reader: StateReader): void;
}

/** What the file of a user's signal exports as its default. */
export interface UserSignal {
  /** As the file is called, without `.ts`. */
  readonly name: string;
  /** One line. */
  readonly doc: string;
  readonly columns: readonly SignalColumn[];
  readonly parameters: readonly ParameterSpec[];
  readonly thresholds: Thresholds;
  /** Scores lie between −bound and bound; null or absent: they may be of any size. */
  readonly bound?: number | null;
  /** Sessions that it was fitted to, on which `run` does not judge it; absent: none. */
  readonly trained?: readonly TrainedStretch[];
  /** Sessions that its scores were imported for, of which alone it has any; absent: it computes them. */
  readonly imported?: readonly ScoredSession[];
  /** Up to four lines that pages draw beside the score. */
  readonly series?: readonly SignalSeries[];
  create(parameters: SignalParameters, context: SignalContext): RunningSignal;
}

/** Gives `definition` back: for the editor, which then knows its type. */
export function defineSignal(definition: UserSignal): UserSignal {
  return definition;
}

/** What is known of a user's signal without running it. */
export type SignalDescription = Omit<SignalDefinition, 'stages' | 'silence' | 'conflict' | 'source'>;

/** Scheme of the addresses under which the files of a source are loaded: `spymaster-signal://<hash>/<path>`. */
export const signalScheme = 'spymaster-signal:';

const fields = [
  ...(['name', 'doc', 'columns', 'parameters', 'thresholds', 'bound', 'trained', 'imported', 'series'] as const),
  'create',
] as const;
/** Most series of a signal. */
const maxSeries = 4;

/**
 * Checks what a signal's file exports. `name` is the file's, `where` names the file in errors.
 * @throws SIGNAL_FAILED naming file, key, and what is expected
 */
export function checkedUserSignal(value: unknown, name: string, where: string): UserSignal {
  const fail = (key: string, text: string): never => {
    throw new SpymasterError('SIGNAL_FAILED', `Cannot use ${where}: ${text}.`, { path: where, key });
  };
  if (typeof value !== 'object' || value === null) {
    return fail('default', 'expected a definition as its default export, `export default defineSignal({ … })`');
  }
  const given = value as Record<string, unknown>;
  for (const key of Object.keys(given)) {
    if (!(fields as readonly string[]).includes(key)) {
      fail(key, `a signal has no field "${key}"; the nearest is "${nearest(key, fields)}"`);
    }
  }
  if (given.name !== name) fail('name', `expected the name "${name}", as the file is called, got ${shown(given.name)}`);
  if (typeof given.doc !== 'string' || given.doc === '') fail('doc', 'expected doc, one line that says what it shows');
  if (typeof given.create !== 'function') fail('create', 'expected create, a function of parameters and context');
  const columns = Array.isArray(given.columns) ? given.columns : fail('columns', 'expected columns, a list of names');
  if (columns.length === 0 && given.imported === undefined) fail('columns', 'expected at least one column to read');
  const known = [...gridSignalColumns, 'mid', ...featureSignalColumns];
  for (const column of columns) {
    if (typeof column === 'string' && known.includes(column)) continue;
    fail('columns', `there is no column ${shown(column)}; the nearest is "${nearest(String(column), known)}"`);
  }
  const parameters = Array.isArray(given.parameters)
    ? given.parameters
    : fail('parameters', 'expected parameters, a list');
  const names = new Set<string>();
  for (const parameter of parameters as readonly Record<string, unknown>[]) {
    const problem = parameterProblem(parameter);
    if (problem !== null) fail('parameters', problem);
    if (names.has(String(parameter.name))) fail('parameters', `the parameter ${shown(parameter.name)} is there twice`);
    names.add(String(parameter.name));
  }
  const problem = thresholdsProblem(given.thresholds);
  if (problem !== null) fail('thresholds', problem);
  const bound = given.bound ?? null;
  if (bound !== null && !(typeof bound === 'number' && bound > 0))
    fail('bound', `bound is ${shown(bound)}; allowed: a number > 0, or null`);
  const untrained = given.trained === undefined ? null : trainedProblem(given.trained);
  if (untrained !== null) fail('trained', untrained);
  const unimported = given.imported === undefined ? null : importedProblem(given.imported);
  if (unimported !== null) fail('imported', unimported);
  const series = seriesProblem(given.series);
  if (series !== null) fail('series', series);
  return value as UserSignal;
}

function seriesProblem(value: unknown): string | null {
  if (value === undefined) return null;
  const expected = `expected series, up to ${maxSeries} of { name, about }`;
  if (!Array.isArray(value) || value.length > maxSeries) return expected;
  const names = value.map((one: unknown) => (one as Partial<SignalSeries> | null)?.name);
  const isText = (one: unknown) => typeof one === 'string' && one !== '';
  if (!value.every((one: Partial<SignalSeries> | null, at) => isText(names[at]) && isText(one?.about))) return expected;
  return new Set(names).size === names.length ? null : 'two series have one name';
}

function shown(value: unknown): string {
  return JSON.stringify(value) ?? 'nothing';
}

function parameterProblem(parameter: Readonly<Record<string, unknown>>): string | null {
  if (typeof parameter !== 'object' || parameter === null || typeof parameter.name !== 'string') {
    return 'expected each parameter to be { name, about, default, min, max? }, the same with list: [least, most], or { name, about, default, choices }';
  }
  const { name } = parameter;
  if (!/^[A-Za-z][A-Za-z0-9_]*$/.test(name))
    return `the parameter name ${shown(name)} is no word of letters, digits and _`;
  const keys = ['name', 'about', 'default', 'min', 'max', 'aboveMin', 'integer', 'choices', 'list', 'pairs'];
  const unknown = Object.keys(parameter).find((key) => !keys.includes(key));
  if (unknown !== undefined)
    return `the parameter ${name} has no field "${unknown}"; the nearest is "${nearest(unknown, keys)}"`;
  if (typeof parameter.about !== 'string') return `the parameter ${name} needs about, one line`;
  if (Array.isArray(parameter.choices)) {
    return parameter.choices.includes(parameter.default) ? null : `the default of ${name} is none of its choices`;
  }
  const { default: initial, min, max = Number.POSITIVE_INFINITY } = parameter;
  if (parameter.list !== undefined) return listProblem(parameter);
  if (typeof initial !== 'number' || typeof min !== 'number' || typeof max !== 'number') {
    return `the parameter ${name} needs numbers as default and min, or choices`;
  }
  const isAllowed = initial <= max && (parameter.aboveMin ? initial > min : initial >= min);
  return isAllowed ? null : `the default of ${name}, ${initial}, lies outside of what it allows`;
}

function listProblem({ name, list, min, max, pairs, ...rest }: Readonly<Record<string, unknown>>): string | null {
  const [least, most] = Array.isArray(list) ? (list as unknown[]) : [];
  const isCount = (value: unknown) => Number.isInteger(value) && Number(value) >= 1;
  if (!isCount(least) || !isCount(most) || Number(least) > Number(most)) {
    return `list of the parameter ${name} is ${shown(list)}; expected [least, most], the numbers of elements that it may have`;
  }
  if (typeof min !== 'number' || (max !== undefined && typeof max !== 'number')) {
    return `the parameter ${name} needs a number as min, of each element`;
  }
  const spec = {
    ...rest,
    name,
    list,
    min,
    ...(max === undefined ? {} : { max }),
    ...(pairs === undefined ? {} : { pairs }),
  };
  const parameter = spec as unknown as ListParameter;
  if (allowsValue(parameter, parameter.default)) return null;
  return `the default of ${name} is ${shown(parameter.default)}; allowed: ${allowedText(parameter)}`;
}

function thresholdsProblem(value: unknown): string | null {
  const { kind, values, windowBins } = (value ?? {}) as Readonly<Record<string, unknown>>;
  const isList =
    Array.isArray(values) && values.length > 0 && values.every((one) => typeof one === 'number' && one > 0);
  if (kind === 'score' && isList) return null;
  if (
    kind === 'past_percentile' &&
    isList &&
    values.every((one) => one <= 100) &&
    Number.isInteger(windowBins) &&
    Number(windowBins) >= 2
  )
    return null;
  return "expected thresholds { kind: 'score', values: [numbers > 0] } or { kind: 'past_percentile', values: [up to 100], windowBins }";
}

/** What a checked definition says, without its code. */
export function describeSignal(definition: UserSignal): SignalDescription {
  const { name, doc, columns, parameters, thresholds, bound = null, trained, imported, series = [] } = definition;
  const described = { name, about: doc, columns, parameters, thresholds, bound, feelsRadius: true };
  const fitted = { ...(trained && { trained }), ...(imported && { imported }) };
  return { ...described, ...fitted, ...(series.length > 0 && { series }) };
}

/**
 * What another thread can see of a user's signal that runs: the bin that it is at, counted from 1, −1 while it starts, and 0 while it is not
 * running; and how often that has changed.
 */
export type RunningBin = Int32Array<SharedArrayBuffer>;

/** A user's signal as one of the registry; it has one stage, which all of its parameters change. */
export function userSignalDefinition(
  definition: UserSignal,
  source: SignalSource,
  running: RunningBin = new Int32Array(new SharedArrayBuffer(8)),
): SignalDefinition {
  const description = describeSignal(definition);
  return {
    ...description,
    source,
    stages: [
      {
        parameters: definition.parameters.map(({ name }) => name),
        create: (parameters, context) => new UserStage(definition, source, running, parameters, context),
      },
    ],
  };
}

/** The same where only the description is known: sweeps can be laid out with it, and no bin scored. */
export function describedSignalDefinition(description: SignalDescription, source: SignalSource): SignalDefinition {
  const create = (): never => {
    throw new Error(`the signal ${description.name} is not loaded in this thread`);
  };
  return { ...description, source, stages: [{ parameters: description.parameters.map(({ name }) => name), create }] };
}

/** Hands a user's signal one bin at a time, in arrays of its own. */
class UserStage implements Stage {
  readonly width: number;
  readonly #source: SignalSource;
  readonly #columns: readonly SignalColumn[];
  readonly #bin: SignalBin;
  readonly #signal: RunningSignal;
  readonly #series: Float64Array;
  /** Bins taken. */
  #bins = 0;

  readonly #running: RunningBin;

  constructor(
    definition: UserSignal,
    source: SignalSource,
    running: RunningBin,
    parameters: SignalParameters,
    context: SignalContext,
  ) {
    this.#source = source;
    this.#running = running;
    this.#columns = definition.columns;
    this.#series = new Float64Array(definition.series?.length ?? 0);
    this.width = 2 + this.#series.length;
    const rows = 2 * context.radius + 1;
    const arrays = definition.columns.map((name) => [
      name,
      isCode(name) ? new Int8Array(rows) : new Float64Array(rows),
    ]);
    this.#bin = Object.fromEntries(arrays) as SignalBin;
    const { place, ...rest } = context;
    // A stream has no place: a signal that computed with it would give other scores there than in a sweep.
    const given = definition.imported === undefined ? rest : { ...rest, place };
    this.#signal = this.#inUserCode(-1, () => definition.create(structuredClone(parameters), given));
  }

  update(columns: SignalColumns, at: number, _i: Float64Array, _iAt: number, out: Float64Array, outAt: number): void {
    const bin = this.#bins++;
    for (const name of this.#columns) {
      const copy = this.#bin[name];
      const given = columns[name];
      for (let row = 0; row < copy.length; row++) copy[row] = given[at + row]!;
    }
    const score = this.#inUserCode(bin, () => {
      this.#series.fill(Number.NaN);
      const given = this.#signal.update(this.#bin, this.#series);
      this.#assertUntouched(columns, at);
      if (given !== null && !Number.isFinite(given)) {
        throw new Error(`update gave ${String(given)}; expected a finite number, or null while there is no score`);
      }
      return given;
    });
    out[outAt] = score ?? 0;
    out[outAt + 1] = score === null ? 0 : 1;
    for (let at = 0; at < this.#series.length; at++) out[outAt + 2 + at] = this.#series[at]!;
  }

  /** What is handed over is not for writing: a signal that sorts a column in place reads its own numbers. */
  #assertUntouched(columns: SignalColumns, at: number): void {
    for (const name of this.#columns) {
      const copy = this.#bin[name];
      const given = columns[name];
      for (let row = 0; row < copy.length; row++) {
        if (!Object.is(copy[row], given[at + row])) {
          throw new Error(`update wrote into its input ${name}; copy a column before changing it`);
        }
      }
    }
  }

  /** Runs code of the user, seen by other threads; `bin` is −1 before the first. @throws SIGNAL_FAILED for whatever it throws */
  #inUserCode<T>(bin: number, run: () => T): T {
    const running = this.#running;
    Atomics.store(running, 0, bin < 0 ? -1 : bin + 1);
    Atomics.add(running, 1, 1);
    try {
      return run();
    } catch (error) {
      throw signalFailure(error, this.#source, bin < 0 ? null : bin);
    } finally {
      Atomics.store(running, 0, 0);
    }
  }

  save(writer: StateWriter): void {
    writer.number(this.#bins);
    this.#inUserCode(this.#bins - 1, () => this.#signal.save(writer));
  }

  restore(reader: StateReader): void {
    this.#bins = reader.number();
    this.#inUserCode(this.#bins - 1, () => this.#signal.restore(reader));
  }
}

function isCode(name: SignalColumn): boolean {
  return name === 'flow_state_code' || name === 'state5_code';
}

/** The place in a user's file that an error names first: `my_signal.ts:12:5`; null where it names none. */
export function placeInSource(error: unknown): string | null {
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  return /spymaster-signal:\/\/[^/\s]*\/([^\s():]+(?::\d+){1,2})/.exec(stack)?.[1] ?? null;
}

/** An error of a user's code with its file and line, and its bin, counted from the first that the signal took. */
export function signalFailure(
  error: unknown,
  { name, entry, folder }: Pick<SignalSource, 'name' | 'entry' | 'folder'>,
  bin: number | null,
): SpymasterError {
  const file = `${folder}/${placeInSource(error) ?? entry}`;
  const text =
    error instanceof Error ? `${error.name === 'Error' ? '' : `${error.name}: `}${error.message}` : String(error);
  const when = bin === null ? '' : ` at bin ${bin}`;
  return new SpymasterError(
    'SIGNAL_FAILED',
    `The signal ${name} failed${when} in ${file}: ${text.replace(/\.$/, '')}.`,
    { signal: name, path: file, ...(bin === null ? {} : { bin }) },
    error,
  );
}
