import { notNull, present } from '../../../src/errors.ts';
import './sweep_view.css';
import { useMemo } from 'preact/hooks';
import type { Theme } from '../../shared/colour/colour_maps.ts';
import { count, fixed, percent, signed } from '../model/format.ts';
import type { PageState } from '../model/page_state.ts';
import {
  axesOf,
  heatCells,
  judgement,
  type Metric,
  medianOf,
  metrics,
  type SweepGroup,
  type WalkForward,
} from '../model/sweeps.ts';

import { Heatmap } from './heatmap.tsx';
import { ParallelCoordinates } from './parallel_coordinates.tsx';
import type { Change } from './use_page_state.ts';

interface SweepViewProps {
  readonly group: SweepGroup | undefined;
  readonly groups: readonly SweepGroup[];
  /** Ids of the runs that the search and the filters let pass. */
  readonly passing: ReadonlySet<string>;
  readonly state: PageState;
  readonly change: Change;
  readonly theme: Theme;
}

/** A sweep as a whole: what its trials together say, its landscape over two axes, and all its runs as lines. */
export function SweepView({ group, groups, passing, state, change, theme }: SweepViewProps) {
  const axes = useMemo(() => (group === undefined ? [] : axesOf(group.runs)), [group]);
  const metric = metrics.find(({ id }) => id === state.metric) ?? present(metrics[0]);
  if (group === undefined) {
    return (
      <div class="empty">
        <h2>No sweep to show</h2>
        <p>No run passes the filters of signal, experiment and dataset, or none has enough signals.</p>
      </div>
    );
  }
  // Axes with many values show most of the landscape.
  const choices = axes.toSorted((a, b) => b.values.length - a.values.length);
  const x = axes.find(({ name }) => name === state.x) ?? choices.find(({ name }) => name !== state.y);
  const y =
    axes.find(({ name }) => name === state.y && name !== x?.name) ?? choices.find(({ name }) => name !== x?.name);
  return (
    <section class="sweep" aria-label="Sweep">
      <div class="sweep-tools">
        <Choice
          label="Sweep"
          value={group.key}
          options={groups.map(({ key }) => [key, key])}
          onChange={(sweep) => change({ sweep, x: '', y: '', axes: [] })}
        />
        <Choice
          label="Metric"
          value={metric.id}
          options={metrics.map(({ id, label }) => [id, label])}
          onChange={(id) => change({ metric: id })}
        />
        {state.search !== '' && (
          <>
            <span>
              Filter <code>{state.search}</code>
            </span>
            <button type="button" onClick={() => change({ search: '' })}>
              Clear the filter
            </button>
          </>
        )}
      </div>
      <Summary group={group} metric={metric} onRun={(run) => change({ run, threshold: null })} />
      {x === undefined || y === undefined ? (
        <p>
          {axes.length === 0
            ? 'All runs of this sweep have the same parameters.'
            : `This sweep varies ${present(axes[0]).label} alone; a heatmap needs two axes.`}
        </p>
      ) : (
        <section>
          <div class="sweep-tools">
            <h3>Landscape of {metric.label}</h3>
            <Choice
              label="Across"
              value={x.name}
              options={axes.map(({ name, label }) => [name, label])}
              onChange={(name) => change({ x: name, y: name === y.name ? x.name : y.name })}
            />
            <Choice
              label="Down"
              value={y.name}
              options={axes.filter(({ name }) => name !== x.name).map(({ name, label }) => [name, label])}
              onChange={(name) => change({ x: x.name, y: name })}
            />
            <Choice
              label="Over the other axes"
              value={state.rest}
              options={[
                ['median', 'the median'],
                ['best', 'the best'],
              ]}
              onChange={(rest) => change({ rest: rest === 'best' ? 'best' : 'median' })}
            />
          </div>
          <Heatmap
            cells={heatCells(
              group.runs.filter(({ run_id }) => passing.has(run_id)),
              x,
              y,
              metric,
              state.rest,
            )}
            x={x}
            y={y}
            metric={metric}
            theme={theme}
            onPick={(search) =>
              change({
                view: 'runs',
                search: `${state.search} ${search}`.trim(),
                signals: [group.signal],
                experiments: [group.experiment],
                datasets: [group.dataset],
              })
            }
          />
        </section>
      )}
      {axes.length > 0 && (
        <ParallelCoordinates
          runs={group.runs}
          axes={axes}
          metric={metric}
          theme={theme}
          selected={state.run}
          passing={passing}
          search={state.search}
          order={state.axes}
          onRun={(run) => change({ run, threshold: null })}
          onSearch={(search) => change({ search })}
          onOrder={(order) => change({ axes: order })}
        />
      )}
    </section>
  );
}

interface ChoiceProps {
  readonly label: string;
  readonly value: string;
  readonly options: readonly (readonly [string, string])[];
  readonly onChange: (value: string) => void;
}

function Choice({ label, value, options, onChange }: ChoiceProps) {
  return (
    <label>
      {label}
      <select value={value} onChange={({ currentTarget }) => onChange(currentTarget.value)}>
        {options.map(([id, text]) => (
          <option key={id} value={id}>
            {text}
          </option>
        ))}
      </select>
    </label>
  );
}

/** Trials, deflated Sharpe ratio, probability of overfitting and walk-forward test, in figures and words. */
function Summary({ group, metric, onRun }: { group: SweepGroup; metric: Metric; onRun: (run: string) => void }) {
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
