import { fixtureEvaluation } from '../test/helpers/lab_dataset.ts';
import type { Bench } from './support/harness.ts';
import { compareWithTwo } from './support/swept_sessions.ts';

/** An experiment of 90 cells of 6 thresholds over 60 short sessions. */
export const bench: Bench = ({ tiny }) =>
  compareWithTwo({
    sessions: tiny ? 3 : 60,
    bins: tiny ? 300 : 1200,
    radius: 10,
    request: {
      scoringAxes: {},
      signalAxes: {
        derivative: tiny
          ? { d2_weight: [0, 1] }
          : { zscore_window_bins: [60, 80, 100], d2_weight: [0, 0.25, 0.5, 0.75, 1] },
      },
      tpTicks: tiny ? [4] : [4, 8, 12],
      slTicks: tiny ? [4] : [4, 8],
      evaluation: { ...fixtureEvaluation, folds: 0 },
    },
  });
