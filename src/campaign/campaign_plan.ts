import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type CampaignSpec,
  type CampaignVariant,
  formatYaml,
  type Plain,
  type ResolvedPipeline,
} from '../config/index.ts';
import { SpymasterError } from '../errors.ts';
import { type HashRecordsOptions, writeFileAtomic } from '../files/index.ts';
import {
  chooseDataset,
  type DatasetManifest,
  findRawFile,
  type Lake,
  type RawMatch,
  type SpecKind,
} from '../lake/index.ts';

/** A dataset that variants of a campaign need, once each. */
export interface PlannedDataset {
  readonly datasetId: string;
  readonly pipeline: ResolvedPipeline;
  /** Bins of its capture, when the recording covers all of it. */
  readonly expectedBins: number;
  /** Null while it is not there. */
  readonly manifest: DatasetManifest | null;
  /** How its raw file compares with what it was made from; null while it is not there. */
  readonly raw: RawMatch | null;
}

/** A spec to write, unless it exists. */
export interface PlannedSpec {
  readonly path: string;
  readonly text: string;
  readonly exists: boolean;
}

export interface CampaignPlan {
  readonly spec: CampaignSpec;
  readonly variants: readonly CampaignVariant[];
  readonly datasets: readonly PlannedDataset[];
  readonly specs: readonly PlannedSpec[];
}

/**
 * Lays out what a campaign needs of a lake and what of it is there; writes nothing. Throws FILE_NOT_FOUND for a session
 * without a raw file, FILE_EXISTS for a spec of that name that says something else, and DATASET_INVALID or CHECKSUM_MISMATCH
 * for a dataset that is there and not whole.
 */
export async function planCampaign(
  lake: Lake,
  spec: CampaignSpec,
  variants: readonly CampaignVariant[],
  options: HashRecordsOptions = {},
): Promise<CampaignPlan> {
  const { product_type, symbol, dt } = spec.base_capture;
  for (const date of dt) await findRawFile(lake, product_type, symbol, date);
  const datasets = new Map<string, PlannedDataset>();
  const specs = new Map<string, PlannedSpec>();
  for (const { pipeline, serving } of variants) {
    for (const [kind, said] of [
      ['pipelines', pipeline.spec],
      ['serving', serving.spec],
    ] as const) {
      const planned = await planSpec(lake, kind, said.name, formatYaml(said as unknown as Plain));
      specs.set(planned.path, planned);
    }
    if (datasets.has(pipeline.datasetId)) continue;
    datasets.set(pipeline.datasetId, await planDataset(lake, pipeline, options));
  }
  // A variant names the dataset that is used: one that was rebuilt has another id than its pipeline's.
  const named = variants.map((variant) => {
    const { datasetId } = datasets.get(variant.pipeline.datasetId) ?? variant.pipeline;
    return { ...variant, pipeline: { ...variant.pipeline, datasetId } };
  });
  return { spec, variants: named, datasets: [...datasets.values()], specs: [...specs.values()] };
}

/** The dataset of a pipeline that is there, or is to be made. */
async function planDataset(
  lake: Lake,
  pipeline: ResolvedPipeline,
  options: HashRecordsOptions,
): Promise<PlannedDataset> {
  const { capture, runtime } = pipeline;
  const spanNs = (capture.endNs ?? capture.sessionEndNs) - capture.startNs;
  const chosen = await chooseDataset(lake, pipeline.datasetId, { ...options, hash: true });
  return {
    datasetId: chosen?.manifest.dataset_id ?? pipeline.datasetId,
    pipeline,
    expectedBins: Math.ceil(Number(spanNs) / (runtime.cell_width_ms * 1e6)),
    manifest: chosen?.manifest ?? null,
    raw: chosen?.raw ?? null,
  };
}

/** Writes the missing pipelines and servings of a campaign, for experiments to name. Throws LAKE_NOT_WRITABLE. */
export async function writeCampaignSpecs(plan: CampaignPlan): Promise<void> {
  for (const { path, text, exists } of plan.specs) if (!exists) await writeFileAtomic(path, text);
}

/** A variant as JSON shows it: its settings, and the names of what it stands for. */
export function variantRow({ date, bundle, settings, pipeline, serving }: CampaignVariant): object {
  return {
    date,
    bundle,
    settings,
    pipeline: pipeline.spec.name,
    serving: serving.spec.name,
    dataset_id: pipeline.datasetId,
  };
}

async function planSpec(lake: Lake, kind: SpecKind, name: string, text: string): Promise<PlannedSpec> {
  const path = join(lake.specs(kind), `${name}.yaml`);
  const found = await readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') return null;
    throw cause;
  });
  if (found === null || found === text) return { path, text, exists: found !== null };
  throw new SpymasterError(
    'FILE_EXISTS',
    `Cannot write the spec ${name}: ${path} is there and says something else; give the campaign another name, or delete the file.`,
    { path },
  );
}
