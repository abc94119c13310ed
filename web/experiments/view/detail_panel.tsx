import { present } from '../../../src/errors.ts';
import './detail_panel.css';
import type { ExperimentDocumentResponse, RunDetail } from '../../../src/wire/index.ts';
import type { Theme } from '../../shared/colour/colour_maps.ts';
import { Command } from '../../shared/command.tsx';
import { type Fetched, useFetched, useLatest } from '../../shared/use_fetched.ts';
import { fetchDetail, fetchOutcomes } from '../model/api.ts';
import { count, duration, fixed, parameter, percent, probability, signed, utcTime } from '../model/format.ts';
import { dayHref } from '../model/moments.ts';
import type { PageState } from '../model/page_state.ts';
import { netReachTicks, type Run } from '../model/runs.ts';
import { chosenSession, sessionsOf } from '../model/sessions.ts';
import { EquitySection } from './equity_section.tsx';
import { ExecutionSection } from './execution_section.tsx';
import { FoldSection } from './fold_section.tsx';
import { NetInterval, RateInterval } from './interval.tsx';
import { PromoteForm } from './promote_form.tsx';
import { ScrollBox } from './scroll_box.tsx';
import { SessionBars } from './session_bars.tsx';
import { SourceSection } from './source_section.tsx';
import { StatesSection } from './states_section.tsx';
import { ThresholdSection } from './threshold_section.tsx';
import { TradeSection } from './trade_section.tsx';
import type { Change } from './use_page_state.ts';

interface DetailPanelProps {
  readonly runId: string;
  /** Its row, when the table has it. */
  readonly run: Run | null;
  /** An alias that serves it. */
  readonly alias: string | null;
  /** The document of its experiment. */
  readonly document: Fetched<ExperimentDocumentResponse>;
  readonly state: PageState;
  readonly change: Change;
  readonly theme: Theme;
  readonly onMark: (runId: string) => void;
  readonly mayChange: boolean;
}

/** Everything about one run. */
export function DetailPanel({ runId, alias, onMark, ...shared }: DetailPanelProps) {
  const { run, state, change } = shared;
  const version = run?.timestamp_utc ?? '';
  const { value, error } = useFetched(`${runId}/${version}/${alias ?? ''}`, (signal) => fetchDetail(runId, signal), 80);
  // A run that gets an alias is loaded anew, and what was typed in its form stays.
  const detail = useLatest(value);
  const isMarked = state.marked.includes(runId);
  return (
    <aside class="detail" aria-label={`Run ${runId.slice(0, 8)}`}>
      <header>
        <h2>
          {detail === null ? 'Run' : detail.meta.signal_name} <code>{runId.slice(0, 8)}</code>
        </h2>
        <span class="spring" />
        <button type="button" aria-pressed={isMarked} onClick={() => onMark(runId)}>
          {isMarked ? 'Compared' : 'Compare'}
        </button>
        <button
          type="button"
          onClick={() => change({ run: null, threshold: null })}
          aria-label="Close the detail panel"
        >
          ✕
        </button>
      </header>
      {error !== null && (
        <p class="tone-error" role="alert">
          {error}
        </p>
      )}
      {detail === null && error === null && <p class="quiet waiting">Loading the run…</p>}
      {detail !== null && <DetailBody {...shared} detail={detail} />}
    </aside>
  );
}

type DetailBodyProps = Omit<DetailPanelProps, 'runId' | 'alias' | 'onMark'> & {
  readonly detail: RunDetail;
};

