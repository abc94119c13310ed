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
  /** The same in the real book; null where that is not known. */
  readonly executed: ExecutedTrade | null;
}

/** What became of a firing in the real book. */
export interface ExecutedTrade {
  /** How the position was left; of an entry without a fill what became of it, as `missed`. */
  readonly outcome: string;
  /** Null without a fill. */
  readonly held: {
    readonly entryMs: number;
    readonly exitMs: number;
    /** Average prices, in the instrument's currency. */
    readonly entryPrice: number;
    readonly exitPrice: number;
    readonly quantity: number;
    /** A contract, after fees. */
    readonly netTicks: number;
  } | null;
  /** What filled the entry: `queue, met`, and whether it was only in part. */
  readonly fills: string;
  readonly isTooLarge: boolean;
}

const leftWords: Readonly<Record<string, string>> = {
  takeProfit: 'take-profit',
  stop: 'stop-loss',
  timeout: 'time-out',
  sessionEnd: 'session end',
};

function executedTrade({ executed }: Outcomes, index: number): ExecutedTrade | null {
  if (executed === null) return null;
  const [entryMs, exitMs] = [executed.entry_ms[index] ?? null, executed.exit_ms[index] ?? null];
  const [entryPrice, exitPrice] = [executed.entry_price[index] ?? null, executed.exit_price[index] ?? null];
  const netTicks = executed.net_ticks[index] ?? null;
  const quantity = present(executed.quantity[index]);
  const isHeld = entryMs !== null && exitMs !== null && entryPrice !== null && exitPrice !== null && netTicks !== null;
  const outcome = present(executed.outcome[index]);
  return {
    outcome: isHeld ? (leftWords[present(executed.reason[index])] ?? outcome) : outcome,
    held: isHeld ? { entryMs, exitMs, entryPrice, exitPrice, quantity, netTicks } : null,
    fills: `${(executed.fills[index] ?? []).join(', ')}${isHeld && outcome === 'partial' ? ', partial' : ''}`,
    isTooLarge: executed.too_large[index] === true,
  };
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
    executed: executedTrade(outcomes, index),
  };
}
