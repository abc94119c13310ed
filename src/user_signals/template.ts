import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A name that a signal's file may have. */
export const signalNamePattern = /^[A-Za-z][A-Za-z0-9_]{0,63}$/;

/** A working signal: the imbalance of adding between the sides near spot, against its own past. */
export function signalTemplate(name: string): string {
  return `import { defineSignal, numberOf, RollingRobustZ, sideMean, tanh } from 'spymaster/signal';

/** Is more added below spot than above, compared with the past? */
export default defineSignal({
  name: '${name}',
  doc: 'adding near spot, bids less asks, as a robust z-score',
  columns: ['v_add'],
  parameters: [
    { name: 'far_ticks', about: 'furthest |k| that is read', default: 5, min: 1, max: 20, integer: true },
    { name: 'window_bins', about: 'past bins that a value is compared with', default: 200, min: 20, max: 6000, integer: true },
  ],
  thresholds: { kind: 'score', values: [0.2, 0.4, 0.6, 0.8] },
  bound: 1,
  create(parameters, { radius }) {
    const far = Math.min(radius, numberOf(parameters, 'far_ticks'));
    const window = numberOf(parameters, 'window_bins');
    const minPeriods = Math.ceil(window / 4);
    const z = new RollingRobustZ({ window, minPeriods, scaleFloor: 1e-9, withoutScale: 'zero' });
    return {
      // A bin's columns hold the row of k at index radius + k; nothing of another bin can be reached.
      update({ v_add: add }) {
        const score = z.push(sideMean(add, 0, radius, -1, 1, far) - sideMean(add, 0, radius, 1, 1, far));
        return z.count < minPeriods ? null : tanh(score / 3);
      },
      // Everything that \`update\` keeps from bin to bin, so that a stream goes on where it was.
      save: (writer) => z.save(writer),
      restore: (reader) => z.restore(reader),
    };
  },
});
`;
}

/** Its test, for \`node --test\`. */
export function testTemplate(name: string): string {
  return `import { equal, ok } from 'node:assert/strict';
import { test } from 'node:test';
import type { SignalBin } from 'spymaster/signal';
import signal from './${name}.ts';

const radius = 20;

/** A bin in which \`bids\` is added at each tick below spot and \`asks\` above. */
function bin(bids: number, asks: number): SignalBin {
  const v_add = Float64Array.from({ length: 2 * radius + 1 }, (_, row) => (row < radius ? bids : row > radius ? asks : 0));
  return { v_add } as Partial<SignalBin> as SignalBin;
}

test('${name} has no score until a quarter of its window, then leans to the side that is added to', () => {
  const running = signal.create({ far_ticks: 5, window_bins: 40 }, { radius, binS: 0.1 });
  for (let n = 1; n < 10; n++) equal(running.update(bin(n % 3, 1)), null);
  ok((running.update(bin(50, 1)) ?? 0) > 0.5);
  ok((running.update(bin(1, 50)) ?? 0) < -0.5);
});
`;
}

/** A tsconfig by which an editor knows \`spymaster/signal\`, for a folder of signals. */
export function tsconfigTemplate(folder: string): string {
  const isSource = import.meta.url.endsWith('.ts');
  const types = fileURLToPath(new URL(`../signals/public.${isSource ? 'ts' : 'd.ts'}`, import.meta.url));
  const path = relative(folder, types).split('\\').join('/');
  const options = {
    target: 'ESNext',
    module: 'ESNext',
    moduleResolution: 'Bundler',
    lib: ['ESNext', 'DOM', 'DOM.Iterable'],
    types: [],
    strict: true,
    noEmit: true,
    erasableSyntaxOnly: true,
    verbatimModuleSyntax: true,
    allowImportingTsExtensions: true,
    skipLibCheck: true,
    paths: { 'spymaster/signal': [path.startsWith('.') ? path : `./${path}`] },
  };
  return `${JSON.stringify({ compilerOptions: options, include: ['**/*.ts'], exclude: ['**/*.test.ts'] }, null, 2)}\n`;
}

/** The files that a new signal consists of, by path. */
export function newSignalFiles(
  folder: string,
  name: string,
): { readonly signal: string; readonly test: string; readonly tsconfig: string } {
  return {
    signal: join(folder, `${name}.ts`),
    test: join(folder, `${name}.test.ts`),
    tsconfig: join(folder, 'tsconfig.json'),
  };
}
