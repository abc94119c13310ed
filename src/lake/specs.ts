import { readdir } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import {
  type ExperimentSpec,
  locatedIn,
  nearest,
  type Origin,
  type ParsedYaml,
  type PipelineTemplate,
  parseExperimentSpec,
  parsePipelineSpec,
  parsePipelineTemplate,
  parseServingSpec,
  parseYaml,
  place,
  type ResolvedPipeline,
  type ResolvedServingSpec,
  type ResolvedTemplate,
  type RuntimeConfig,
  resolvePipeline,
  resolveServing,
  resolveTemplate,
  type SessionsSpec,
} from '../config/index.ts';
import { SpymasterError } from '../errors.ts';
import { readError } from '../files/index.ts';
import { knownSignals } from '../signals/index.ts';
import { readYamlFile } from './config_files.ts';
import { cleanColumns } from './datasets.ts';
import type { Lake, SpecKind } from './lake.ts';
import { parseOrAdvise } from './legacy/legacy_spec.ts';

/** A pipeline as it applies to the instrument. */
export interface LoadedPipeline extends ResolvedPipeline {
  readonly path: string;
}

/** A serving and the pipeline below it. */
export interface LoadedServing extends ResolvedServingSpec {
  readonly path: string;
  readonly origin: Origin;
  readonly pipeline: LoadedPipeline;
}

/** An experiment of one session, its pipeline's, and the layers below it. */
export interface LoadedExperiment {
  readonly path: string;
  readonly origin: Origin;
  readonly spec: ExperimentSpec;
  readonly sessions: null;
  readonly serving: LoadedServing;
}

/** A pipeline whose days are given by an experiment. */
export interface LoadedTemplate extends ResolvedTemplate {
  readonly path: string;
  readonly origin: Origin;
}

/** An experiment with sessions and the layers below it. */
export interface LoadedSessionsExperiment extends Omit<LoadedExperiment, 'sessions' | 'serving'> {
  readonly sessions: SessionsSpec;
  /** Its runtime configuration holds for all sessions but for the symbol, which a rule may change. */
  readonly serving: Omit<LoadedServing, 'pipeline'> & { readonly pipeline: LoadedTemplate };
}

/**
 * Loads specs and the specs that they name. A name stands for `<name>.yaml` (or .yml) in the folder of its kind, beside
 * that of the file that names it, else in the lake; the name inside must be the same.
 *
 * Methods throw FILE_NOT_FOUND, CONFIG_PARSE, CONFIG_INVALID and INSTRUMENT_LOCKED with file, line and key, and SPEC_UNKNOWN
 * for a name that no file has, with those that there are.
 */
export class SpecFiles {
  readonly #lake: Lake;
  readonly #instrument: RuntimeConfig;

  constructor(lake: Lake, instrument: RuntimeConfig) {
    this.#lake = lake;
    this.#instrument = instrument;
  }

