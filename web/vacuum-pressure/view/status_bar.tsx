import './status_bar.css';
import { formatCount, timeZones } from '../session/format.ts';
import { FileMenu } from './file_menu.tsx';
import { useTerminalSeldom } from './use_terminal.ts';

const mib = 2 ** 20;

/** What is received, what is under the crosshair, and the choices that one seldom changes. */
export function StatusBar({ onHelp }: { onHelp: () => void }) {
  const terminal = useTerminalSeldom('bin', 'settings', 'session', 'connection', 'notice');
  const settings = terminal.settings.current;
  const { session } = terminal.data;
  const config = session?.contract.config;
  const { store } = session ?? {};
  return (
    <footer class="status-bar">
      {/* At the edge, where there is room for its sheet in any window. */}
      <FileMenu />
      {store !== undefined && store.count > 0 && (
        <span>
          {formatCount(store.count)} bins received · {Math.round(store.bytes / mib)} MB
        </span>
      )}
      {config !== undefined && (
        <span class="quiet">
          cell {config.cell_width_ms} ms · ±{config.grid_radius_ticks} ticks · configuration{' '}
          {config.effective_config_hash}
        </span>
      )}
      <span class="notice-text" role="status">
        {terminal.notices.text}
      </span>
      <span class="spring" />
      <label>
        <span class="visually-hidden">Time zone</span>
        <select
          value={settings.zone}
          onChange={({ currentTarget }) => terminal.settings.change({ zone: currentTarget.value })}
        >
          {timeZones.map(({ zone, label }) => (
            <option key={zone} value={zone}>
              {label} time
            </option>
          ))}
        </select>
      </label>
      <button
        type="button"
        onClick={() => terminal.settings.change({ theme: settings.theme === 'dark' ? 'light' : 'dark' })}
      >
        {settings.theme === 'dark' ? 'Light' : 'Dark'}
      </button>
      <button type="button" onClick={onHelp} aria-label="Help and keys" title="Help and keys (?)">
        ?
      </button>
    </footer>
  );
}
