import { plural } from '../format.ts';
import { signalsText } from './plan.ts';
import { type AnyExperiment, planExperiment } from './sweep_request.ts';
import { sweepWarnings } from './warnings.ts';

/** What a sound experiment amounts to. */
export interface CheckedExperiment {
  /** A sentence. */
  readonly about: string;
  /** Absent with sessions, which have a dataset each. */
  readonly dataset_id?: string;
  readonly cells: number;
  readonly warnings: readonly string[];
}

/**
 * Lays out an experiment's cells, which shows whether its axes and parameters are sound. Throws CONFIG_INVALID, pointing at
 * the experiment.
 */
export function checkExperiment(experiment: AnyExperiment): CheckedExperiment {
  const plans = planExperiment(experiment);
  const cells = plans.reduce((sum, plan) => sum + plan.cells.length, 0);
  const names = signalsText(plans);
  const datasetId = experiment.sessions === null ? experiment.serving.pipeline.datasetId : null;
  const where = datasetId === null ? 'each of its sessions' : `the dataset ${datasetId}`;
  return {
    about: `${plural(cells, 'cell')} of ${names} on ${where}.`,
    ...(datasetId === null ? {} : { dataset_id: datasetId }),
    cells,
    warnings: [...new Set(plans.flatMap((plan) => sweepWarnings(plan)))],
  };
}
