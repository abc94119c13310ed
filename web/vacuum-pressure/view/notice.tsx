import './notice.css';
import { ServingLinks } from '../../shared/serving_links.tsx';
import { useTerminal } from './use_terminal.ts';

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

/** What is wrong, or what the page is waiting for, in words, over the chart. */
export function Notice() {
  const terminal = useTerminal('connection', 'session', 'bin', 'notice', 'playback');
  const state = terminal.playback.connectionState;
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
          <p>{state.phase === 'connecting' ? 'Connecting to the stream…' : 'Connected. Waiting for the first bin…'}</p>
        </div>
      );
  }
}
