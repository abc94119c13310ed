import { fixtureEvaluation } from '../test/helpers/lab_dataset.ts';
import type { Bench } from './support/harness.ts';
import { compareWithTwo } from './support/swept_sessions.ts';

/** A quarter of a year at full size: 270 cells of 6 thresholds over 60 sessions of an hour in bins of 100 ms. */
export const bench: Bench = ({ tiny }) =>
  compareWithTwo({
    sessions: tiny ? 3 : 60,
    bins: tiny ? 300 : 36_000,
    radius: tiny ? 10 : 50,
    request: {
      scoringAxes: {},
      signalAxes: {
        derivative: tiny
          ? { d2_weight: [0, 1] }
          : {
              spatial_decay_power: [0, 0.5, 1],
              zscore_window_bins: [120, 240, 360],
              d2_weight: [0, 0.25, 0.5, 0.75, 1],
            },
      },
      tpTicks: tiny ? [4] : [4, 8, 12],
      slTicks: tiny ? [4] : [4, 8],
      cooldownBins: tiny ? [0] : [20],
      evaluation: tiny ? fixtureEvaluation : { ...fixtureEvaluation, maxHoldBins: 600, warmupBins: 600, folds: 4 },
    },
  });
