import './replay_bar.css';
import { useState } from 'preact/hooks';
import type { Speed } from '../../../src/wire/index.ts';
import { ZoneClock } from '../session/format.ts';
import { BookmarkMenu } from './bookmark_menu.tsx';
import { Icon } from './icon.tsx';
import { LiveSection } from './live_section.tsx';
import { Scrubber } from './scrubber.tsx';
import { speedWords } from './top_bar.tsx';
import { useTerminal } from './use_terminal.ts';

export const speeds: readonly Speed[] = [0.25, 0.5, 1, 2, 5, 10, 25, 50, 100, 'max'];

/** A clock time to continue at. */
function GoTo() {
  const terminal = useTerminal('settings');
  const [wrong, setWrong] = useState(false);
  const go = (event: SubmitEvent) => {
    event.preventDefault();
    const input = (event.currentTarget as HTMLFormElement).elements.namedItem('time') as HTMLInputElement;
    const clock = new ZoneClock(terminal.settings.current.zone);
    const unixMs = clock.parse(input.value, terminal.data.unixMs(terminal.chart.shownSeq), terminal.data.unixMs(0));
    setWrong(unixMs === null);
    if (unixMs !== null) terminal.playback.seekTime(unixMs);
    else terminal.notices.say(`Cannot go to “${input.value}”: expected a time as HH:MM, HH:MM:SS or HH:MM:SS.mmm.`);
  };
  return (
    <form onSubmit={go} class="go-to">
      <label>
        <span class="quiet">Go to </span>
        <input
          type="text"
          name="time"
          class={wrong ? 'wrong' : ''}
          aria-invalid={wrong}
          title="A time of the session, as HH:MM, HH:MM:SS or HH:MM:SS.mmm"
          placeholder="HH:MM:SS"
          size={11}
        />
      </label>
    </form>
  );
}

/** Play, pause, restart, step, speed, seek. */
export function ReplayBar() {
  const terminal = useTerminal('playback', 'connection', 'settings');
  if (!terminal.settings.current.panels.replay) return null;
  const isStopped = terminal.playback.paused || terminal.playback.connectionState.phase === 'ended';
  return (
    <section class="replay-bar" aria-label="Replay">
      <button type="button" title="Start again (Home)" aria-label="Restart" onClick={() => terminal.playback.restart()}>
        <Icon name="restart" />
      </button>
      <button type="button" title="One bin back (←)" aria-label="Step back" onClick={() => terminal.playback.step(-1)}>
        <Icon name="back" />
      </button>
      <button
        type="button"
        class="play"
        title="Play or pause (Space)"
        onClick={() => (isStopped ? terminal.playback.play() : terminal.playback.pause())}
      >
        <Icon name={isStopped ? 'play' : 'pause'} /> {isStopped ? 'Play' : 'Pause'}
      </button>
      <button type="button" title="One bin on (→)" aria-label="Step on" onClick={() => terminal.playback.step(1)}>
        <Icon name="forward" />
      </button>
      <label>
        <span class="quiet">Speed </span>
        <select
          value={String(terminal.playback.speed)}
          onChange={({ currentTarget: { value } }) =>
            terminal.playback.setSpeed(value === 'max' ? value : Number(value))
          }
        >
          {speeds.map((speed) => (
            <option key={speed} value={String(speed)}>
              {speedWords(speed)}
            </option>
          ))}
        </select>
      </label>
      <LiveSection />
      <Scrubber />
      <GoTo />
      <BookmarkMenu />
    </section>
  );
}
