import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fullDatasetId, type PipelineSpec } from '../config/index.ts';
import { SpymasterError } from '../errors.ts';
import { type DatasetManifest, filesOf, findDataset, gridColumnsOf, listDatasets } from './datasets.ts';
import type { Lake } from './lake.ts';
import type { LoadedPipeline } from './specs.ts';

/** Hexadecimal digits at the end of a dataset's id. */
const hashDigits = 8;

/**
 * The id of a dataset with all columns that is otherwise made as this one: equal for datasets whose numbers are the same
 * wherever both have them.
 */
export function fullIdOf({ dataset_id, spec, resolved_config }: DatasetManifest): string {
  if (!hasFewerColumns(spec)) return dataset_id;
  const rebuilt = /_r[0-9a-f]{8}$/.exec(dataset_id)?.[0] ?? '';
  return `${fullDatasetId(spec, resolved_config)}${rebuilt}`;
}

/** The datasets of a lake, as its folder had them when it was listed. */
export class MadeDatasets {
  readonly #lake: Lake;
  readonly #ids: readonly string[];

  private constructor(lake: Lake, ids: readonly string[]) {
    this.#lake = lake;
    this.#ids = ids;
  }

  static async list(lake: Lake): Promise<MadeDatasets> {
    return new MadeDatasets(lake, await listDatasets(lake));
  }

  /**
   * The dataset that serves a pipeline: its own, or one of the same data with more columns; of several the one with the fewest
   * bytes, then the first by id. One that is not whole serves only when it is the pipeline's own, whose reader names the
   * problem. Null where there is none.
   */
  async serving({ spec, runtime, datasetId }: Omit<LoadedPipeline, 'path'>): Promise<string | null> {
    const stem = datasetId.slice(0, -hashDigits);
    const ids = this.#ids.filter((id) => id.startsWith(stem) && id.length === datasetId.length);
    const isOwn = ids.includes(datasetId);
    if (ids.length === (isOwn ? 1 : 0)) return isOwn ? datasetId : null;
    const fullId = fullDatasetId(spec, runtime);
    const needed = gridColumnsOf(spec);
    const fitting: { readonly id: string; readonly bytes: number }[] = [];
    for (const id of ids) {
      const manifest = await this.#whole(id);
      if (manifest === null || fullIdOf(manifest) !== fullId) continue;
      const held = new Set<string>(gridColumnsOf(manifest.spec));
      if (needed.every((name) => held.has(name))) fitting.push({ id, bytes: await this.#bytesOf(manifest) });
    }
    fitting.sort((a, b) => a.bytes - b.bytes || (a.id < b.id ? -1 : 1));
    return fitting[0]?.id ?? (isOwn ? datasetId : null);
  }

  async #whole(id: string): Promise<DatasetManifest | null> {
    try {
      return await findDataset(this.#lake, id);
    } catch (error) {
      if (error instanceof SpymasterError) return null;
      throw error;
    }
  }

  async #bytesOf(manifest: DatasetManifest): Promise<number> {
    const { dataset_id, file_bytes } = manifest;
    let bytes = 0;
    for (const name of filesOf(manifest)) {
      bytes += file_bytes?.[name] ?? (await stat(join(this.#lake.datasets(dataset_id), name))).size;
    }
    return bytes;
  }
}

function hasFewerColumns({ pipeline: { columns } }: PipelineSpec): boolean {
  return columns !== undefined && columns !== 'all';
}
