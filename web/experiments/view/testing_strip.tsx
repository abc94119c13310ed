import './testing_strip.css';
import { useState } from 'preact/hooks';
import { count, fixed, middleCut, percent, probability } from '../model/format.ts';
import { isBeforeCosts, judgement, overfittingWords, type SweepGroup } from '../model/sweeps.ts';

interface TestingStripProps {
  readonly groups: readonly SweepGroup[];
  /** Keys of the sweeps that what is on the page belongs to; they come first. */
  readonly focus: readonly string[];
  readonly family: { readonly runs: number; readonly tests: number };
  readonly onOpen: (key: string) => void;
}

/** The verdict on every sweep, and how many trials it was chosen from: above everything else, in every view. */
export function TestingStrip({ groups, focus, family, onOpen }: TestingStripProps) {
  const [all, setAll] = useState(false);
  const shownAtFirst = Math.max(1, Math.min(2, focus.length || 2));
  const ordered = [
    ...groups.filter(({ key }) => focus.includes(key)),
    ...groups.filter(({ key }) => !focus.includes(key)),
  ];
  const shown = all ? ordered : ordered.slice(0, shownAtFirst);
  return (
    <section class="testing" aria-label="Multiple testing">
      <p class="family">
        <span>
          <strong>{count(family.runs)}</strong> runs, <strong>{count(family.tests)}</strong> thresholds tested in all.
          <span class="quiet"> Adjusted p and q count every one of a family.</span>
        </span>
        {groups.length > shownAtFirst && (
          <button type="button" class="link" aria-expanded={all} onClick={() => setAll(!all)}>
            {all ? 'Show fewer' : `Show all ${count(groups.length)} sweeps`}
          </button>
        )}
      </p>
      <ul>
        {shown.map((group) => (
          <SweepLine key={group.key} group={group} onOpen={onOpen} />
        ))}
      </ul>
    </section>
  );
}

function SweepLine({ group, onOpen }: { group: SweepGroup; onOpen: (key: string) => void }) {
  const { summary, experiment, signal, dataset, runs, key } = group;
  const verdict = summary === null ? null : judgement(summary);
  return (
    <li class={`tone-edge-${verdict?.tone ?? 'neutral'}`}>
      <button type="button" class="link" title={`${signal} on ${dataset}`} onClick={() => onOpen(key)}>
        {experiment}
      </button>
      <span class="quiet on">
        {signal} on {middleCut(dataset)}
      </span>
      {summary === null || verdict === null ? (
        <span>
          {count(runs.length)} runs so far.{' '}
          <span class="quiet">What they say together is known when the sweep is complete.</span>
        </span>
      ) : (
        <>
          <strong class={`headline tone-${verdict.tone}`} title={verdict.sentence}>
            {verdict.headline}
          </strong>
          {isBeforeCosts(runs) && (
            <em title="No spread, no commission: every net number is one without costs">before costs</em>
          )}
          <Figure
            label="Sessions"
            value={summary.n_sessions === null ? '–' : count(summary.n_sessions)}
            title="Sessions that all its trials are judged on"
          />
          <Figure
            label="Tested"
            value={count(summary.n_tested)}
            title={`Of ${count(summary.n_distinct_trials)} different trials of the family, those with enough trades and clusters`}
          />
          <Figure
            label="Survivors"
            value={count(summary.n_survivors)}
            title="Trials whose adjusted p (Romano–Wolf) is below 0.05"
          />
          <Figure
            label="SPA p"
            value={probability(summary.spa_p)}
            title="Hansen’s SPA: whether the best of all is better than nothing"
          />
          <Figure
            label="PBO"
            value={percent(summary.overfitting_probability, 0)}
            title={`Probability of backtest overfitting, ${overfittingWords(summary)}`}
          />
          <Figure
            label="Deflated Sharpe"
            value={fixed(summary.best_deflated_sharpe, 2)}
            title="Probability that the best Sharpe ratio beats the luckiest of as many trials; 0.95 is the usual bar"
          />
          <span class="judgement quiet" title={verdict.sentence}>
            {verdict.sentence}
          </span>
        </>
      )}
    </li>
  );
}

function Figure({ label, value, title }: { label: string; value: string; title: string }) {
  return (
    <span class="figure" title={title}>
      <span class="quiet">{label}</span> <strong>{value}</strong>
    </span>
  );
}
