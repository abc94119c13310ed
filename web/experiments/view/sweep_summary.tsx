import { notNull } from '../../../src/errors.ts';
import './sweep_summary.css';
import { count, fixed, percent, signed } from '../model/format.ts';
import { judgement, type Metric, medianOf, type SweepGroup, type WalkForward } from '../model/sweeps.ts';

/** Trials, deflated Sharpe ratio, probability of overfitting and walk-forward test, in figures and words. */
export function SweepSummary({
  group,
  metric,
  onRun,
}: {
  group: SweepGroup;
  metric: Metric;
  onRun: (run: string) => void;
}) {
  const { summary, runs } = group;
  const median = medianOf(runs.map(metric.value).filter((value) => value !== null));
  if (summary === null) {
    return (
      <div class="verdict tone-edge-neutral">
        <p>
          <strong>
            {count(runs.length)} runs so far; median {metric.label} {metric.text(median)}.
          </strong>{' '}
          The deflated Sharpe ratio and the probability of overfitting are known when every cell of the sweep has a
          result.
        </p>
      </div>
    );
  }
  const { tone, words } = judgement(summary);
  const walk = summary.walk_forward_json === null ? null : (JSON.parse(summary.walk_forward_json) as WalkForward);
  return (
    <div class={`verdict tone-edge-${tone}`}>
      <p class={`tone-${tone}`}>
        <strong>{words}</strong>
      </p>
      <dl class="verdict-figures">
        <Figure
          label="Cells tried"
          value={count(summary.n_runs)}
          words={`${count(summary.n_trials)} with their thresholds, ${count(summary.n_distinct_trials)} different ones with enough signals`}
        />
        <Figure
          label="Best Sharpe"
          value={fixed(summary.best_sharpe, 2)}
          words={summary.best_run_id === null ? 'no run has enough signals' : `at threshold ${summary.best_threshold}`}
        >
          {summary.best_run_id !== null && (
            <button type="button" class="link" onClick={() => onRun(notNull(summary.best_run_id))}>
              {summary.best_run_id.slice(0, 8)}
            </button>
          )}
        </Figure>
        <Figure
          label="Deflated Sharpe"
          value={fixed(summary.best_deflated_sharpe, 2)}
          words="chance that the best is better than luck over as many trials; 0.95 is the usual bar"
        />
        <Figure
          label="Probability of overfitting"
          value={percent(summary.overfitting_probability, 0)}
          words={
            summary.overfitting_splits === null
              ? 'too little data to cross-validate'
              : `over ${count(summary.overfitting_splits)} splits; loses money out of sample in ${percent(summary.overfitting_loss_probability, 0)}`
          }
        />
        {walk !== null && (
          <Figure
            label="Walk-forward test"
            value={`${signed(walk.testMeanNetTicks, 2)} ticks`}
            words={`net a signal; ${count(walk.testSignals)} signals, TP rate ${percent(walk.testTpRate)} in ${walk.folds.length} folds, chosen on train alone`}
          />
        )}
        <Figure
          label={`Median ${metric.label}`}
          value={metric.text(median)}
          words={`of ${count(runs.length)} runs, each at its best threshold`}
        />
      </dl>
    </div>
  );
}

interface FigureProps {
  readonly label: string;
  readonly value: string;
  readonly words: string;
  readonly children?: preact.ComponentChildren;
}

function Figure({ label, value, words, children }: FigureProps) {
  return (
    <div>
      <dt>{label}</dt>
      <dd>
        <strong>{value}</strong> {children}
        <span class="quiet">{words}</span>
      </dd>
    </div>
  );
}
