import { useEffect, useRef } from 'preact/hooks';
import { keyBindings } from './keyboard.ts';

const pointerWords = [
  ['Wheel', 'Zoom at the pointer'],
  ['Shift + wheel', 'Zoom time only'],
  ['Ctrl + wheel', 'Zoom price only'],
  ['Drag', 'Pan; drag an axis to scale it'],
  ['Shift + drag', 'Zoom into a box'],
  ['Alt + drag', 'Measure ticks, %, time and volume'],
  ['Double click', 'Follow again'],
  ['Two fingers', 'Pinch to zoom each axis, drag to pan'],
] as const;

/** Keys and gestures. */
export function HelpSheet(props: { open: boolean; onClose: () => void; onOpenFile: () => void }) {
  const { open, onClose, onOpenFile } = props;
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    if (open) dialog.current?.showModal();
    else dialog.current?.close();
  }, [open]);
  return (
    <dialog ref={dialog} class="help" aria-labelledby="help-title" onClose={onClose}>
      <header>
        <h2 id="help-title">Keys and gestures</h2>
        <span class="spring" />
        <button type="button" onClick={onOpenFile}>
          Open a file…
        </button>
        <button type="button" onClick={onClose}>
          Close
        </button>
      </header>
      <div class="columns">
        <dl>
          {keyBindings.map(({ keys, words }) => (
            <div key={words}>
              <dt>
                {keys.map((key) => (
                  <kbd key={key}>{key}</kbd>
                ))}
              </dt>
              <dd>{words}</dd>
            </div>
          ))}
        </dl>
        <dl>
          {pointerWords.map(([gesture, words]) => (
            <div key={gesture}>
              <dt>{gesture}</dt>
              <dd>{words}</dd>
            </div>
          ))}
        </dl>
      </div>
    </dialog>
  );
}