  async pipeline(path: string): Promise<LoadedPipeline> {
    const { value, origin } = await readYamlFile(path);
    const spec = parsePipelineSpec(value, origin);
    assertColumns(spec, origin);
    return { ...resolvePipeline(spec, this.#instrument, origin), path };
  }

  /** A pipeline that may leave its day open; `lock` as of `resolveTemplate`. */
  async template(path: string, lock: 'symbol' | 'root'): Promise<LoadedTemplate> {
    const { value, origin } = await readYamlFile(path);
    const spec = parsePipelineTemplate(value, origin);
    assertColumns(spec, origin);
    return { ...resolveTemplate(spec, this.#instrument, origin, lock), path, origin };
  }

  async serving(path: string): Promise<LoadedServing> {
    const parsed = await readYamlFile(path);
    const spec = parseServingSpec(parsed.value, parsed.origin);
    const pipeline = await this.pipeline(await this.find('pipelines', spec.pipeline, parsed, ['pipeline'], path));
    return { ...resolveServing(spec, pipeline.runtime, parsed.origin), path, origin: parsed.origin, pipeline };
  }

  /** An experiment of one session; one with sessions is refused with CONFIG_INVALID. */
  async experiment(path: string): Promise<LoadedExperiment> {
    const experiment = await this.anyExperiment(path);
    if (experiment.sessions === null) return experiment;
    throw new SpymasterError(
      'CONFIG_INVALID',
      `Cannot use ${place(experiment.origin, ['sessions'], true)}: this takes an experiment of one session, and this one has ` +
        'sessions; leave them out, and name a pipeline with a day.',
      { path, key: 'sessions' },
    );
  }

  /** An experiment of one session or of many, told by `sessions`. */
  async anyExperiment(path: string): Promise<LoadedExperiment | LoadedSessionsExperiment> {
    return await this.#experimentOf(path, await readYamlFile(path));
  }

  /** The same of a text that would be the file at `path`. */
  async experimentOfText(path: string, text: string): Promise<LoadedExperiment | LoadedSessionsExperiment> {
    return await this.#experimentOf(path, parseYaml(text, path));
  }

  async #experimentOf(path: string, parsed: ParsedYaml): Promise<LoadedExperiment | LoadedSessionsExperiment> {
    const { origin } = parsed;
    const spec = parseOrAdvise(path, parsed.value, () => parseExperimentSpec(parsed.value, origin));
    const servingPath = await this.find('serving', spec.serving, parsed, ['serving'], path);
    const { sessions } = spec;
    if (sessions === undefined) return { path, origin, spec, sessions: null, serving: await this.serving(servingPath) };
    const lock = sessions.contract === 'fixed' && sessions.datasets === undefined ? 'symbol' : 'root';
    const serving = await this.servingTemplate(servingPath, lock);
    const names = spec.signals ?? [serving.spec.signal.name];
    return {
      path,
      origin,
      spec,
      sessions,
      serving: { ...serving, pipeline: withNeededColumns(serving.pipeline, names) },
    };
  }

  /** A serving whose pipeline may leave its day open. */
  async servingTemplate(path: string, lock: 'symbol' | 'root'): Promise<LoadedSessionsExperiment['serving']> {
    const parsed = await readYamlFile(path);
    const spec = parseServingSpec(parsed.value, parsed.origin);
    const pipelinePath = await this.find('pipelines', spec.pipeline, parsed, ['pipeline'], path);
    const pipeline = await this.template(pipelinePath, lock);
    return { ...resolveServing(spec, pipeline.runtime, parsed.origin), path, origin: parsed.origin, pipeline };
  }

  /** The file of the spec called `name`, which `path` names under `key`. */
  async find(kind: SpecKind, name: string, from: ParsedYaml, key: readonly string[], path: string): Promise<string> {
    const folders = [...new Set([join(dirname(dirname(resolve(path))), kind), this.#lake.specs(kind)])];
    const known: string[] = [];
    for (const folder of folders) {
      for (const file of await yamlFiles(folder)) {
        if (stem(file) !== name) known.push(stem(file));
        else return checkedName(join(folder, file), name);
      }
    }
    const position = from.origin.locate(key);
    const where = position === null ? path : `${path}:${position.line}:${position.column}`;
    const suggestion = nearest(name, known);
    const remedy =
      suggestion === null
        ? 'neither holds any'
        : `the nearest is ${JSON.stringify(suggestion)}, of ${known.join(', ')}`;
    throw new SpymasterError(
      'SPEC_UNKNOWN',
      `Cannot find ${JSON.stringify(name)}, which ${where} names: expected ${name}.yaml in ${folders.join(' or ')}; ${remedy}.`,
      { path, key: key.join('.'), name, known },
    );
  }
}

/**
 * A template whose datasets hold what these signals read, and the states, unless it says which columns: all of them for many
 * days take terabytes. A signal that nobody knows is refused where the sweep is laid out.
 */
function withNeededColumns(template: LoadedTemplate, signals: readonly string[]): LoadedTemplate {
  const { spec } = template;
  if (spec.pipeline.columns !== undefined) return template;
  const known = knownSignals().filter(({ name }) => signals.includes(name));
  const read = new Set<string>(['state5_code', ...known.flatMap((signal) => signal.columns)]);
  const columns = cleanColumns.filter((name) => read.has(name));
  return { ...template, spec: { ...spec, pipeline: { ...spec.pipeline, columns } } };
}

/** Refuses columns that no dataset has, pointing at the line. */
function assertColumns({ pipeline: { columns } }: PipelineTemplate, origin: Origin): void {
  if (columns === undefined || columns === 'all') return;
  const known: readonly string[] = cleanColumns;
  for (const [i, column] of columns.entries()) {
    if (known.includes(column)) continue;
    const problem = new SpymasterError(
      'CONFIG_INVALID',
      `there is no column ${JSON.stringify(column)}; the nearest is ${JSON.stringify(nearest(column, known))}, and there are ` +
        `${known.join(', ')}.`,
    );
    throw locatedIn(problem, origin, ['pipeline', 'columns', i]);
  }
}

/** Refuses a file whose own name is another than that it was found by. */
async function checkedName(path: string, name: string): Promise<string> {
  const { value, origin } = await readYamlFile(path);
  const own = (value as { name?: unknown } | null)?.name;
  if (own === name || typeof own !== 'string') return path;
  const position = origin.locate(['name']);
  throw new SpymasterError(
    'CONFIG_INVALID',
    `Cannot use ${path}${position === null ? '' : `:${position.line}:${position.column}`}: expected the name ` +
      `${JSON.stringify(name)}, as the file is called, got ${JSON.stringify(own)}; rename one of them.`,
    { path, key: 'name', value: own },
  );
}

async function yamlFiles(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT' || cause.code === 'ENOTDIR') return [];
    throw readError(folder, cause);
  });
  return names.filter((name) => /\.ya?ml$/.test(name)).sort();
}

function stem(file: string): string {
  return basename(file).replace(/\.ya?ml$/, '');
}
