import { z } from 'zod';
import { canonicalJson, contentHash, type PipelineSpec, type RuntimeConfig, resolveDay } from '../config/index.ts';
import { present, SpymasterError } from '../errors.ts';
import { type Lake, type LoadedPipeline, PlanFiles } from '../lake/index.ts';
import {
  evaluationVersion,
  planSignal,
  planSweep,
  readsFlowScore,
  type SweepPlan,
  type SweepRequest,
} from '../sweep/index.ts';
import { knowStoredSignal } from '../user_signals/index.ts';
import { type Share, type ShareRange, shareId, shareRanges } from './shares.ts';

/** A dataset of a plan, and what it is made from when it is missing. */
export interface PlannedDataset {
  readonly dataset_id: string;
  /** Null for the dataset's own. */
  readonly window: string | null;
  readonly pipeline: { readonly spec: PipelineSpec; readonly runtime: RuntimeConfig };
}

/** What a plan's hash is taken of: all that its results depend on, without a path or a clock. */
export interface PlanContent {
  readonly format: 1;
  readonly evaluation_version: number;
  readonly experiment_name: string;
  readonly sweep_id: string;
  /** Most time of a cell in a session, in milliseconds. */
  readonly timeout_ms: number;
  readonly requests: readonly SweepRequest[];
  readonly datasets: readonly PlannedDataset[];
}

/** How a plan is cut, fixed when it is stored first. */
export interface PlanCut {
  /** Trials a share, by signal. */
  readonly sizes: readonly number[];
  /** Time of a trial in a session that they were chosen by, in milliseconds. */
  readonly trial_ms: readonly number[];
}

/** A cut as it is stored: with its counts, for those who follow the plan and do not lay it out. */
export interface StoredCut extends PlanCut {
  readonly shares: number;
  readonly units: number;
}

const storedSchema = z.object({
  content: z.object({ format: z.literal(1), requests: z.array(z.unknown()), datasets: z.array(z.unknown()) }).loose(),
  cut: z.object({ sizes: z.array(z.int().min(1)), trial_ms: z.array(z.number()), shares: z.int(), units: z.int() }),
});

/** A plan that is stored in a lake: what every machine of a fleet works from. */
export class FleetPlan {
  readonly hash: string;
  readonly content: PlanContent;
  readonly cut: PlanCut;
  /** One a signal. */
  readonly sweeps: readonly SweepPlan[];
  readonly ranges: readonly ShareRange[];
  readonly #rangesByStart: ReadonlyMap<number, number>;

  constructor(hash: string, content: PlanContent, cut: PlanCut) {
    this.hash = hash;
    this.content = content;
    this.cut = cut;
    this.sweeps = content.requests.map((request) => planSweep(request));
    this.ranges = shareRanges(this.sweeps.map(groupsOf), cut.sizes);
    this.#rangesByStart = new Map(this.ranges.map(({ from, to }) => [from, to]));
  }

  /** Shares of all datasets. */
  get shareCount(): number {
    return this.ranges.length * this.content.datasets.length;
  }

  /** Trials in sessions. */
  get unitCount(): number {
    const trials = this.sweeps.reduce((sum, { cells }) => sum + cells.trialCount, 0);
    return trials * this.content.datasets.length;
  }

  get isOneSession(): boolean {
    return this.content.datasets.length === 1;
  }

  /** All shares, dataset after dataset. */
  *shares(): Generator<Share> {
    for (const { dataset_id } of this.content.datasets) yield* this.sharesOf(dataset_id);
  }

  *sharesOf(datasetId: string): Generator<Share> {
    for (const range of this.ranges) yield { id: shareId(this.hash, datasetId, range), datasetId, ...range };
  }

  /** The share of a dataset and range; null where the plan has none. */
  share(datasetId: string, { from, to }: ShareRange): Share | null {
    if (this.#rangesByStart.get(from) !== to || this.dataset(datasetId) === undefined) return null;
    return { id: shareId(this.hash, datasetId, { from, to }), datasetId, from, to };
  }

  dataset(datasetId: string): PlannedDataset | undefined {
    return this.content.datasets.find(({ dataset_id }) => dataset_id === datasetId);
  }

  /** The sweep that a share's trials are of, and the numbers of their cells in it, in the order of the share. */
  cellsOf({ from, to }: ShareRange): { readonly sweep: SweepPlan; readonly cells: readonly number[] } {
    let start = 0;
    for (const sweep of this.sweeps) {
      const { cells } = sweep;
      if (from < start + cells.trialCount) {
        const numbers = Array.from({ length: to - from }, (_, at) => cells.inStageOrder(from - start + at));
        return { sweep, cells: numbers };
      }
      start += cells.trialCount;
    }
    throw new RangeError('a share lies in its plan');
  }

  /** The pipeline of a dataset. */
  pipelineOf({ pipeline }: PlannedDataset): Omit<LoadedPipeline, 'path'> {
    return resolveDay(pipeline, pipeline.spec.capture, `the plan ${this.hash}`);
  }
}

/** The trials of a sweep, and how many of them belong together. */
export function groupsOf(plan: SweepPlan) {
  const { trialCount, trialsPerScoring } = plan.cells;
  return { trialCount, together: readsFlowScore(planSignal(plan)) ? trialsPerScoring : trialCount };
}

/** Hash that names a plan. */
export function planHash(content: PlanContent): string {
  return contentHash(content, 32);
}

/** Stores a plan unless the lake has it: then the cut of the first one holds. Throws LAKE_NOT_WRITABLE. */
export async function storePlan(lake: Lake, content: PlanContent, cut: PlanCut): Promise<FleetPlan> {
  const hash = planHash(content);
  const { shareCount: shares, unitCount: units } = new FleetPlan(hash, content, cut);
  const stored: StoredCut = { ...cut, shares, units };
  await new PlanFiles(lake, hash).storePlan(`${canonicalJson({ content, cut: stored })}\n`);
  return present((await readPlan(lake, hash)) ?? undefined);
}

/**
 * Reads a plan of the lake; null where it has none of this hash. Throws CHECKSUM_MISMATCH for one whose content has another,
 * SWEEP_INVALID for one that evaluates by other rules, and what `knowStoredSignal` throws.
 */
export async function readPlan(lake: Lake, hash: string): Promise<FleetPlan | null> {
  const text = await new PlanFiles(lake, hash).readPlan();
  if (text === null) return null;
  const damaged = (why: string) =>
    new SpymasterError(
      'CHECKSUM_MISMATCH',
      `Cannot use the plan ${hash} of the lake ${lake.root}: ${why}; remove it, and submit its experiment again.`,
      { plan: hash },
    );
  let stored: z.output<typeof storedSchema>;
  try {
    stored = storedSchema.parse(JSON.parse(text));
  } catch {
    throw damaged('it is no plan');
  }
  const content = stored.content as unknown as PlanContent;
  if (planHash(content) !== hash) throw damaged(`its content has the hash ${planHash(content)}`);
  if (content.evaluation_version !== evaluationVersion) {
    throw new SpymasterError(
      'SWEEP_INVALID',
      `Cannot run the plan ${hash}: it evaluates by the rules of version ${content.evaluation_version}, and this program by those ` +
        `of ${evaluationVersion}; submit its experiment again with this version, or run it with the other.`,
      { plan: hash },
    );
  }
  for (const { signalName, signalSource } of content.requests) {
    if (signalSource !== undefined) await knowStoredSignal(lake, signalName, signalSource);
  }
  return new FleetPlan(hash, content, stored.cut);
}
