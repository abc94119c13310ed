import { log } from '../elementary.ts';
import type { RollingRobustZ } from '../spectrum/index.ts';
import type { StateReader, StateWriter } from '../state.ts';
import {
  numberOf,
  type SignalColumns,
  type SignalContext,
  type SignalDefinition,
  type SignalParameters,
  type Stage,
  windowStage,
} from './signal.ts';
import { createZscore, zscoreConflict, zscoreParameterNames, zscoreParameters } from './zscore.ts';

/** Entropy of the flow states in nats: of all rows, of those above, of those below; and the mean scores' difference. */
function entropies({ radius }: SignalContext): Stage {
  /** −(n/total)·ln(n/total) by count n. */
  const terms = (total: number) =>
    Float64Array.from({ length: total + 1 }, (_, n) => (n === 0 ? 0 : (n / total) * (log(total) - log(n))));
  const sideTerm = terms(radius);
  const allTerm = terms(2 * radius + 1);
  return windowStage(4, ({ flow_state_code: codes, flow_score: scores }, at, out, outAt) => {
    const centre = at + radius;
    const below = [0, 0, 0];
    const above = [0, 0, 0];
    let scoreBelow = 0;
    let scoreAbove = 0;
    for (let distance = 1; distance <= radius; distance++) {
      below[codes[centre - distance]! + 1]!++;
      above[codes[centre + distance]! + 1]!++;
      scoreBelow += scores[centre - distance]!;
      scoreAbove += scores[centre + distance]!;
    }
    let entropy = 0;
    let entropyAbove = 0;
    let entropyBelow = 0;
    for (let code = 0; code < 3; code++) {
      const atSpot = codes[centre]! + 1 === code ? 1 : 0;
      entropy += allTerm[below[code]! + above[code]! + atSpot]!;
      entropyAbove += sideTerm[above[code]!]!;
      entropyBelow += sideTerm[below[code]!]!;
    }
    out[outAt] = entropy;
    out[outAt + 1] = entropyAbove;
    out[outAt + 2] = entropyBelow;
    out[outAt + 3] = (scoreBelow - scoreAbove) / radius;
  });
}

class GatedDirection implements Stage {
  readonly width = 2;
  readonly #z: RollingRobustZ;
  readonly #minPeriods: number;
  readonly #gate: number;
  readonly #byScore: boolean;

  constructor(parameters: SignalParameters) {
    this.#z = createZscore(parameters);
    this.#minPeriods = numberOf(parameters, 'zscore_min_periods');
    this.#gate = numberOf(parameters, 'gate_z');
    this.#byScore = parameters.variant === 'a';
  }

  update(_c: SignalColumns, _at: number, input: Float64Array, inputAt: number, out: Float64Array, outAt: number): void {
    const gate = Math.max(0, this.#z.push(input[inputAt]!) - this.#gate);
    const direction = this.#byScore ? input[inputAt + 3]! : input[inputAt + 1]! - input[inputAt + 2]!;
    const ready = this.#z.count >= this.#minPeriods;
    out[outAt] = ready ? gate * direction : 0;
    out[outAt + 1] = ready ? 1 : 0;
  }

  save(writer: StateWriter): void {
    this.#z.save(writer);
  }

  restore(reader: StateReader): void {
    this.#z.restore(reader);
  }
}

/**
 * Entropy regime: when the flow states of the window become more disordered than they were, which side leads?
 *
 * Shannon entropy (nats) of flow_state_code over all k, as a robust z-score; gate = max(0, z − gate_z); score =
 * gate · direction, where direction is the mean flow score below − above (variant a) or the entropy above − below
 * (variant b).
 */
export const erd: SignalDefinition = {
  name: 'erd',
  about: 'entropy regime: direction of the flow when its states become disordered',
  columns: ['flow_state_code', 'flow_score'],
  parameters: [
    ...zscoreParameters(100),
    { name: 'gate_z', about: 'z-score of the entropy above which the signal opens', default: 0.5, min: 0 },
    { name: 'variant', about: 'a: direction by mean score, b: by entropy', default: 'a', choices: ['a', 'b'] },
  ],
  thresholds: { kind: 'past_percentile', values: [80, 85, 90, 95, 97.5, 99], windowBins: 3000 },
  bound: null,
  feelsRadius: true,
  stages: [
    { parameters: [], create: (_, context) => entropies(context) },
    {
      parameters: [...zscoreParameterNames, 'gate_z', 'variant'],
      create: (parameters) => new GatedDirection(parameters),
    },
  ],
  conflict: zscoreConflict,
};
