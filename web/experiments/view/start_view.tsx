import './start_view.css';
import { useState } from 'preact/hooks';
import type { ExperimentsEvent } from '../../../src/wire/index.ts';
import { useFetched } from '../../shared/use_fetched.ts';
import type { PageState } from '../model/page_state.ts';
import { fetchSpecs } from '../model/sweeps_api.ts';
import { PlanPanel } from './plan_panel.tsx';
import { SpecEditor } from './spec_editor.tsx';
import { SweepsPanel } from './sweeps_panel.tsx';
import { TokenNotice } from './token_notice.tsx';
import type { Changes } from './use_changes.ts';
import type { Change } from './use_page_state.ts';
import { useSpec } from './use_spec.ts';

interface StartViewProps {
  readonly state: PageState;
  readonly change: Change;
  readonly changes: Changes;
  readonly event: ExperimentsEvent | null;
}

/** Starts sweeps: specs to edit, what running one takes, and the sweeps that run or ended. */
export function StartView({ state, change, changes, event }: StartViewProps) {
  const mayChange = changes.state === 'allowed';
  const [saves, setSaves] = useState(0);
  const [starts, setStarts] = useState(0);
  const { value: list, error } = useFetched(`specs ${saves}`, fetchSpecs);
  const spec = useSpec(state.spec, mayChange, `${event?.results_version} ${event?.sweeps.length}`);
  const { draft, check } = spec;
  const save = async () => {
    const name = await spec.save();
    if (name === null) return;
    setSaves((before) => before + 1);
    change({ spec: name });
  };
  const start = async (options: Parameters<typeof spec.start>[0]) => {
    const isStarted = await spec.start(options);
    if (isStarted) setStarts((before) => before + 1);
    return isStarted;
  };
  const errorAt =
    check?.valid === false && check.line !== null ? { line: check.line, column: check.column ?? 1 } : null;
  return (
    <main class="start">
      <TokenNotice changes={changes} />
      <nav class="specs" aria-label="Experiment specs">
        <h3>Specs</h3>
        {error !== null && <p class="tone-error">{error}</p>}
        {list?.specs.map(({ name }) => (
          <button
            key={name}
            type="button"
            aria-current={name === state.spec ? 'page' : undefined}
            onClick={() => change({ spec: name })}
          >
            {name}
          </button>
        ))}
        {list !== null && <p class="quiet">in {list.folder}. Another name in the text saves it as a new spec.</p>}
      </nav>
      {draft === null ? (
        <p class="quiet">
          {spec.error ?? (state.spec === '' ? 'Open a spec to run it, or to make another from it.' : 'Opening…')}
        </p>
      ) : (
        <SpecEditor
          text={draft.text}
          errorAt={errorAt}
          readOnly={!mayChange}
          onText={spec.edit}
          onSave={() => void save()}
        />
      )}
      <div class="start-side">
        {mayChange && (
          <PlanPanel spec={{ ...spec, start }} canRun={list?.can_run === true} onSave={() => void save()} />
        )}
        <SweepsPanel event={event} starts={starts} mayChange={mayChange} />
      </div>
    </main>
  );
}
