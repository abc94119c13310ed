import './session_bars.css';
import { useState } from 'preact/hooks';
import { type SessionResult, sessionSummary, sessionWords } from '../model/sessions.ts';

interface SessionBarsProps {
  readonly sessions: readonly SessionResult[];
  /** Date of the session whose trades are shown. */
  readonly chosen: string | null;
  readonly onChoose: (date: string) => void;
}

const steps: Readonly<Record<string, number>> = { ArrowLeft: -1, ArrowRight: 1, PageUp: -10, PageDown: 10 };

/** A bar per session, above or below zero; one is chosen by pointer or keys. */
export function SessionBars({ sessions, chosen, onChoose }: SessionBarsProps) {
  const [under, setUnder] = useState<number | null>(null);
  const at = sessions.findIndex(({ date }) => date === chosen);
  const reach = Math.max(...sessions.map(({ netTicks }) => Math.abs(netTicks ?? 0)), 1e-9);
  const shown = sessions[under ?? at];
  const choose = (index: number) => {
    const session = sessions[Math.max(0, Math.min(sessions.length - 1, index))];
    if (session !== undefined) onChoose(session.date);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const by = steps[event.key];
    if (by !== undefined) choose(at + by);
    else if (event.key === 'Home') choose(0);
    else if (event.key === 'End') choose(sessions.length - 1);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const indexAt = (event: MouseEvent & { currentTarget: HTMLElement }) => {
    const { left, width } = event.currentTarget.getBoundingClientRect();
    return Math.min(sessions.length - 1, Math.floor(((event.clientX - left) / width) * sessions.length));
  };
  return (
    <section>
      <h3>
        Sessions <span class="quiet">net ticks a session; the trades of the one that is marked are below</span>
      </h3>
      <p class="session-readout">{shown === undefined ? '' : sessionWords(shown)}</p>
      <div
        class="session-bars"
        role="slider"
        tabIndex={0}
        aria-label="Session"
        aria-valuemin={1}
        aria-valuemax={sessions.length}
        aria-valuenow={at + 1}
        aria-valuetext={sessions[at] === undefined ? '' : sessionWords(sessions[at])}
        onKeyDown={onKeyDown}
        onPointerMove={(event) => setUnder(indexAt(event))}
        onPointerLeave={() => setUnder(null)}
        onClick={(event) => choose(indexAt(event))}
      >
        {sessions.map((session, index) => (
          <SessionBar key={session.date} session={session} reach={reach} isChosen={index === at} />
        ))}
      </div>
      <p class="session-ends quiet">
        <span>{sessions[0]?.date}</span>
        <span>{sessions.at(-1)?.date}</span>
      </p>
      <p>{sessionSummary(sessions)}</p>
    </section>
  );
}

function SessionBar({ session, reach, isChosen }: { session: SessionResult; reach: number; isChosen: boolean }) {
  const { netTicks, signals } = session;
  const side = signals === null ? 'not-run' : (netTicks ?? 0) > 0 ? 'gains' : (netTicks ?? 0) < 0 ? 'loses' : 'even';
  const height = `--share:${Math.abs(netTicks ?? 0) / reach}`;
  return <i class={`session-bar ${side} ${isChosen ? 'is-marked' : ''}`} style={height} />;
}
