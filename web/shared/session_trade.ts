import { present } from '../../src/errors.ts';
import type { Outcomes } from '../../src/wire/index.ts';

/** A trade of a run in one of its sessions. */
export interface SessionTrade {
  readonly side: 'long' | 'short';
  readonly outcome: 'take-profit' | 'stop-loss' | 'time-out';
  /** Starts of the bins in which it is entered and left, UNIX milliseconds. */
  readonly entryMs: number;
  readonly exitMs: number;
  /** Mids, in the instrument's currency. */
  readonly entryPrice: number;
  readonly exitPrice: number;
  readonly costTicks: number;
  /** Both fills at the mid, less costs. */
  readonly netTicks: number;
  /** Bin of the session's dataset in which its signal fires: what a link names it by. */
  readonly firingBin: number;
}

type Column = { [Name in keyof Outcomes]: Outcomes[Name] extends readonly number[] ? Name : never }[keyof Outcomes];

/** The trade at `index` of a session that begins at `startMs`. */
export function sessionTrade(outcomes: Outcomes, startMs: number, index: number): SessionTrade {
  const value = (name: Column) => present(outcomes[name][index]);
  const timeOf = (bin: number) => startMs + bin * outcomes.cell_width_ms;
  const result = value('result');
  return {
    side: value('side') > 0 ? 'long' : 'short',
    outcome: result > 0 ? 'take-profit' : result < 0 ? 'stop-loss' : 'time-out',
    entryMs: timeOf(value('entry_bin')),
    exitMs: timeOf(value('exit_bin')),
    entryPrice: value('entry_mid'),
    exitPrice: value('exit_mid'),
    costTicks: value('cost_ticks'),
    netTicks: value('mid_gain_ticks') - value('cost_ticks'),
    firingBin: value('bin'),
  };
}
