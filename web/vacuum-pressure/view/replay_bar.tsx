import type { Speed } from '../../../src/wire/index.ts';
import { speedWords } from './top_bar.tsx';
import { useTerminal } from './use_terminal.ts';

export const speeds: readonly Speed[] = [0.25, 0.5, 1, 2, 5, 10, 25, 50, 100, 'max'];

/** Play, pause, restart, step and speed. */
export function ReplayBar() {
  const terminal = useTerminal('playback', 'connection', 'settings');
  if (!terminal.settings.panels.replay) return null;
  return (
    <section class="replay-bar" aria-label="Replay">
      <button type="button" title="Start again (Home)" aria-label="Restart" onClick={() => terminal.restart()}>
        ⏮
      </button>
      <button type="button" title="One bin back (←)" aria-label="Step back" onClick={() => terminal.step(-1)}>
        ◂
      </button>
      <button
        type="button"
        class="play"
        title="Play or pause (Space)"
        onClick={() => (terminal.paused ? terminal.play() : terminal.pause())}
      >
        {terminal.paused ? '▶ Play' : '⏸ Pause'}
      </button>
      <button type="button" title="One bin on (→)" aria-label="Step on" onClick={() => terminal.step(1)}>
        ▸
      </button>
      <label>
        <span class="quiet">Speed </span>
        <select
          value={String(terminal.speed)}
          onChange={({ currentTarget: { value } }) => terminal.setSpeed(value === 'max' ? value : Number(value))}
        >
          {speeds.map((speed) => (
            <option key={speed} value={String(speed)}>
              {speedWords(speed)}
            </option>
          ))}
        </select>
      </label>
    </section>
  );
}
