import { log } from '../elementary.ts';
import { History, leastSquaresSlope } from './rolling.ts';
import { sideSum, tooNarrow } from './sides.ts';
import {
  numberOf,
  type SignalContext,
  type SignalDefinition,
  type SignalParameters,
  type Stage,
  scoreStage,
  windowStage,
} from './signal.ts';

const reachTicks = 16;
const fastWindow = 10;
const slowWindow = 30;

function imbalance({ radius }: SignalContext): Stage {
  return windowStage(1, (columns, at, out, outAt) => {
    const sum = (column: Float64Array, side: 1 | -1) => sideSum(column, at, radius, side, 1, reachTicks);
    const ratio = (side: 1 | -1) =>
      sum(columns.add_mass, side) / (sum(columns.pull_mass, side) + sum(columns.fill_mass, side) + 1);
    out[outAt] = log(ratio(-1) + 1) - log(ratio(1) + 1);
  });
}

function rateOfChange(parameters: SignalParameters): Stage {
  const history = new History(slowWindow);
  const deadband = numberOf(parameters, 'min_imbalance');
  return scoreStage(
    [history],
    (input, at) => {
      const imbalance = input[at]!;
      history.push(imbalance);
      if (!history.isFull || Math.abs(imbalance) < deadband) return 0;
      return 0.6 * leastSquaresSlope(history, fastWindow) + 0.4 * leastSquaresSlope(history, slowWindow);
    },
    () => history.isFull,
  );
}

/**
 * Intensity imbalance rate of change: is one side's ratio of building to draining running away from the other's?
 *
 * Per side, over |k| 1–16: ratio = Σ add_mass/(Σ pull_mass + Σ fill_mass + 1); imbalance = ln(ratio + 1) of bids − asks;
 * least-squares slopes per bin over 10 and 30 bins; score = 0.6·fast + 0.4·slow, 0 where |imbalance| < min_imbalance.
 */
export const iirc: SignalDefinition = {
  name: 'iirc',
  about: 'intensity imbalance rate of change: growth of the difference between the sides in adding per draining',
  columns: ['add_mass', 'pull_mass', 'fill_mass'],
  parameters: [{ name: 'min_imbalance', about: 'imbalance below which the score is 0', default: 0.1, min: 0 }],
  thresholds: { kind: 'past_percentile', values: [80, 85, 90, 95, 97.5, 99], windowBins: 3000 },
  bound: null,
  feelsRadius: false,
  silence: (parameters) => {
    const deadband = numberOf(parameters, 'min_imbalance');
    return deadband < 0.05
      ? null
      : `min_imbalance ${deadband} where the book is busy: |imbalance| seldom gets there (in at most 1 % of the bins of synthetic ` +
          'sessions for 0.1, in a tenth to six tenths for 0.01), and while the score is 0 nearly always, its percentiles are 0 and ' +
          'nothing fires; sweep smaller values, 0.01 or 0';
  },
  stages: [
    { parameters: [], create: (_, context) => imbalance(context) },
    { parameters: ['min_imbalance'], create: (parameters) => rateOfChange(parameters) },
  ],
  conflict: (_, context) => tooNarrow(context.radius, reachTicks),
};
