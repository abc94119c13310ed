import { SpymasterError } from '../../errors.ts';
import { instrumentPath, type Lake, readInstrument, SpecFiles } from '../../lake/index.ts';
import { signalDefinition } from '../../signals/index.ts';
import { checkExperiment, experimentCost } from '../../sweep/index.ts';
import { assertChecked, registerUserSignals } from '../../user_signals/index.ts';
import type { SpecCheck } from '../../wire/index.ts';

import { concernsOfRun, type PromotionRequest, type PublishRequest, promote } from './promotions.ts';

/** A question to the thread of specs and promotions. */
export type PlansRequest =
  | ({ readonly kind: 'check' } & PlanRequest)
  | ({ readonly kind: 'concerns' } & PromotionRequest)
  | ({ readonly kind: 'promote' } & PublishRequest);

export function answerPlans(lake: Lake, request: PlansRequest): Promise<object> {
  switch (request.kind) {
    case 'check':
      return checkSpec(lake, request);
    case 'concerns':
      return concernsOfRun(lake, request);
    case 'promote':
      return promote(lake, request);
  }
}

/** A text that is asked about, and the file that it would be. */
export interface PlanRequest {
  readonly path: string;
  readonly text: string;
}

/** Checks a text as `spymaster validate` checks the file, and says what running it takes. */
export async function checkSpec(lake: Lake, { path, text }: PlanRequest): Promise<SpecCheck> {
  try {
    const failures = await registerUserSignals({ lake, spec: path });
    const specs = new SpecFiles(lake, await readInstrument(instrumentPath(process.env, path)));
    const experiment = await specs.experimentOfText(path, text);
    const named = experiment.spec.signals ?? [experiment.serving.spec.signal.name];
    // Why a signal cannot be loaded says more than that there is none.
    for (const name of named) throwIfFailed(failures.get(name));
    const { about, warnings } = checkExperiment(experiment);
    const { name } = experiment.spec;
    const cost = await experimentCost(lake, experiment);
    const refusal = cost.refusal ?? (await uncheckedSignal(lake, named));
    return { valid: true, name, about, warnings: [...warnings], cost: { ...cost, refusal } };
  } catch (error) {
    if (!(error instanceof SpymasterError)) throw error;
    const { code, message } = error;
    return { valid: false, code, message, ...positionIn(message, path) };
  }
}

function throwIfFailed(failure: SpymasterError | undefined): void {
  if (failure !== undefined) throw failure;
}

/** Why a sweep would refuse one of its signals: a user's whose present source has not passed its check. */
async function uncheckedSignal(lake: Lake, names: readonly string[]) {
  for (const name of names) {
    try {
      await assertChecked(lake, signalDefinition(name));
    } catch (error) {
      if (!(error instanceof SpymasterError)) throw error;
      return { code: error.code, message: error.message };
    }
  }
  return null;
}

/** Where in the text an error is: the first place of its own file that the message names. */
function positionIn(message: string, path: string): { readonly line: number | null; readonly column: number | null } {
  const at = message.indexOf(`${path}:`);
  const [, line, column] = at < 0 ? [] : (/^(\d+)(?::(\d+))?/.exec(message.slice(at + path.length + 1)) ?? []);
  return {
    line: line === undefined ? null : Number(line),
    column: column === undefined ? null : Number(column),
  };
}
