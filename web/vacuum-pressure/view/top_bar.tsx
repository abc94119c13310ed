import './top_bar.css';
import { useMemo } from 'preact/hooks';
import { experimentHref } from '../../shared/servings.ts';
import { explain } from '../../shared/term.tsx';
import type { ConnectionState } from '../feed/connection.ts';
import type { Live } from '../playback/live.ts';
import type { Terminal } from '../playback/terminal.ts';
import { formatCount, formatDuration, formatPrice, unixMsOf, ZoneClock, zoneName } from '../session/format.ts';
import type { Session } from '../session/session.ts';
import { useTerminal } from './use_terminal.ts';

function Field({ name, value, tone = '', word }: { name: string; value: string; tone?: string; word?: string }) {
  return (
    <div class="field" title={word === undefined ? undefined : explain(word)}>
      <span class="field-name">{name}</span>
      <span class={`field-value ${tone}`}>{value}</span>
    </div>
  );
}

/** The connection and the replay in a word or two, and how serious it is. */
export function connectionWords(
  state: ConnectionState,
  paused: boolean,
  live: Pick<Live, 'isOn' | 'behindMs'> | null = null,
): readonly [words: string, tone: string] {
  switch (state.phase) {
    case 'streaming':
      if (paused) return ['Paused', 'tone-warning'];
      if (live?.isOn !== true) return ['Live replay', 'tone-good'];
      return live.behindMs === 0
        ? ['Live', 'tone-good']
        : [`${formatDuration(live.behindMs)} behind live`, 'tone-warning'];
    case 'connecting':
      return ['Connecting…', 'tone-warning'];
    case 'waiting':
      return ['Reconnecting…', 'tone-warning'];
    case 'ended':
      return ['End of session', 'tone-neutral'];
    case 'refused':
      return ['Refused', 'tone-error'];
    case 'failed':
    case 'violated':
      return ['Stopped', 'tone-error'];
  }
}

function Quotes({ session, seq }: { session: Session; seq: number }) {
  const { store, contract } = session;
  const price = (field: 'spotTick' | 'bidTick' | 'askTick') =>
    formatPrice(store.bin(field, seq), contract.tickInt, contract.priceDecimals);
  return (
    <>
      <Field name="Spot" word="spot" value={price('spotTick')} tone="strong" />
      <Field name="Bid" word="bid" value={price('bidTick')} tone="bid" />
      <Field name="Ask" word="ask" value={price('askTick')} tone="ask" />
    </>
  );
}

/** The name of a run's day, as one reads it: of the run's id the start. */
const shortName = (name: string) => name.replace(/^([0-9a-f]{8})[0-9a-f]{24}\./, '$1….');

/** Prices, time and place of the bin shown: the newest, or while paused the one stepped to. */
function Moment({ terminal, session }: { terminal: Terminal; session: Session }) {
  const settings = terminal.settings.current;
  const { shownSeq } = terminal.chart;
  const clock = useMemo(() => new ZoneClock(settings.zone), [settings.zone]);
  const endMs = terminal.data.unixMs(shownSeq + 1);
  return (
    <>
      <Quotes session={session} seq={shownSeq} />
      <Field name={`${zoneName(settings.zone)} · ${clock.date(endMs)}`} value={clock.time(endMs, 1)} tone="strong" />
      <Field word="bin" name={terminal.playback.paused ? 'Bin, paused' : 'Bin'} value={formatCount(shownSeq)} />
      <Field name="Events" word="event" value={formatCount(session.store.bin('eventId', shownSeq))} />
    </>
  );
}

/** The time that is sought, in words; null when none is. */
export function seekingWords({ playback: { seekingNs }, settings: { current } }: Terminal): string | null {
  if (seekingNs === null) return null;
  return `Seeking ${new ZoneClock(current.zone).time(unixMsOf(seekingNs))} …`;
}

/** Instrument, serving, prices, time, bin and connection. */
export function TopBar() {
  const terminal = useTerminal('session', 'bin', 'pointer', 'settings', 'connection', 'playback', 'live');
  const { session } = terminal.data;
  const { shownSeq } = terminal.chart;
  const config = session?.contract.config;
  const { experiment_name: experiment } = (config?.serving.source ?? {}) as { experiment_name?: string };
  const [words, tone] = connectionWords(terminal.playback.connectionState, terminal.playback.paused, terminal.live);
  return (
    <header class="top-bar">
      <nav class="places" aria-label="Pages">
        <a href="./" title="All servings and experiments of this server">
          Servings
        </a>
        <a href={experiment === undefined ? './experiments.html' : experimentHref(experiment)}>Experiments</a>
      </nav>
      <h1 class="instrument">{config?.symbol ?? 'Spymaster'}</h1>
      {config !== undefined && (
        <Field
          word="serving"
          name={`Serving ${shortName(config.serving.serving_name)}`}
          value={shortName(config.serving.serving_id)}
          tone="id"
        />
      )}
      {session !== null && shownSeq >= 0 && <Moment terminal={terminal} session={session} />}
      <span class={`connection ${tone}`} role="status">
        <span class="dot" aria-hidden="true" />
        {seekingWords(terminal) ?? words}
        {terminal.playback.connectionState.phase === 'streaming' &&
          terminal.playback.seekingNs === null &&
          !terminal.playback.paused &&
          words !== 'Live' &&
          ` ${speedWords(terminal.playback.speed)}`}
      </span>
    </header>
  );
}

export const speedWords = (speed: number | 'max') => (speed === 'max' ? 'max' : `${speed}×`);
