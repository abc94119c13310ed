import type { SweepPlan } from './plan.ts';
import { type PlanSignal, planSignal, readsFlowScore } from './plan_signal.ts';

/** Whether cells need the raw file of a session beside its dataset. */
export function needsSource(plan: PlanSignal & Pick<SweepPlan, 'execution'>): boolean {
  return plan.execution !== undefined || readsFlowScore(planSignal(plan));
}
