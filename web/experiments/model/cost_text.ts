import { formatBytes } from '../../../src/format.ts';
import type { ExperimentCost } from '../../../src/wire/index.ts';
import { count, duration } from './format.ts';

/** What running an experiment takes, as rows of a name and a text. */
export function costRows(cost: ExperimentCost): (readonly [string, string])[] {
  const { sessions, held_out, datasets_made, datasets_to_make, disk_bytes, disk_basis, units, units_known } = cost;
  const locked = held_out === 0 ? '' : `, ${count(held_out)} held out`;
  return [
    ['Sessions', `${count(sessions)}${locked}`],
    ...(cost.missing_days_count === 0 ? [] : [['Days that lack a file', count(cost.missing_days_count)] as const]),
    ['Datasets', `${count(datasets_made)} made, ${count(datasets_to_make)} to make`],
    [
      'Disk',
      datasets_to_make === 0 ? 'none' : `${disk_basis === 'at_most' ? 'at most' : 'about'} ${formatBytes(disk_bytes)}`,
    ],
    ['Cells', count(cost.cells)],
    [
      sessions > 1 ? 'Cells and sessions' : 'To evaluate',
      units_known === null
        ? `${count(units)}, some perhaps with results`
        : units_known === 0
          ? count(units)
          : `${count(units - units_known)} of ${count(units)}; the others have results`,
    ],
    ['Time', timeText(cost)],
  ];
}

/** How long a run takes, by what earlier ones took. */
function timeText({ datasets_s, cells_s }: ExperimentCost): string {
  if (datasets_s !== null && cells_s !== null)
    return `about ${duration((datasets_s + cells_s) * 1000)}, as earlier runs in this lake took`;
  const known = datasets_s ?? cells_s;
  if (known === null || known === 0) return 'not known before a first run';
  const part = datasets_s === null ? 'without making datasets' : 'for the datasets alone';
  return `about ${duration(known * 1000)} ${part}; the rest is not known before a first run`;
}
