import { readdir } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import {
  type ExperimentSpec,
  nearest,
  type Origin,
  type ParsedYaml,
  parseExperimentSpec,
  parsePipelineSpec,
  parseServingSpec,
  type ResolvedPipeline,
  type ResolvedServingSpec,
  type RuntimeConfig,
  resolvePipeline,
  resolveServing,
} from '../config/index.ts';
import { SpymasterError } from '../errors.ts';
import { readError } from '../files/index.ts';
import { readYamlFile } from './config_files.ts';
import type { Lake, SpecKind } from './lake.ts';

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

/** An experiment and the layers below it. */
export interface LoadedExperiment {
  readonly path: string;
  readonly origin: Origin;
  readonly spec: ExperimentSpec;
  readonly serving: LoadedServing;
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
    return { ...resolvePipeline(parsePipelineSpec(value, origin), this.#instrument, origin), path };
  }

  async serving(path: string): Promise<LoadedServing> {
    const parsed = await readYamlFile(path);
    const spec = parseServingSpec(parsed.value, parsed.origin);
    const pipeline = await this.pipeline(await this.#find('pipelines', spec.pipeline, parsed, ['pipeline'], path));
    return { ...resolveServing(spec, pipeline.runtime, parsed.origin), path, origin: parsed.origin, pipeline };
  }

  async experiment(path: string): Promise<LoadedExperiment> {
    const parsed = await readYamlFile(path);
    const spec = parseExperimentSpec(parsed.value, parsed.origin);
    const serving = await this.serving(await this.#find('serving', spec.serving, parsed, ['serving'], path));
    return { path, origin: parsed.origin, spec, serving };
  }

  /** The file of the spec called `name`, which `path` names under `key`. */
  async #find(kind: SpecKind, name: string, from: ParsedYaml, key: readonly string[], path: string): Promise<string> {
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
