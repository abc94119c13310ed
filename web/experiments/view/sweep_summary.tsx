import { notNull } from '../../../src/errors.ts';
import './sweep_summary.css';
import type { ExperimentDocumentResponse } from '../../../src/wire/index.ts';
import type { Fetched } from '../../shared/use_fetched.ts';
import { count, fixed, percent, probability, signed } from '../model/format.ts';
import {
  isBeforeCosts,
  judgement,
  type Metric,
  medianOf,
  overfittingWords,
  type SweepGroup,
  type WalkForward,
} from '../model/sweeps.ts';

interface SweepSummaryProps {
  readonly group: SweepGroup;
  readonly document: Fetched<ExperimentDocumentResponse>;
  readonly metric: Metric;
  readonly onRun: (run: string) => void;
}

/** The verdict on an experiment first, then the numbers of its sessions and family, in figures and words. */
export function SweepSummary({ group, document, metric, onRun }: SweepSummaryProps) {
  const { summary, runs } = group;
  const median = medianOf(runs.map(metric.value).filter((value) => value !== null));
  if (summary === null) {
    return (
      <div class="verdict tone-edge-neutral">
        <p>
          <strong>
            {count(runs.length)} runs so far; median {metric.label} {metric.text(median)}.
          </strong>{' '}
          The verdict is known when every cell of the sweep has a result.
        </p>
      </div>
    );
  }
  const { tone, headline, sentence } = judgement(summary);
  const walk = summary.walk_forward_json === null ? null : (JSON.parse(summary.walk_forward_json) as WalkForward);
  const { value, error } = document;
  return (
    <div class={`verdict tone-edge-${tone}`}>
      <p>
        <strong class={`headline tone-${tone}`}>{headline}</strong>
        {isBeforeCosts(runs) && <em> before costs</em>}
      </p>
      <p>{[sentence, value?.verdict.sensitivity, scopeWords(value?.scope)].filter(Boolean).join(' ')}</p>
      {value !== null && (
        <p>
          {[value.looks.sentence, ...value.notes].join(' ')}{' '}
          {value.looks.unkept !== null && <strong>{value.looks.unkept}</strong>}
        </p>
      )}
      {error !== null && (
        <p class="tone-error" role="alert">
          {error}
        </p>
      )}
      <dl class="verdict-figures">
        <Figure
          label="Sessions"
          value={summary.n_sessions === null ? 'older method' : count(summary.n_sessions)}
          words={value === null ? '' : sessionWords(value)}
        />
        <Figure
          label="Tested"
          value={count(summary.n_tested)}
          words={`of ${count(summary.n_distinct_trials)} different trials of the family${deletedWords(value)}; ${count(summary.n_trials)} in this experiment’s ${count(summary.n_runs)} cells`}
        />
        <Figure
          label="Survivors"
          value={count(summary.n_survivors)}
          words="trials with an adjusted p (Romano–Wolf) below 0.05"
        />
        <Figure
          label="SPA p"
          value={probability(summary.spa_p)}
          words="of the best of all being no better than nothing (Hansen)"
        />
        <Figure
          label="Probability of overfitting"
          value={percent(summary.overfitting_probability, 0)}
          words={overfittingWords(summary)}
        />
        <Figure
          label="Deflated Sharpe"
          value={fixed(summary.best_deflated_sharpe, 2)}
          words={`of the best, Sharpe ${fixed(summary.best_sharpe, 2)}: chance that it beats the luckiest of as many trials; 0.95 is the usual bar`}
        >
          {summary.best_run_id !== null && (
            <button type="button" class="link" onClick={() => onRun(notNull(summary.best_run_id))}>
              {summary.best_run_id.slice(0, 8)}
            </button>
          )}
        </Figure>
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

/** Trials of the family whose results were deleted, and which count all the same. */
function deletedWords(value: ExperimentDocumentResponse | null): string {
  const deleted = value?.family.deleted ?? 0;
  return deleted === 0 ? '' : `, the results of ${count(deleted)} deleted`;
}

/** How far a result of few sessions reaches. */
function scopeWords(scope: string | null | undefined): string | null {
  return scope == null ? null : `${scope.charAt(0).toUpperCase()}${scope.slice(1)}.`;
}

/** First and last day, rolls, days left out, and days that stay locked. */
function sessionWords({ sessions, rolls, left_out, holdout }: ExperimentDocumentResponse): string {
  const [first, last] = [sessions[0]?.date, sessions.at(-1)?.date];
  const span = first === last ? `${first}` : `${first} to ${last}`;
  const parts = [
    rolls.length === 0 ? '' : `${count(rolls.length)} ${rolls.length === 1 ? 'roll' : 'rolls'}`,
    holdout === null
      ? ''
      : `${count(holdout.dates.length)} held out, opened ${holdout.openings === 1 ? 'once' : `${count(holdout.openings)} times`}`,
    left_out.length === 0 ? '' : `${count(left_out.length)} ${left_out.length === 1 ? 'day' : 'days'} left out`,
  ];
  return [span, ...parts.filter(Boolean)].join(', ');
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
