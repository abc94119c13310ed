import { notNull } from '../../../src/errors.ts';
import './testing_strip.css';
import { useState } from 'preact/hooks';
import { count, fixed, middleCut, percent } from '../model/format.ts';
import { judgement, type SweepGroup } from '../model/sweeps.ts';

interface TestingStripProps {
  readonly groups: readonly SweepGroup[];
  /** Keys of the sweeps that what is on the page belongs to; they come first. */
  readonly focus: readonly string[];
  readonly family: { readonly runs: number; readonly tests: number };
  readonly onOpen: (key: string) => void;
}

/** How many trials were made, and what that leaves of the best of them: above everything else, in every view. */
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
          <span class="quiet"> q values count every one of them.</span>
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
      {summary === null ? (
        <span>
          {count(runs.length)} runs so far.{' '}
          <span class="quiet">What they say together is known when the sweep is complete.</span>
        </span>
      ) : (
        <>
          <Figure
            label="Cells"
            value={count(summary.n_runs)}
            title="Points of the sweep that were evaluated, each at all its thresholds"
          />
          <Figure
            label="Trials"
            value={count(summary.n_trials)}
            title={`${count(summary.n_distinct_trials)} of them differ and have enough signals`}
          />
          <Figure
            label="Best Sharpe"
            value={fixed(summary.best_sharpe, 2)}
            title="Of net PnL per period, not annualised"
          />
          <Figure
            label="Deflated Sharpe"
            value={fixed(summary.best_deflated_sharpe, 2)}
            title="Probability that the best Sharpe ratio beats what luck gives over as many trials; 0.95 is the usual bar"
          />
          <Figure
            label="PBO"
            value={percent(summary.overfitting_probability, 0)}
            title="Probability of backtest overfitting: how often the best of one half of the data is below the median in the other"
          />
          <span class={`judgement tone-${notNull(verdict).tone}`} title={notNull(verdict).words}>
            {notNull(verdict).short}
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
