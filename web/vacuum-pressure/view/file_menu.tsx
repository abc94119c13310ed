import './file_menu.css';
import { useState } from 'preact/hooks';
import { Menu } from '../../shared/menu.tsx';
import { plural } from '../../shared/numbers.ts';
import { useTerminal } from './use_terminal.ts';

/** How a file fares that the browser replays itself: what is wrong with it, and what of it was left out. */
export function FileMenu() {
  const terminal = useTerminal('notice', 'session');
  const { report } = terminal.playback;
  const [open, setOpen] = useState(false);
  if (report === null) return null;
  const { events, anomalies, skipped } = report;
  const summary = anomalies.length === 0 ? 'no anomalies' : plural(anomalies.length, 'anomaly', 'anomalies');
  return (
    <Menu
      name={`File: ${summary}${skipped.length === 0 ? '' : ', some skipped'}`}
      open={open}
      onToggle={setOpen}
      upwards
    >
      <div class="file-words">
        <p>{plural(events, 'event')} so far.</p>
        <h3>Anomalies</h3>
        {anomalies.length === 0 && <p class="quiet">None.</p>}
        <ul>
          {anomalies.map((sentence) => (
            <li key={sentence}>{sentence}</li>
          ))}
        </ul>
        <h3>Skipped</h3>
        {skipped.length === 0 && <p class="quiet">Nothing.</p>}
        <ul>
          {skipped.map((words) => (
            <li key={words}>{words}</li>
          ))}
        </ul>
      </div>
    </Menu>
  );
}
