import type { LiveStatus } from '../../src/wire/index.ts';
import { ApiError, ask } from '../shared/ask.ts';
import type { Terminal } from './playback/terminal.ts';

/** How often the state of the recording is asked for. */
const everyMs = 1000;
/** A server that takes longer to begin a stream may be waiting for a recording to begin. */
const patienceMs = 1500;

/** Keeps the terminal's knowledge of what is being recorded fresh, while it shows a live session or waits for one. */
export function followLive(terminal: Terminal, serving: string): void {
  let connectingSinceMs = performance.now();
  let isAbsent = false;
  let isAsking = false;
  const isWanted = () => {
    const { phase } = terminal.playback.connectionState;
    if (phase !== 'connecting') connectingSinceMs = performance.now();
    if (terminal.data.session !== null) return terminal.data.session.contract.config.live === true;
    return phase === 'connecting' && performance.now() - connectingSinceMs > patienceMs;
  };
  const look = async () => {
    if (isAsking || isAbsent || !isWanted()) return;
    isAsking = true;
    try {
      const status = await ask<LiveStatus | null>('/v1/live');
      if (status === null) {
        isAbsent = terminal.data.session === null;
        return;
      }
      if (status.serving_name !== serving && status.serving_id !== serving) isAbsent = terminal.data.session === null;
      else {
        const { failure } = status;
        if (failure !== null && failure !== terminal.live.status?.failure) terminal.notices.say(failure);
        terminal.live.setStatus(status, Date.now());
      }
      if (nextHasBegun(terminal, status)) terminal.playback.retry();
    } catch (error) {
      // That the server does not answer, the stream says.
      if (!(error instanceof ApiError)) throw error;
    } finally {
      isAsking = false;
    }
  };
  setInterval(() => void look(), everyMs);
  terminal.topics.on(['session'], () => void look());
}

/** Whether the session that is shown is over and the next one is being recorded. */
function nextHasBegun({ playback, data }: Terminal, { serving_id: id, recorded_from_ns: begun }: LiveStatus): boolean {
  const shown = data.session?.contract.config.serving.serving_id;
  return playback.connectionState.phase === 'ended' && id !== shown && begun !== null;
}
