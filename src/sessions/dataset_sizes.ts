import type { RuntimeConfig } from '../config/index.ts';
import { SpymasterError } from '../errors.ts';
import { cleanColumns, findDataset, type Lake, listDatasets } from '../lake/index.ts';
import type { PlannedSession } from './session_plan.ts';

/** What the datasets of a plan that are not made yet will take on disk. */
export interface SizeEstimate {
  readonly datasets: number;
  readonly bytes: number;
  /** `similar`: as datasets of the same grid in the lake take for a bin; `at_most`: all numbers of all rows, without compression. */
  readonly basis: 'similar' | 'at_most';
}

/** Settings that the rows of a bin depend on. */
const gridOf = ({ symbol_root, cell_width_ms, grid_radius_ticks }: RuntimeConfig) =>
  `${symbol_root} ${cell_width_ms} ${grid_radius_ticks}`;

interface SizedPlan {
  readonly sessions: readonly Pick<PlannedSession, 'isMade' | 'bins' | 'pipeline'>[];
}

/** The size of the datasets that a plan would make. Throws what listing datasets throws. */
export async function estimateSizes(lake: Lake, plan: SizedPlan): Promise<SizeEstimate> {
  const toMake = plan.sessions.filter(({ isMade }) => !isMade);
  const [first] = toMake;
  const bins = toMake.reduce((sum, session) => sum + session.bins, 0);
  if (first === undefined) return { datasets: 0, bytes: 0, basis: 'similar' };
  const { spec, runtime } = first.pipeline;
  const perBin = await bytesPerBin(lake, gridOf(runtime), spec.pipeline.columns);
  if (perBin !== null) return { datasets: toMake.length, bytes: Math.round(bins * perBin), basis: 'similar' };
  const { columns } = spec.pipeline;
  const count = columns === undefined || columns === 'all' ? cleanColumns.length : columns.length;
  const rows = bins * (2 * runtime.grid_radius_ticks + 1);
  return { datasets: toMake.length, bytes: rows * count * 8, basis: 'at_most' };
}

/** Bytes of a bin in the datasets of a grid with these columns; null where there are none. */
async function bytesPerBin(lake: Lake, grid: string, columns: unknown): Promise<number | null> {
  let bins = 0;
  let bytes = 0;
  for (const id of await listDatasets(lake)) {
    const manifest = await findDataset(lake, id).catch((error: unknown) => {
      if (error instanceof SpymasterError) return null;
      throw error;
    });
    if (manifest === null || manifest.file_bytes === undefined || gridOf(manifest.resolved_config) !== grid) continue;
    if (JSON.stringify(manifest.spec.pipeline.columns ?? 'all') !== JSON.stringify(columns ?? 'all')) continue;
    bins += manifest.bins;
    bytes += Object.values(manifest.file_bytes).reduce((sum, size) => sum + size, 0);
  }
  return bins === 0 ? null : bytes / bins;
}
