import { startDefences } from './defences.ts';
import { startPulls } from './pulls.ts';
import { startReplacements } from './replacements.ts';
import { startStacks } from './stacks.ts';
import type { Stage } from './stage.ts';
import { startStops } from './stops.ts';

/** What traders can be planted to do, each with its lookalikes: docs/synth.md describes them. */
export const behaviourNames = ['stops', 'pulls', 'stacks', 'defences', 'replacements'] as const;
export type BehaviourName = (typeof behaviourNames)[number];

const starts: Readonly<Record<BehaviourName, (stage: Stage) => void>> = {
  stops: startStops,
  pulls: startPulls,
  stacks: startStacks,
  defences: startDefences,
  replacements: startReplacements,
};

/** Plants the behaviours of a session, in a fixed order. */
export function startBehaviours(stage: Stage, names: readonly BehaviourName[]): void {
  for (const name of behaviourNames) if (names.includes(name)) starts[name](stage);
}
