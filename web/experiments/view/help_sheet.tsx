import './help_sheet.css';
import { useDialog } from '../../shared/use_dialog.ts';

const keys = [
  ['/', 'Search'],
  ['↑ ↓', 'Select a run; Page Up, Page Down, Home and End go farther'],
  ['Space', 'Mark the run for comparison'],
  ['1 2 3', 'Runs, sweep, compare'],
  ['← → ↑ ↓', 'In the landscape: from cell to cell; Enter opens its runs'],
  ['↑ ↓ ← → Del', 'On an axis’s name: the lower end of its brush, with Shift the upper; the axis; no brush'],
  ['Esc', 'Close the detail panel'],
  ['t', 'Dark or light'],
] as const;

const searches = [
  ['ads null', 'Both words occur in id, signal, dataset or experiment'],
  ['tp_rate>0.6', 'Rates are shares of one: 0.6 is 60 %'],
  ['n>=50 q<=0.05', 'A column’s label without spaces, and = != < <= > >='],
  ['d2_weight=0.5|1', 'A parameter by its name, one value or several'],
] as const;

/** Keys, and what a search understands. */
export function HelpSheet({ open, onClose }: { open: boolean; onClose: () => void }) {
  const dialog = useDialog(open);
  return (
    <dialog ref={dialog} class="help" aria-labelledby="help-title" onClose={onClose}>
      <header>
        <h2 id="help-title">Keys and search</h2>
        <span class="spring" />
        <button type="button" onClick={onClose}>
          Close
        </button>
      </header>
      <dl>
        {keys.map(([key, words]) => (
          <div key={key}>
            <dt>
              {key.split(' ').map((one) => (
                <kbd key={one}>{one}</kbd>
              ))}
            </dt>
            <dd>{words}</dd>
          </div>
        ))}
        {searches.map(([text, words]) => (
          <div key={text}>
            <dt>
              <code>{text}</code>
            </dt>
            <dd>{words}</dd>
          </div>
        ))}
      </dl>
    </dialog>
  );
}
