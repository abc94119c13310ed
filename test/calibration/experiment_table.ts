import { normalQuantile } from '../../src/statistics/normal.ts';
import type { ExperimentResult, TrialShares } from './experiment.ts';
import { sweptSignals } from './null_lake.ts';
import { type Bound, type CalibrationRow, rowOf, shown, upTo } from './table.ts';

/** The table of all experiments: of one session first, before costs first. */
export function experimentTable(experiments: readonly ExperimentResult[]): CalibrationRow[] {
  const rows: CalibrationRow[] = [];
  for (const sessions of new Set(experiments.map((experiment) => experiment.sessions))) {
    for (const costs of ['none', 'half'] as const) {
      const own = experiments.filter((one) => one.sessions === sessions && one.costs === costs);
      const label = `S = ${sessions}, ${costs === 'none' ? 'no costs' : 'costs'}`;
      rows.push(...experimentRows(label, sessions, own));
    }
  }
  return rows;
}

function experimentRows(label: string, sessions: number, experiments: readonly ExperimentResult[]): CalibrationRow[] {
  const add = (name: string, pick: (experiment: ExperimentResult) => number | null, bound: Bound) =>
    rowOf(`${label}: ${name}`, experiments.map(pick), bound);
  const cells = sweptSignals.length * 2;
  /** Of several bounds at once, each by so many standard errors that all hold as often as one does by three. */
  const errors = -normalQuantile(0.00135 / cells);
  const perSignal = (name: string, pick: (shares: TrialShares) => number, bound: Bound) =>
    sweptSignals.map((signal) => {
      const values = experiments.map(({ bySignal }) =>
        bySignal[signal] === undefined ? null : pick(bySignal[signal]),
      );
      return { ...rowOf(`${label}: ${name}, ${signal}`, values, bound), errors };
    });
  const covered: Bound = [0.94, null];
  return [
    add('different trials', ({ distinct }) => distinct, shown),
    add('tested trials', ({ tested }) => tested, shown),
    add('trades a tested trial', ({ trades }) => trades, shown),
    add('share of trades that overlap', ({ overlapping }) => overlapping, shown),
    add('p_profit ≤ .05', ({ p05 }) => p05, upTo(0.05)),
    add('p_profit ≤ .01', ({ p01 }) => p01, upTo(0.01)),
    add('coverage of r', ({ coverage }) => coverage, covered),
    add('p_timing ≤ .05', ({ timing05 }) => timing05, sessions === 1 ? upTo(0.05) : shown),
    add('any q < .1', ({ anyQ }) => anyQ, upTo(0.1)),
    add('Romano–Wolf, any adjusted p < .05', ({ anyAdjusted }) => anyAdjusted, upTo(0.06)),
    add('SPA ≤ .05', ({ spa }) => (spa === null ? null : spa <= 0.05 ? 1 : 0), upTo(0.07)),
    add('any DSR > .95', ({ anyDeflated }) => anyDeflated, upTo(0.05)),
    add('PBO', ({ overfitting }) => overfitting, shown),
    add('verdict holds', ({ verdict }) => (verdict === 'holds' ? 1 : 0), upTo(0.05)),
    ...perSignal('p_profit ≤ .05', ({ p05 }) => p05, upTo(0.05)),
    ...perSignal('coverage of r', ({ coverage }) => coverage, covered),
  ].filter(({ families }) => families > 0);
}
