import { dirname, join } from 'node:path';
import type { Origin, Plain, RuntimeConfig } from '../config/index.ts';
import { SpymasterError } from '../errors.ts';
import type { Lake, LoadedPipeline, LoadedServing, NewSpec, SpecFiles } from '../lake/index.ts';
import { checkExperiment } from '../sweep/index.ts';

/** What `validate --fix` wrote. */
export interface FixedFile {
  readonly written: readonly { readonly path: string; readonly kind: string; readonly is_new: boolean }[];
  readonly changes: readonly string[];
}

/** A spec, and where its values were written. */
interface Placed extends NewSpec {
  readonly origin: Origin;
}

export interface FixOptions {
  readonly file: string;
  readonly lake: Lake;
  /** Folder for the new specs; absent: `fixed` beside the file. */
  readonly out: string | undefined;
}

/**
 * Writes the form that a file of the replaced program has today, with the specs that it names, into the folders of their kinds
 * below one folder; the file itself stays. All of it is checked before anything is written. Null when the file needs no other form.
 * Throws CONFIG_INVALID with the reason for which there is none, FILE_EXISTS where another file has the name.
 */
export async function fixFile({ file, lake, out }: FixOptions): Promise<FixedFile | null> {
  const { formatYaml } = await import('../config/index.ts');
  const { instrumentPath, readInstrument, readYamlFile, SpecFiles, translateLegacy } = await import('../lake/index.ts');
  const { value, origin } = await readYamlFile(file);
  const instrument = await readInstrument(instrumentPath(process.env, file));
  const form = translateLegacy(file, value, instrument);
  if (form === null) return null;
  const changes = [...form.changes];
  const named = await namedSpecs(new SpecFiles(lake, instrument), file, form.specs, changes);
  const specs = [...named, ...form.specs.map((spec) => ({ ...spec, origin }))];
  await check(specs, instrument);
  const folder = out ?? join(dirname(file), 'fixed');
  const files = specs.map((spec) => ({
    path: join(folder, spec.kind, `${spec.name}.yaml`),
    kind: spec.kind,
    text: formatYaml(spec.value as Plain),
  }));
  const written = await writeAll(files);
  return { written, changes };
}

/** Specs that are named and stand in other files: servings and pipelines, in today's form. */
async function namedSpecs(
  files: SpecFiles,
  file: string,
  specs: readonly NewSpec[],
  changes: string[],
): Promise<Placed[]> {
  const { readYamlFile, translateLegacy } = await import('../lake/index.ts');
  const found: Placed[] = [];
  const add = async (
    kind: 'serving' | 'pipelines',
    key: 'serving' | 'pipeline',
    from: string,
    value: NewSpec['value'],
  ) => {
    const name = value[key];
    if (typeof name !== 'string' || specs.some((spec) => spec.kind === kind && spec.name === name)) return;
    const path = await files.find(kind, name, await readYamlFile(from), [key], from);
    const parsed = await readYamlFile(path);
    const form = translateLegacy(path, parsed.value, { product_type: 'future_mbo' });
    changes.push(...(form?.changes ?? []).map((change) => `${name}: ${change}`));
    const spec = form?.specs[0] ?? { kind, name, value: parsed.value as NewSpec['value'] };
    if (kind === 'serving') await add('pipelines', 'pipeline', path, spec.value);
    found.push({ ...spec, origin: parsed.origin });
  };
  for (const { kind, value } of specs) {
    if (kind === 'experiments') await add('serving', 'serving', file, value);
    if (kind === 'serving') await add('pipelines', 'pipeline', file, value);
  }
  return found;
}

/** Refuses specs that would not open; each is checked with those that it names. */
async function check(specs: readonly Placed[], instrument: RuntimeConfig): Promise<void> {
  const config = await import('../config/index.ts');
  const { defaultSignal } = await import('../signals/index.ts');
  const pipelines = new Map<string, LoadedPipeline | null>();
  const servings = new Map<string, LoadedServing | null>();
  for (const { kind, name, value, origin } of specs) {
    const path = origin.file;
    switch (kind) {
      case 'pipelines': {
        const { capture } = config.parsePipelineTemplate(value, origin);
        // Days that sessions give are checked when they are planned.
        const isDated = capture.dt !== undefined;
        const spec = isDated ? config.parsePipelineSpec(value, origin) : null;
        pipelines.set(name, spec === null ? null : { ...config.resolvePipeline(spec, instrument, origin), path });
        break;
      }
      case 'serving': {
        const spec = config.parseServingSpec(value, origin);
        const pipeline = pipelines.get(spec.pipeline) ?? null;
        const resolved = config.resolveServing(spec, pipeline?.runtime ?? instrument, origin);
        servings.set(name, pipeline === null ? null : { ...resolved, path, origin, pipeline });
        break;
      }
      case 'gold_campaigns':
        config.campaignVariants(config.parseCampaignSpec(value, origin), instrument, origin, defaultSignal.name);
        break;
      case 'experiments': {
        const spec = config.parseExperimentSpec(value, origin);
        const serving = servings.get(spec.serving) ?? null;
        if (serving !== null) checkExperiment({ path, origin, spec, sessions: null, serving });
      }
    }
  }
}

/** Writes the files, those that are there already with the same content left as they are. */
async function writeAll(
  files: readonly { readonly path: string; readonly kind: string; readonly text: string }[],
): Promise<FixedFile['written']> {
  const { readFile } = await import('node:fs/promises');
  const { writeFileAtomic } = await import('../files/index.ts');
  const present = await Promise.all(files.map(({ path }) => readFile(path, 'utf8').catch(() => null)));
  const other = files.find(({ text }, i) => (present[i] ?? text) !== text);
  if (other !== undefined) {
    throw new SpymasterError(
      'FILE_EXISTS',
      `Cannot write ${other.path}: a file with other content is there; move it, or give another folder with --out.`,
      { path: other.path },
    );
  }
  for (const [i, { path, text }] of files.entries()) if (present[i] === null) await writeFileAtomic(path, text);
  return files.map(({ path, kind }, i) => ({ path, kind, is_new: present[i] === null }));
}
