import './evidence_section.css';
import type { ServingInfo } from '../../../src/wire/index.ts';
import { formatCount, formatFixed } from '../session/format.ts';
import { useTerminal } from './use_terminal.ts';

const ticks = (value: number | null) => (value === null ? '–' : formatFixed(value, 2));
const chance = (p: number | null) => (p === null ? 'not tested' : p < 0.001 ? '< 0.001' : p.toFixed(3));

/** What `demo --file` gives in place of a run: it publishes a file that nothing was evaluated on. */
const demoRun = 'demo';

/** The run of a stream on the page of experiments. */
export function runAddress({ source, threshold, session }: ServingInfo): string {
  const query = new URLSearchParams({
    run: source.run_id,
    ...(threshold === null ? {} : { at: String(threshold) }),
    session,
  });
  return `/experiments.html?${query}`;
}

/** What is known of the version that streams, from its evaluation. */
export function EvidenceSection() {
  const terminal = useTerminal('facts', 'session');
  const { info, problem } = terminal.facts;
  if (info === null) {
    return (
      <section class="evidence" aria-label="Evidence">
        <h2>Evidence</h2>
        <p class="quiet">Not evaluated{problem === null ? '.' : `: ${problem}`}</p>
      </section>
    );
  }
  return (
    <section class="evidence" aria-label="Evidence">
      <h2>
        Evidence <span class="quiet">{info.source.experiment_name}</span>
      </h2>
      {info.evidence === null ? (
        <p class="quiet">Not evaluated, or published before versions kept what was known of them.</p>
      ) : (
        <Evidence evidence={info.evidence} isPublished={info.is_published} />
      )}
      {info.session_result !== null && (
        <p>
          This session, {info.session}: {formatFixed(info.session_result.net_pnl_ticks, 1)} ticks net in{' '}
          {formatCount(info.session_result.n_signals)} {info.session_result.n_signals === 1 ? 'trade' : 'trades'}
        </p>
      )}
      {info.source.run_id !== demoRun && (
        <p>
          <a href={runAddress(info)}>Run {info.source.run_id.slice(0, 8)} and its trades</a>
        </p>
      )}
    </section>
  );
}

function Evidence({ evidence, isPublished }: { evidence: NonNullable<ServingInfo['evidence']>; isPublished: boolean }) {
  const { first_session: first, last_session: last, n_sessions: sessions } = evidence;
  const rows: readonly (readonly [name: string, value: string])[] = [
    ['Net PnL', ticks(evidence.mean_net_pnl_ticks)],
    ['95 % interval', `${ticks(evidence.mean_net_pnl_ticks_low)} to ${ticks(evidence.mean_net_pnl_ticks_high)}`],
    ['Trades', formatCount(evidence.n_signals)],
    ['Sessions', formatCount(sessions)],
    ['Adjusted p', chance(evidence.p_adjusted)],
    ['p', chance(evidence.p_profit)],
    [
      'Walk-forward',
      evidence.walk_forward_net_ticks === null
        ? 'none'
        : `${ticks(evidence.walk_forward_net_ticks)}, at least ${ticks(evidence.walk_forward_net_ticks_low)}`,
    ],
  ];
  return (
    <>
      <p>
        Verdict <strong>{evidence.verdict ?? 'not judged'}</strong>
      </p>
      <table>
        <tbody>
          {rows.map(([name, value]) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td>{value}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <p class="quiet">
        Net PnL and walk-forward in ticks a trade, after costs, at threshold {evidence.threshold};{' '}
        {first === last ? first : `${first} to ${last}`}; {isPublished ? 'as known when it was published' : 'judged'}{' '}
        {evidence.judged_at_utc.slice(0, 10)}
      </p>
    </>
  );
}
