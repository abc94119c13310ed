import './spec_editor.css';
import { useEffect, useRef } from 'preact/hooks';
import { notNull } from '../../../src/errors.ts';

interface SpecEditorProps {
  readonly text: string;
  /** Line and column of an error, from 1. */
  readonly errorAt: { readonly line: number; readonly column: number } | null;
  readonly readOnly: boolean;
  readonly onText: (text: string) => void;
  readonly onSave: () => void;
}

/** A text with numbered lines; the line of an error is marked. Tab stays free to leave it by, since YAML knows no tabs. */
export function SpecEditor({ text, errorAt, readOnly, onText, onSave }: SpecEditorProps) {
  const field = useRef<HTMLTextAreaElement>(null);
  const gutter = useRef<HTMLDivElement>(null);
  const count = text.split('\n').length;
  const follow = () => notNull(gutter.current).scrollTo({ top: notNull(field.current).scrollTop });
  useEffect(follow, [count]);
  const onKeyDown = (event: KeyboardEvent) => {
    if ((event.ctrlKey || event.metaKey) && event.key === 's') {
      event.preventDefault();
      onSave();
    }
  };
  return (
    <div class="spec-editor">
      <div class="gutter" ref={gutter} aria-hidden="true">
        {Array.from({ length: count }, (_, index) => (
          <div key={index} class={errorAt?.line === index + 1 ? 'at-error' : ''}>
            {index + 1}
          </div>
        ))}
      </div>
      <textarea
        ref={field}
        aria-label="Experiment spec, YAML"
        aria-invalid={errorAt !== null}
        aria-describedby="spec-state"
        spellcheck={false}
        autocapitalize="off"
        wrap="off"
        readOnly={readOnly}
        value={text}
        onScroll={follow}
        onKeyDown={onKeyDown}
        onInput={(event) => onText(event.currentTarget.value)}
      />
    </div>
  );
}

/** Puts the cursor of the editor at a place of its text. */
export function goTo(line: number, column: number): void {
  const field = document.querySelector<HTMLTextAreaElement>('.spec-editor textarea');
  if (field === null) return;
  const lines = field.value.split('\n');
  const start = lines.slice(0, line - 1).reduce((sum, one) => sum + one.length + 1, 0) + column - 1;
  field.focus();
  field.setSelectionRange(start, Math.min(field.value.length, start + 1));
}
