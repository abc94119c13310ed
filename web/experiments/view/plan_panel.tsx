import { useState } from 'preact/hooks';
import { costRows } from '../model/cost_text.ts';
import { isChanged } from '../model/spec_draft.ts';
import { goTo } from './spec_editor.tsx';
import type { OpenSpec } from './use_spec.ts';

interface PlanPanelProps {
  readonly spec: OpenSpec;
  readonly canRun: boolean;
  readonly onSave: () => void;
}

/** What the server says of the text: its errors, or its plan and cost, and the ways to save and run it. */
export function PlanPanel({ spec, canRun, onSave }: PlanPanelProps) {
  const { draft, check, busy } = spec;
  if (draft === null) return <section class="plan" aria-label="Plan" />;
  const isDirty = isChanged(draft);
  const isNew = check?.valid === true && check.name !== draft.name;
  return (
    <section class="plan" aria-label="Plan">
      <div id="spec-state" role="status">
        {check === null ? (
          <p class="quiet">Checking…</p>
        ) : check.valid ? (
          <Sound check={check} />
        ) : (
          <Unsound check={check} />
        )}
      </div>
      <div class="plan-tools">
        <button type="button" disabled={busy || !isDirty || check?.valid !== true} onClick={onSave}>
          {isNew ? `Save as ${check.name}` : 'Save'}
        </button>
        <button type="button" disabled={busy || !isDirty} onClick={spec.reload}>
          Discard changes
        </button>
        <span class="quiet">{isDirty ? 'Changed, not saved; kept in this browser.' : 'Saved.'}</span>
      </div>
      <RunTools spec={spec} canRun={canRun} isDirty={isDirty} />
      {spec.error !== null && (
        <p class="tone-error" role="alert">
          {spec.error}
        </p>
      )}
      {spec.done !== null && <p role="status">{spec.done}</p>}
    </section>
  );
}

type Check = NonNullable<OpenSpec['check']>;

function Sound({ check }: { check: Extract<Check, { valid: true }> }) {
  const { about, warnings, cost } = check;
  return (
    <>
      <p>
        <strong>{check.name}</strong> is sound: {about}
      </p>
      {warnings.map((warning) => (
        <p key={warning} class="warning">
          Warning: {warning}
        </p>
      ))}
      <dl class="pairs">
        {costRows(cost).map(([name, text]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{text}</dd>
          </div>
        ))}
      </dl>
      {cost.refusal !== null && <p class="tone-error preserved">{cost.refusal.message}</p>}
    </>
  );
}

function Unsound({ check }: { check: Extract<Check, { valid: false }> }) {
  const { message, line, column } = check;
  return (
    <>
      <p class="tone-error preserved">{message}</p>
      {line !== null && (
        <button type="button" onClick={() => goTo(line, column ?? 1)}>
          Go to line {line}
        </button>
      )}
    </>
  );
}

function RunTools({ spec, canRun, isDirty }: { spec: OpenSpec; canRun: boolean; isDirty: boolean }) {
  const [force, setForce] = useState(false);
  const [keepGoing, setKeepGoing] = useState(false);
  const { check, busy } = spec;
  const isReady = check?.valid === true && check.cost.refusal === null && !isDirty;
  return (
    <div class="plan-tools">
      <button
        type="button"
        class="button"
        disabled={busy || !canRun || !isReady}
        title={isDirty ? 'Save it first' : ''}
        onClick={() => void spec.start({ force, keepGoing })}
      >
        Run
      </button>
      <label>
        <input type="checkbox" checked={keepGoing} onChange={(event) => setKeepGoing(event.currentTarget.checked)} /> go
        on when a cell fails
      </label>
      <label>
        <input type="checkbox" checked={force} onChange={(event) => setForce(event.currentTarget.checked)} /> evaluate
        again what has results
      </label>
    </div>
  );
}
