import { useEffect, useState } from 'preact/hooks';

/** Often enough for tenths of a second that run. */
const tickMs = 250;

/** Renders the component again every so often, for what changes with the clock alone; the time now, UNIX milliseconds. */
export function useTicks(isOn: boolean): number {
  const [, render] = useState(0);
  useEffect(() => {
    if (!isOn) return;
    const timer = setInterval(() => render((count) => count + 1), tickMs);
    return () => clearInterval(timer);
  }, [isOn]);
  return Date.now();
}
