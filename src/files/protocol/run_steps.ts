import { nodeCalls, nodeCallsSync } from './node_calls.ts';
import type { Steps, SystemCall } from './system_calls.ts';

type AnyCall = (...args: readonly unknown[]) => unknown;

/** Runs a protocol on this machine's file system; other tasks of the thread go on between its calls. */
export async function runSteps<T>(steps: Steps<T>): Promise<T> {
  for (let next = steps.next(); ; ) {
    if (next.done) return next.value;
    let result: unknown;
    try {
      result = await make(nodeCalls, next.value);
    } catch (cause) {
      next = steps.throw(cause);
      continue;
    }
    next = steps.next(result);
  }
}

/** `runSteps` for code that must not give way to other tasks. */
export function runStepsSync<T>(steps: Steps<T>): T {
  for (let next = steps.next(); ; ) {
    if (next.done) return next.value;
    let result: unknown;
    try {
      result = make(nodeCallsSync, next.value);
    } catch (cause) {
      next = steps.throw(cause);
      continue;
    }
    next = steps.next(result);
  }
}

function make(calls: object, { name, args }: SystemCall): unknown {
  return (calls as Record<string, AnyCall>)[name]?.(...args);
}
