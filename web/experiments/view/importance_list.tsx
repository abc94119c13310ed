import './importance_list.css';
import { useMemo } from 'preact/hooks';
import { percent } from '../model/format.ts';
import { axisImportance } from '../model/importance.ts';
import type { Run } from '../model/runs.ts';
import type { Axis, Metric } from '../model/sweeps.ts';

interface ImportanceListProps {
  readonly runs: readonly Run[];
  readonly axes: readonly Axis[];
  readonly metric: Metric;
}

/** Which axis of a sweep its metric depends on, as shares of the variance between runs. */
export function ImportanceList({ runs, axes, metric }: ImportanceListProps) {
  const shares = useMemo(() => axisImportance(runs, axes, metric), [runs, axes, metric]);
  return (
    <section aria-label="Importance of parameters">
      <h3>
        Importance{' '}
        <span class="quiet">
          share of the variance of {metric.label} between runs that a parameter explains alone; the rest is how they act
          together
        </span>
      </h3>
      <dl class="importance">
        {shares.flatMap(({ axis, share }) => [
          <dt key={`${axis.name} name`}>{axis.label}</dt>,
          <dd key={axis.name}>
            <i style={{ width: `${100 * (share ?? 0)}%` }} />
            <span>{percent(share, 0)}</span>
          </dd>,
        ])}
      </dl>
    </section>
  );
}
