import './live_section.css';
import { useMemo } from 'preact/hooks';
import { plural } from '../../shared/numbers.ts';
import type { Live } from '../playback/live.ts';
import { formatDuration, ZoneClock } from '../session/format.ts';
import { useTerminalSeldom } from './use_terminal.ts';
import { useTicks } from './use_ticks.ts';

/** A market without a bin for this long is worth a word. */
const silentMs = 2000;

/** The recording's connection to the market in words, and how serious it is. */
export function feedWords(live: Live, nowMs: number): readonly [words: string, tone: string] {
  const { status } = live;
  if (status === null) return ['Live', 'tone-good'];
  if (status.failure !== null) return ['Recording stopped', 'tone-error'];
  switch (status.connection) {
    case 'live':
      return ['Live', 'tone-good'];
    case 'connecting':
      return ['Feed connecting…', 'tone-warning'];
    case 'retrying':
      return [`Feed lost, again in ${Math.ceil((live.retryInMs(nowMs) ?? 0) / 1000)} s`, 'tone-warning'];
    case 'closed_market':
      return ['Market closed', 'tone-neutral'];
    case 'ended':
      return ['Recording ended', 'tone-neutral'];
  }
}

/** Delay and silence of a live stream in words, or how far the page is behind it. */
function Freshness({ live, nowMs }: { live: Live; nowMs: number }) {
  const silent = live.silentMs(nowMs);
  if (live.behindMs > 0) return <output class="tone-warning">{formatDuration(live.behindMs)} behind</output>;
  const isOfFile = live.status?.is_of_file === true;
  const { delayMs } = live;
  const about = isOfFile
    ? 'A file is being played: the delay is what lies beyond the least one seen'
    : 'From the receipt at the gateway of the record that closed a bin to the bin’s arrival at this page';
  return (
    <output title={about} class={silent > silentMs ? 'tone-warning' : ''}>
      {silent > silentMs
        ? `no bin for ${formatDuration(silent)}`
        : delayMs === null
          ? ''
          : `${formatDuration(delayMs)}${isOfFile ? ' (of a file)' : ''}`}
    </output>
  );
}

/** Where the market is, and where the page is to it: connection, delay, session clock, what the recording lacks, and the way back to its end. */
export function LiveSection() {
  const terminal = useTerminalSeldom('session', 'playback', 'connection', 'settings', 'live');
  const { live, playback } = terminal;
  const nowMs = useTicks(live.isOn);
  const clock = useMemo(() => new ZoneClock(terminal.settings.current.zone), [terminal.settings.current.zone]);
  if (!live.isOn) return null;
  const [words, tone] = feedWords(live, nowMs);
  const isAtLive = !playback.paused && live.behindMs === 0;
  const gaps = live.gaps.length;
  return (
    <section class="live-section" aria-label="Live">
      <span class={`connection ${tone}`} role="status" title={live.status?.failure ?? undefined}>
        <span class="dot" aria-hidden="true" />
        {words}
      </span>
      <Freshness live={live} nowMs={nowMs} />
      {live.clockMs !== null && (
        <span title="The session’s clock: when the newest record was received at the gateway">
          <span class="quiet">Session </span>
          {clock.time(live.clockMs)}
        </span>
      )}
      {live.warmUpShortMin > 0 && (
        <span class="tone-warning" title="The recording began less than 30 minutes before the first bin">
          warm-up short by {live.warmUpShortMin} min
        </span>
      )}
      {gaps > 0 && (
        <span class="tone-warning" title={live.gaps.map((gap) => gapWords(gap, clock)).join('\n')}>
          {plural(gaps, 'gap')}
        </span>
      )}
      <button type="button" title="Jump to live (J)" disabled={isAtLive} onClick={() => playback.toLive()}>
        Jump to live
      </button>
    </section>
  );
}

function gapWords({ fromMs, toMs, cause }: Live['gaps'][number], clock: ZoneClock): string {
  return `${clock.time(fromMs, 1)} – ${clock.time(toMs, 1)}: ${cause}`;
}
