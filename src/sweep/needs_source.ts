import { signalDefinition } from '../signals/index.ts';
import { readsFlowScore, type SweepPlan } from './plan.ts';

/** Whether cells need the raw file of a session beside its dataset. */
export function needsSource({ signalName, execution }: Pick<SweepPlan, 'signalName' | 'execution'>): boolean {
  return execution !== undefined || readsFlowScore(signalDefinition(signalName));
}
