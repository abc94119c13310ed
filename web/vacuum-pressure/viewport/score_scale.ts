import type { Session } from '../session/session.ts';
import { type Viewport, visibleGroups } from './viewport.ts';

/**
 * The score at the end of axes and gauges: the signal's bound; of a signal without one, the largest score or threshold in
 * view, rounded up to 1, 2 or 5 times a power of ten.
 */
export function scoreScale({ contract, summary }: Pick<Session, 'contract' | 'summary'>, view: Viewport): number {
  const { score_bound: bound } = contract.config.signal;
  if (bound !== null) return bound;
  summary.setStep(Math.max(1, view.binsPerPx));
  let largest = 0;
  const [first, end] = visibleGroups(view);
  for (let group = first; group < end; group++) {
    const slot = summary.slot(group);
    // A comparison with NaN, which stands for bins that have not come, is false.
    for (const size of [-summary.low('score', slot), summary.high('score', slot), summary.high('threshold', slot)]) {
      if (size > largest) largest = size;
    }
  }
  return largest === 0 ? 1 : roundUp(largest);
}

function roundUp(size: number): number {
  const power = 10 ** Math.floor(Math.log10(size));
  const digit = size / power;
  return (digit <= 1 ? 1 : digit <= 2 ? 2 : digit <= 5 ? 5 : 10) * power;
}
