import { log } from '../elementary.ts';
import {
  numberOf,
  type SignalContext,
  type SignalDefinition,
  type SignalParameters,
  type Stage,
  scoreStage,
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

function gatedDirection(parameters: SignalParameters): Stage {
  const z = createZscore(parameters);
  const minPeriods = numberOf(parameters, 'zscore_min_periods');
  const gateZ = numberOf(parameters, 'gate_z');
  const byScore = parameters.variant === 'a';
  return scoreStage(
    [z],
    (input, at) => {
      const gate = Math.max(0, z.push(input[at]!) - gateZ);
      return gate * (byScore ? input[at + 3]! : input[at + 1]! - input[at + 2]!);
    },
    () => z.count >= minPeriods,
  );
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
      create: (parameters) => gatedDirection(parameters),
    },
  ],
  conflict: zscoreConflict,
};
