import { placeInSource } from '../../signals/index.ts';
import { inexactMath } from '../inexact_math.ts';

/** Globals by which something other than bins could decide what a signal says. */
const forbidden = [
  ...['Date', 'Temporal', 'performance', 'crypto', 'fetch', 'WebSocket', 'process', 'XMLHttpRequest', 'EventSource'],
  ...['setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask', 'clearTimeout', 'clearInterval', 'clearImmediate'],
] as const;

/** Makes the clock, randomness, timers, network and process throw for the files of a signal in this thread. */
export function forbidHostAccess(): void {
  for (const name of forbidden) {
    const value: unknown = Reflect.get(globalThis, name);
    Object.defineProperty(globalThis, name, { configurable: true, get: () => refusedToSignals(name, value) });
  }
  const { random } = Math;
  Object.defineProperty(Math, 'random', { configurable: true, get: () => refusedToSignals('Math.random', random) });
}

/** Gives a global to the runtime, whose own code may need it, and refuses it to the files of a signal. */
function refusedToSignals<T>(name: string, value: T): T {
  const problem = new Error(`it uses ${name}; a signal may depend on its bins and parameters alone`);
  if (placeInSource(problem) !== null) throw problem;
  return value;
}

/** Notes which functions of Math are called whose last bits differ between engines; the set grows as they are. */
export function watchMath(): ReadonlySet<string> {
  const used = new Set<string>();
  for (const name of inexactMath) {
    // Our own logarithm asks it for a first guess, whose last bits do not matter.
    if (name === 'log2') continue;
    const original = Math[name] as (...values: number[]) => number;
    Object.defineProperty(Math, name, {
      configurable: true,
      value: (...values: number[]) => {
        used.add(name);
        return original(...values);
      },
    });
  }
  return used;
}
