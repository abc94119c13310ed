import './session_bars.css';
import { useState } from 'preact/hooks';
import { type SessionResult, sessionSummary, sessionWords } from '../model/sessions.ts';

interface SessionBarsProps {
  readonly sessions: readonly SessionResult[];
  /** Date of the session whose trades are shown. */
  readonly chosen: string | null;
  readonly onChoose: (date: string) => void;
  /** The stream of a session on the heatmap page. */
  readonly hrefOf: (date: string) => string;
}

const steps: Readonly<Record<string, number>> = { ArrowLeft: -1, ArrowRight: 1, PageUp: -10, PageDown: 10 };

/** A bar per session, above or below zero; keys choose one, Enter and a click open its stream at its first trade. */
export function SessionBars({ sessions, chosen, onChoose, hrefOf }: SessionBarsProps) {
  const [under, setUnder] = useState<number | null>(null);
  const at = sessions.findIndex(({ date }) => date === chosen);
  const reach = Math.max(...sessions.map(({ netTicks }) => Math.abs(netTicks ?? 0)), 1e-9);
  const shown = sessions[under ?? at];
  const choose = (index: number) => {
    const session = sessions[Math.max(0, Math.min(sessions.length - 1, index))];
    if (session !== undefined) onChoose(session.date);
  };
  /** The session is chosen as well, for the way back; one without trades is only chosen. */
  const open = ({ ctrlKey, metaKey }: MouseEvent | KeyboardEvent, index: number) => {
    const session = sessions[index];
    choose(index);
    if (session === undefined || !session.signals) return;
    if (ctrlKey || metaKey) window.open(hrefOf(session.date), '_blank', 'noopener');
    else location.assign(hrefOf(session.date));
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const by = steps[event.key];
    if (by !== undefined) choose(at + by);
    else if (event.key === 'Enter') open(event, at);
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
        Sessions{' '}
        <span class="quiet">
          net ticks a session; a click opens that day on the heatmap, ← → choose the one whose trades are below
        </span>
      </h3>
      <p class="session-readout">
        {shown !== undefined && sessionWords(shown)}{' '}
        {shown?.signals ? <a href={hrefOf(shown.date)}>Open on the heatmap</a> : null}
      </p>
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
        onClick={(event) => open(event, indexAt(event))}
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
