import type { Theme } from '../../shared/colour/colour_maps.ts';
import type { PageState } from '../model/page_state.ts';
import { type Axis, heatCells, type Metric, type SweepGroup } from '../model/sweeps.ts';
import { Choice } from './choice.tsx';
import { Heatmap } from './heatmap.tsx';
import { ImportanceList } from './importance_list.tsx';
import { PairTiles } from './pair_tiles.tsx';
import type { Change } from './use_page_state.ts';

interface LandscapeProps {
  readonly group: SweepGroup;
  readonly axes: readonly Axis[];
  readonly x: Axis;
  readonly y: Axis;
  readonly metric: Metric;
  /** Ids of the runs that the search and the filters let pass. */
  readonly passing: ReadonlySet<string>;
  readonly state: PageState;
  readonly change: Change;
  readonly theme: Theme;
}

/** A metric over two axes of a sweep, and the choice of the axes. */
export function Landscape({ group, axes, x, y, metric, passing, state, change, theme }: LandscapeProps) {
  const runs = group.runs.filter(({ run_id }) => passing.has(run_id));
  return (
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
        cells={heatCells(runs, x, y, metric, state.rest)}
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
      {axes.length > 2 && (
        <PairTiles
          {...{ runs, axes, x, y, metric, theme }}
          rest={state.rest}
          onPick={(across, down) => change({ x: across.name, y: down.name })}
        />
      )}
      {axes.length > 1 && <ImportanceList {...{ runs, axes, metric }} />}
    </section>
  );
}
