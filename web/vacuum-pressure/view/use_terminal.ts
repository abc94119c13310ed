import { createContext } from 'preact';
import { useContext, useEffect, useState } from 'preact/hooks';
import { notNull } from '../../../src/errors.ts';
import type { Terminal } from '../playback/terminal.ts';
import type { Topic } from '../session/topics.ts';

export const TerminalContext = createContext<Terminal | null>(null);

/** Numbers that change faster than this cannot be read. */
const readableMs = 90;

/** The terminal; the component renders again when one of the topics changes, at most ten times a second. */
export function useTerminal(...topics: readonly Topic[]): Terminal {
  const terminal = notNull(useContext(TerminalContext));
  const [, render] = useState(0);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let last = 0;
    const show = () => {
      timer = undefined;
      last = performance.now();
      render((count) => count + 1);
    };
    const stop = terminal.topics.on(topics, () => {
      timer ??= setTimeout(show, Math.max(0, last + readableMs - performance.now()));
    });
    show();
    return () => {
      stop();
      clearTimeout(timer);
    };
  }, [terminal, topics.join()]);
  return terminal;
}
