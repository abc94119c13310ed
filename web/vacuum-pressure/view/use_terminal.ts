import { createContext } from 'preact';
import { useContext, useEffect, useState } from 'preact/hooks';
import { notNull } from '../../../src/errors.ts';
import type { Terminal } from '../playback/terminal.ts';
import type { Topic } from '../session/topics.ts';

export const TerminalContext = createContext<Terminal | null>(null);

/** How often components render that need not change with every frame. */
const seldomMs = 90;

/** Renders the component again, as `schedule` says, when one of the topics changed; `schedule` returns what takes it back. */
function useTopics(topics: readonly Topic[], schedule: (run: () => void) => () => void): Terminal {
  const terminal = notNull(useContext(TerminalContext));
  const [, render] = useState(0);
  useEffect(() => {
    let cancel: (() => void) | null = null;
    const show = () => {
      cancel = null;
      render((count) => count + 1);
    };
    const stop = terminal.topics.on(topics, () => {
      cancel ??= schedule(show);
    });
    show();
    return () => {
      stop();
      cancel?.();
    };
  }, [terminal, topics.join()]);
  return terminal;
}

function inNextFrame(run: () => void): () => void {
  const frame = requestAnimationFrame(run);
  return () => cancelAnimationFrame(frame);
}

function afterAWhile(run: () => void): () => void {
  const timer = setTimeout(run, seldomMs);
  return () => clearTimeout(timer);
}

/**
 * The terminal; the component renders again when one of the topics changes, in the frame in which the chart is drawn: what
 * is on the screen at one time is of one bin.
 */
export const useTerminal = (...topics: readonly Topic[]): Terminal => useTopics(topics, inNextFrame);

/** As `useTerminal`, some ten times a second: for what costs much and shows no numbers of a bin. */
export const useTerminalSeldom = (...topics: readonly Topic[]): Terminal => useTopics(topics, afterAWhile);