function DetailBody({ detail, run, document, state, change, theme, mayChange }: DetailBodyProps) {
  const { threshold_results: rows, meta } = detail;
  const threshold =
    [state.threshold, run?.threshold].find((one) => rows.some((row) => row.threshold === one)) ?? rows[0]?.threshold;
  const row = rows.find((one) => one.threshold === threshold);
  const runId = String(meta.run_id);
  const hasSessions = (row?.n_sessions ?? 1) > 1;
  const sessions =
    document.value === null || threshold === undefined || !hasSessions
      ? []
      : sessionsOf(document.value, runId, threshold);
  const session = chosenSession(sessions, state.session)?.date ?? null;
  const awaitsSessions = hasSessions && document.value === null && document.error === null && run !== null;
  const chooseSession = (date: string) => change({ session: date });
  // A run that was evaluated again has other trades.
  const outcomes = useFetched(
    threshold === undefined || awaitsSessions ? null : `${runId}/${meta.timestamp_utc}/${threshold}/${session ?? ''}`,
    (signal) => fetchOutcomes(runId, present(threshold), session, signal),
    200,
  );
  return (
    <>
      {row === undefined || threshold === undefined ? (
        <p>The run has no threshold.</p>
      ) : (
        <>
          <section class="key-figures" aria-label="Key figures">
            <Figure label={`Net PnL, ticks, at ${parameter(threshold)}`} value={signed(row.mean_net_pnl_ticks, 2)}>
              <NetInterval run={row} reachTicks={netReachTicks([row])} />
            </Figure>
            <Figure label="Sessions" value={row.n_sessions === null ? 'older method' : count(row.n_sessions)} />
            <Figure label="Signals" value={count(row.n_signals)} />
            <Figure label="Adjusted p" value={probability(row.p_adjusted)} />
            <Figure label="p" value={probability(row.p_profit)} />
            {run !== null && run.threshold === threshold && (
              <>
                <Figure label="q" value={probability(run.q_value)} />
                <Figure label="Deflated Sharpe" value={fixed(run.deflated_sharpe, 2)} />
              </>
            )}
            <Figure label="TP rate" value={percent(row.tp_rate)}>
              <RateInterval run={row} />
            </Figure>
            <Figure label="Break-even" value={percent(row.break_even_rate)} />
            <Figure label="SL, timeout" value={`${percent(row.sl_rate, 0)}, ${percent(row.timeout_rate, 0)}`} />
            <Figure label="Median time" value={duration(row.median_time_to_outcome_ms)} />
            <Figure label="Overlapping" value={count(row.n_overlapping)} />
            <Figure label="Not fired: book invalid" value={count(row.n_invalid_book)} />
            <Figure label="Not fired: cooling" value={count(row.n_cooling)} />
          </section>
          <Serving detail={detail} />
          {mayChange && <PromoteForm key={threshold} detail={detail} threshold={threshold} />}
          <ThresholdSection
            rows={rows}
            threshold={threshold}
            onThreshold={(at) => change({ threshold: at })}
            theme={theme}
          />
          {sessions.length > 0 && (
            <SessionBars
              sessions={sessions}
              chosen={session}
              onChoose={chooseSession}
              hrefOf={(date) => dayHref(runId, date, threshold)}
            />
          )}
          {hasSessions && document.error !== null && (
            <p class="tone-error" role="alert">
              {document.error}
            </p>
          )}
          <EquitySection threshold={threshold} session={session} outcomes={outcomes} theme={theme} />
          <ExecutionSection runId={runId} theme={theme} />
          <TradeSection
            threshold={threshold}
            outcomes={outcomes}
            sessions={sessions}
            session={session}
            onChoose={chooseSession}
          />
          {!hasSessions && (
            <FoldSection folds={detail.fold_results} threshold={threshold} breakEven={row.break_even_rate} />
          )}
          <StatesSection outcomes={outcomes} />
        </>
      )}
      {detail.signal_source !== null && <SourceSection source={detail.signal_source} />}
      <Specs detail={detail} />
    </>
  );
}

function Figure({ label, value, children }: { label: string; value: string; children?: preact.ComponentChildren }) {
  return (
    <div class="key-figure">
      <span class="quiet">{label}</span>
      <strong>{value}</strong>
      {children}
    </div>
  );
}

/** Where the run streams, or how to make it stream. */
function Serving({ detail }: { detail: RunDetail }) {
  if (detail.can_stream && detail.streaming_url !== null) {
    return (
      <p class="serving">
        <a class="button" href={detail.streaming_url}>
          Open stream
        </a>
        <span>served as {detail.aliases.join(', ')}</span>
      </p>
    );
  }
  return (
    <div class="serving">
      <p>No alias serves this run. To publish and stream it:</p>
      <Command text={detail.promote_command} />
    </div>
  );
}

const shownElsewhere = ['signal_params_json', 'scoring_json', 'resolved_json'];

/** What exactly was evaluated: parameters, settings, and the whole resolved configuration. */
function Specs({ detail: { meta } }: { detail: RunDetail }) {
  const parse = (text: string) => JSON.parse(text) as Record<string, unknown>;
  const rest = Object.fromEntries(
    Object.entries(meta)
      .filter(([name]) => !shownElsewhere.includes(name))
      .map(([name, value]) => [name, name === 'timestamp_utc' ? utcTime(String(value)) : value]),
  );
  return (
    <section>
      <h3>Exact specification</h3>
      <h4>Parameters of {meta.signal_name}</h4>
      <Pairs of={parse(meta.signal_params_json)} />
      <h4>Flow scoring</h4>
      <Pairs of={parse(meta.scoring_json)} />
      <h4>Run</h4>
      <Pairs of={rest} />
      <details>
        <summary>Resolved configuration, thresholds and evaluation as JSON</summary>
        <ScrollBox label="Resolved configuration">
          <pre>
            <code>{JSON.stringify(parse(meta.resolved_json), null, 2)}</code>
          </pre>
        </ScrollBox>
      </details>
    </section>
  );
}

function Pairs({ of }: { of: Readonly<Record<string, unknown>> }) {
  return (
    <dl class="pairs">
      {Object.entries(of).map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{parameter(value)}</dd>
        </div>
      ))}
    </dl>
  );
}
