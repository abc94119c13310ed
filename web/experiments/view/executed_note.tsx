import { formatLatencyUs } from '../../../src/format.ts';
import type { Outcomes } from '../../../src/wire/index.ts';
import { notFifoWords } from '../../shared/execution_words.ts';
import { count, fixed } from '../model/format.ts';

/** Says that trades are those of the real book, how they were sent there, and what is assumed; nothing for trades at the mid. */
export function ExecutedNote({ outcomes }: { outcomes: Outcomes }) {
  const { executed, is_executed: isExecuted, run_id: runId } = outcomes;
  if (executed === null) {
    if (!isExecuted) return null;
    return (
      <p>
        The results stand on orders in the real book, which this lake does not keep any more: below are the same firings
        at the mid. <code>npx spymaster execute --run-id {runId.slice(0, 8)}</code> follows orders again.
      </p>
    );
  }
  const {
    entry,
    latency_us,
    size,
    fee_ticks_per_side: fee,
    outcome,
    too_large,
    assumed,
    not_fifo,
    front_share,
  } = executed;
  const missed = outcome.filter((one) => one === 'missed').length;
  const tooLarge = too_large.filter((one) => one).length;
  return (
    <p class="quiet">
      In the real book, {executed.is_own ? 'as the experiment executes them' : 'as executed last'}:{' '}
      {entry === 'join' ? 'joins' : 'by market'}, {formatLatencyUs(latency_us)}
      {latency_us === 500 && ' (a colocated machine)'}, size {count(size)}; {count(missed)} of {count(outcome.length)}{' '}
      missed; net of fees of {fixed(fee, 2)} ticks a side, a contract. {not_fifo && `${notFifoWords(front_share)} `}
      {tooLarge > 0 && `${count(tooLarge)} entries are above a tenth of their level: too large to believe. `}
      Assumed: {assumed.join('; ')}.
    </p>
  );
}
