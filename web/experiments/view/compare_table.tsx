import './figures.css';
import './compare_table.css';
import type { Theme } from '../../shared/colour/colour_maps.ts';
import type { Comparison } from '../model/comparison.ts';
import { netReachTicks, type Run } from '../model/runs.ts';
import { NetInterval, RateInterval } from './interval.tsx';
import { LineSample } from './line_sample.tsx';
import { ScrollBox } from './scroll_box.tsx';

interface CompareTableProps {
  readonly marked: readonly Run[];
  readonly comparison: Comparison;
  /** Whether fields are shown that the runs have in common. */
  readonly all: boolean;
  /** The run, from 1, that stands out. */
  readonly emphasis: number | null;
  readonly theme: Theme;
}

/** The fields of the marked runs, a column a run; settings that differ are marked. */
export function CompareTable({ marked, comparison, all, emphasis, theme }: CompareTableProps) {
  const { groups, isDifference } = comparison;
  const reachTicks = netReachTicks(marked);
  return (
    <ScrollBox label="Table of marked runs">
      <table class="figures compare-table">
        <thead>
          <tr>
            <th scope="col">
              <span class="visually-hidden">Field</span>
            </th>
            {marked.map((run, index) => (
              <th key={run.run_id} scope="col" class={emphasis === index + 1 ? 'is-chosen' : ''}>
                <LineSample index={index} theme={theme} /> {run.run_id.slice(0, 8)}
              </th>
            ))}
          </tr>
        </thead>
        {groups.map(([name, members]) => (
          <tbody key={name}>
            {members.length > 0 && (
              <tr class="group-head">
                <th scope="rowgroup" colSpan={marked.length + 1}>
                  {name} {all ? '' : 'that differ'}
                </th>
              </tr>
            )}
            {members.map((column) => (
              <tr key={column.id} class={isDifference(column) ? 'is-chosen' : ''}>
                <th scope="row" title={column.title}>
                  {column.label}
                </th>
                {marked.map((run) => (
                  <td key={run.run_id}>
                    {column.kind === 'rate-interval' ? (
                      <RateInterval run={run} />
                    ) : column.kind === 'net-interval' ? (
                      <NetInterval run={run} reachTicks={reachTicks} />
                    ) : (
                      column.text(run)
                    )}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        ))}
      </table>
    </ScrollBox>
  );
}
