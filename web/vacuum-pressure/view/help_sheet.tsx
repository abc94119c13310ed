import './help_sheet.css';
import { glossaryEntries } from '../../shared/term.tsx';
import { useDialog } from '../../shared/use_dialog.ts';
import { formatCount } from '../session/format.ts';
import { retainedBins } from '../session/retention.ts';
import { keyBindings } from './keyboard.ts';
import { useTerminal } from './use_terminal.ts';

const pointerWords = [
  ['Wheel', 'Zoom time: about the newest bin while following, else about the pointer'],
  ['Ctrl + wheel', 'Zoom time and price'],
  ['Shift + wheel', 'Pan the time'],
  ['Wheel on an axis', 'Zoom that axis: the price about spot'],
  ['Drag', 'Pan; drag an axis to scale it'],
  ['Shift + drag', 'Zoom into a box'],
  ['Alt + drag', 'Measure ticks, %, time and volume'],
  ['Double click', 'Follow again, price fitted; on an axis: fit the price, or the session'],
  [
    'Right click',
    'Menu of the place: bookmark, alert at this price, measure from here, copy a link; long press by touch',
  ],
  ['Two fingers', 'Pinch to zoom each axis, drag to pan'],
] as const;

/** Keys and gestures. */
export function HelpSheet({ onOpenFile }: { onOpenFile: () => void }) {
  const { menus } = useTerminal('menus');
  const dialog = useDialog(menus.open === 'Keys');
  const onClose = () => menus.closed('Keys');
  return (
    <dialog ref={dialog} class="help" aria-labelledby="help-title" onClose={onClose}>
      <header>
        <h2 id="help-title">Keys and gestures</h2>
        <span class="spring" />
        <button
          type="button"
          onClick={() => {
            onClose();
            onOpenFile();
          }}
        >
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
        <div>
          <dl>
            {pointerWords.map(([gesture, words]) => (
              <div key={gesture}>
                <dt>{gesture}</dt>
                <dd>{words}</dd>
              </div>
            ))}
          </dl>
          <div class="notes">
            <p>
              The page keeps the newest {formatCount(retainedBins)} bins as values, so layers and colours change for all
              of them. Velocities, accelerations and jerks keep 11 bits of precision, all else 24 or more.
            </p>
            <p>
              Fills are what the fill mass gained from bin to bin, rounded to whole units. A bin’s time is its end.
              Prices outside a bin’s window are not sent and stay empty.
            </p>
            <p>Drop a .dbn, .dbn.zst or .dbz file with an instrument configuration to replay it without a server.</p>
          </div>
        </div>
      </div>
      <details class="glossary">
        <summary>Glossary: what the words of the page mean</summary>
        <dl>
          {glossaryEntries.map(({ words, meaning }) => (
            <div key={words}>
              <dt>{words}</dt>
              <dd>{meaning}</dd>
            </div>
          ))}
        </dl>
      </details>
    </dialog>
  );
}
