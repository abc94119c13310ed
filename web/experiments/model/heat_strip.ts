import { present } from '../../../src/errors.ts';
import { byEvidence, type DocumentTrial, type ExperimentDocumentResponse } from '../../../src/wire/index.ts';
import { parameter, signed } from './format.ts';
import { sessionWords } from './sessions.ts';

/** Values that the scale is taken from, at most. */
const sampled = 20_000;

/** Trials of the runs that pass, the one with the most evidence first. */
export function stripTrials(
  { trials }: Pick<ExperimentDocumentResponse, 'trials'>,
  passing: ReadonlySet<string>,
): DocumentTrial[] {
  return byEvidence(trials.filter(({ run_id }) => passing.has(run_id)));
}

/** Net ticks of a session at either end of the colours: 95 % of the cells lie within, judged by at most 20,000 of them. */
export function stripReachTicks(trials: readonly DocumentTrial[], sessions: number): number {
  const step = Math.max(1, Math.ceil((trials.length * sessions) / sampled));
  const sizes: number[] = [];
  for (let cell = 0; cell < trials.length * sessions; cell += step) {
    const net = trials[Math.floor(cell / sessions)]?.session_net_ticks[cell % sessions];
    if (net !== null && net !== undefined && net !== 0) sizes.push(Math.abs(net));
  }
  sizes.sort((a, b) => a - b);
  return sizes[Math.floor(sizes.length * 0.95)] ?? 1;
}

export interface StripScale {
  readonly reachTicks: number;
  /** Colours from the largest loss to the largest gain, zero in the middle, each as the 4 bytes of a pixel. */
  readonly colours: Uint32Array;
  /** The pixel of a session in which a trial did not run. */
  readonly missing: number;
}

/** Writes rows [first, first + rows) of the strip, a pixel a cell, row by row. */
export function fillStrip(
  pixels: Uint32Array,
  trials: readonly DocumentTrial[],
  [first, rows, sessions]: readonly [first: number, rows: number, sessions: number],
  { reachTicks, colours, missing }: StripScale,
): void {
  const middle = (colours.length - 1) / 2;
  for (let row = 0; row < rows; row++) {
    const { session_net_ticks: nets } = present(trials[first + row]);
    for (let session = 0; session < sessions; session++) {
      const net = nets[session] ?? null;
      const size = net === null ? 0 : Math.max(-1, Math.min(1, net / reachTicks));
      pixels[row * sessions + session] = net === null ? missing : present(colours[Math.round(middle * (1 + size))]);
    }
  }
}

/** A cell in words: the trial, its mean over all sessions, and what it did in this one. */
export function stripWords(trial: DocumentTrial, session: number, date: string): string {
  const { run_id, threshold, mean_net_pnl_ticks, session_net_ticks, session_signals } = trial;
  const here = sessionWords({
    date,
    netTicks: session_net_ticks[session] ?? null,
    signals: session_signals[session] ?? null,
  });
  return `${run_id.slice(0, 8)} at ${parameter(threshold)}, ${signed(mean_net_pnl_ticks, 2)} ticks a trade over all; ${here}`;
}
