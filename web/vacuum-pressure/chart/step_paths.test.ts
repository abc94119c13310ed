import { deepEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { type PathSink, traceBand, traceSteps } from './step_paths.ts';

/** Words and numbers of what is traced. */
function traced(trace: (path: PathSink) => void): (string | number)[][] {
  const calls: (string | number)[][] = [];
  const call =
    (name: string) =>
    (...numbers: number[]) =>
      void calls.push([name, ...numbers]);
  trace({ moveTo: call('move'), lineTo: call('line'), rect: call('rect') });
  return calls;
}

const edges = Float64Array.of(0, 10, 20, 30, 40, 50);
const none = Number.NaN;

test('steps have points where they change, and every one ends at the end of its last group', () => {
  deepEqual(
    traced((path) => traceSteps(path, edges, Float64Array.of(5, 5, 7, 7, 7))),
    [
      ['move', 0, 5],
      ['line', 20, 5],
      ['line', 20, 7],
      ['line', 50, 7],
    ],
  );
  deepEqual(
    traced((path) => traceSteps(path, edges, Float64Array.of(none, 5, none, none, 6))),
    [
      ['move', 10, 5],
      ['line', 20, 5],
      ['move', 40, 6],
      ['line', 50, 6],
    ],
  );
  deepEqual(
    traced((path) => traceSteps(path, edges, new Float64Array(5).fill(none))),
    [],
  );
});

test('a band is a rectangle for each stretch of equal bounds, and nothing where they meet', () => {
  const low = Float64Array.of(9, 9, 9, none, 8);
  const high = Float64Array.of(4, 4, 9, 3, 6);
  deepEqual(
    traced((path) => traceBand(path, edges, low, high)),
    [
      ['rect', 0, 4, 20, 5],
      ['rect', 40, 6, 10, 2],
    ],
  );
});
