import './filter_bar.css';
import { useState } from 'preact/hooks';
import { Menu } from '../../shared/menu.tsx';
import { type Column, hiddenAtFirst } from '../model/columns.ts';
import { count } from '../model/format.ts';
import { defaultState, type PageState, thresholdChoices } from '../model/page_state.ts';
import type { Change } from './use_page_state.ts';

interface FilterBarProps {
  readonly state: PageState;
  readonly change: Change;
  readonly columns: readonly Column[];
  readonly unknown: readonly string[];
  readonly choices: Readonly<Record<'signals' | 'datasets' | 'experiments', readonly string[]>>;
  readonly shown: number;
  /** Null until they are known. */
  readonly total: number | null;
}

const menus = [
  ['signals', 'Signal'],
  ['experiments', 'Experiment'],
  ['datasets', 'Dataset'],
] as const;

const toggle = (list: readonly string[], item: string) =>
  list.includes(item) ? list.filter((other) => other !== item) : [...list, item];

export function FilterBar({ state, change, columns, unknown, choices, shown, total }: FilterBarProps) {
  const [open, setOpen] = useState('');
  const menu = (name: string) => ({ open: open === name, onToggle: (isOpen: boolean) => setOpen(isOpen ? name : '') });
  const isFiltered =
    state.signals.length + state.datasets.length + state.experiments.length > 0 ||
    state.aboveOnly ||
    state.search !== '';
  const { signals, datasets, experiments, aboveOnly, search } = defaultState;
  return (
    <div class="filter-bar">
      <input
        type="text"
        class={`search ${unknown.length > 0 ? 'wrong' : ''}`}
        placeholder="Search, or tp_rate>0.6 n>=50"
        aria-label="Search runs"
        spellcheck={false}
        value={state.search}
        onInput={({ currentTarget }) => change({ search: currentTarget.value })}
        onKeyDown={({ key, currentTarget }) => {
          if (key === 'Escape' || key === 'Enter') currentTarget.blur();
        }}
      />
      {menus.map(([kind, label]) => (
        <Menu key={kind} name={state[kind].length === 0 ? label : `${label}: ${state[kind].length}`} {...menu(kind)}>
          <Checklist
            items={choices[kind].map((name) => ({ id: name, label: name }))}
            isChecked={(name) => state[kind].includes(name)}
            onToggle={(name) => change({ [kind]: toggle(state[kind], name) })}
          />
        </Menu>
      ))}
      <label title="Only runs whose whole interval lies above the break-even rate">
        <input type="checkbox" checked={state.aboveOnly} onChange={() => change({ aboveOnly: !state.aboveOnly })} />
        above break-even
      </label>
      <label title="Each run is shown at the threshold with the best of this">
        threshold by best
        <select
          value={state.by}
          onChange={({ currentTarget }) => change({ by: currentTarget.value as PageState['by'] })}
        >
          {thresholdChoices.map(([key, label]) => (
            <option key={key} value={key}>
              {label}
            </option>
          ))}
        </select>
      </label>
      <label title="Leave out thresholds with fewer signals; empty: than each run’s experiment asks for">
        n ≥
        <input
          type="number"
          class="short"
          aria-label="n at least"
          min={0}
          placeholder="own"
          value={state.minSignals ?? ''}
          onChange={({ currentTarget: { value } }) =>
            change({ minSignals: value === '' ? null : Math.max(0, Math.trunc(Number(value))) })
          }
        />
      </label>
      <Menu name="Columns" align="right" {...menu('columns')}>
        <Checklist
          items={columns}
          isChecked={(id) => hiddenAtFirst.includes(id) === state.toggled.includes(id)}
          onToggle={(id) => change({ toggled: toggle(state.toggled, id) })}
        />
      </Menu>
      <span class="spring" />
      {isFiltered && (
        <button
          type="button"
          title="Clear search and filters"
          onClick={() => change({ signals, datasets, experiments, aboveOnly, search })}
        >
          Clear
        </button>
      )}
      <span class="shown" role="status">
        {unknown.length > 0 ? (
          <span class="tone-error">There is no column in “{unknown.join(' ')}”. </span>
        ) : (
          total !== null && `${count(shown)} of ${count(total)} runs`
        )}
      </span>
    </div>
  );
}

interface ChecklistProps {
  readonly items: readonly { readonly id: string; readonly label: string; readonly title?: string }[];
  readonly isChecked: (id: string) => boolean;
  readonly onToggle: (id: string) => void;
}

function Checklist({ items, isChecked, onToggle }: ChecklistProps) {
  return (
    <div class="choices">
      {items.map(({ id, label, title }) => (
        <label key={id} title={title}>
          <input type="checkbox" checked={isChecked(id)} onChange={() => onToggle(id)} />
          {label}
        </label>
      ))}
    </div>
  );
}
