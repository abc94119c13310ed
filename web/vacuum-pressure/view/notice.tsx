import './notice.css';
import { ServingLinks } from '../../shared/serving_links.tsx';
import type { Terminal } from '../playback/terminal.ts';
import { feedWords } from './live_section.tsx';
import { useTerminal } from './use_terminal.ts';
import { useTicks } from './use_ticks.ts';

function Message({ title, text, children }: { title: string; text: string; children?: preact.ComponentChildren }) {
  return (
    <div class="notice" role="alert">
      <h2>{title}</h2>
      <p>{text}</p>
      {children}
    </div>
  );
}

/** The serving that the page's address names. */
const servingIn = (search: string) => new URLSearchParams(search).get('serving');

/** What the page waits for before the first bin. */
function waitingWords({ playback, live }: Terminal, nowMs: number): string {
  if (playback.connectionState.phase === 'streaming') return 'Connected. Waiting for the first bin…';
  const { status } = live;
  if (status === null) return 'Connecting to the stream…';
  if (status.failure !== null) return status.failure;
  const [words] = feedWords(live, nowMs);
  return `Waiting for the recording of ${status.symbol} to begin. ${words === 'Live' ? 'The feed is connected.' : `${words}.`}`;
}

/** What is wrong, or what the page is waiting for, in words, over the chart. */
export function Notice() {
  const terminal = useTerminal('connection', 'session', 'bin', 'notice', 'playback', 'live');
  const state = terminal.playback.connectionState;
  const nowMs = useTicks(state.phase === 'waiting' || terminal.live.status !== null);
  const leftMs = state.phase === 'waiting' ? state.delayMs - (nowMs - terminal.playback.connectionAtMs) : 0;
  const hasBins = (terminal.data.session?.store.count ?? 0) > 0;
  const retry = (
    <button type="button" onClick={() => terminal.playback.retry()}>
      Connect now
    </button>
  );
  switch (state.phase) {
    case 'violated':
      return (
        <Message title="Drawing stopped: the stream broke its contract" text={state.message}>
          <p class="quiet">
            Field <code>{state.field}</code>. What is shown was right until then. Page and server may be of different
            versions: reload the page, and if that does not help, restart the server.
          </p>
        </Message>
      );
    case 'refused':
      return (
        <Message title="The server refused this stream" text={state.message}>
          {hasBins ? (
            retry
          ) : (
            <>
              <h3>This server streams</h3>
              <ServingLinks wanted={servingIn(location.search)} />
            </>
          )}
        </Message>
      );
    case 'failed':
      return <Message title="The replay cannot go on" text={state.message} />;
    case 'waiting':
      return (
        <Message
          title={hasBins ? 'The stream is interrupted' : 'No connection to the server'}
          text={`${state.reason} Trying again in ${(state.delayMs / 1000).toFixed(1)} s (attempt ${state.attempt}); the replay then goes on where it was.`}
        >
          {/* Not read out: the message above is, once. */}
          <p class="quiet" aria-hidden="true">
            In {Math.max(0, leftMs / 1000).toFixed(1)} s
          </p>
          {!hasBins && <p class="quiet">Start it with “npm run demo” or “npx spymaster serve”.</p>}
          {retry}
        </Message>
      );
    case 'ended':
      return hasBins ? null : (
        <Message
          title="This session is empty"
          text="The stream ended without a single bin: the capture window of this serving version holds no events of its instrument."
        />
      );
    case 'connecting':
    case 'streaming':
      return hasBins || terminal.playback.seekingNs !== null ? null : (
        <div class="notice waiting" role="status">
          <p>{waitingWords(terminal, nowMs)}</p>
        </div>
      );
  }
}
