import { type SignalDefinition, signalDefinition } from '../signals/index.ts';

/** How a plan names its signal. */
export interface PlanSignal {
  readonly signalName: string;
  /** Hash of the signal's source where it is the user's: that of its name may be another by now. */
  readonly signalSource?: string;
}

/** The signal of a plan, as this thread knows it. */
export function planSignal({ signalName, signalSource }: PlanSignal): SignalDefinition {
  return signalDefinition(signalName, signalSource);
}

/** Whether a signal's score depends on the flow scoring. */
export function readsFlowScore(definition: SignalDefinition): boolean {
  return definition.columns.includes('flow_score') || definition.columns.includes('flow_state_code');
}
