import { calendarOf, type PipelineSpec, place, productRoot, type SessionsSpec } from '../config/index.ts';
import { SpymasterError } from '../errors.ts';
import { plural } from '../format.ts';
import {
  type Lake,
  type LoadedPipeline,
  type LoadedSessionsExperiment,
  MadeDatasets,
  RawFolder,
} from '../lake/index.ts';
import { PreviousVolumeRule, type RuleOptions } from './choose_contract.ts';
import { volumeFacts } from './contract_volumes.ts';
import { datasetSessions } from './dataset_sessions.ts';
import { isWeekend, windowState } from './exchange_window.ts';
import { binsOf, pipelineOfDay, rawFileOf } from './planned_day.ts';
import { type PriceStepFacts, priceStepFacts } from './price_steps.ts';
import type { DaysFound, PlannedSession, Roll, SessionPlan, Window } from './session_plan.ts';

/**
 * The sessions of an experiment: which days, which contract each, and what is missing for them. Nothing is made, and of raw
 * files only those of the days before are read, where the rule of contracts needs their volumes.
 * Throws CONFIG_INVALID for a rule that cannot be.
 */
export async function resolveSessions(
  lake: Lake,
  experiment: LoadedSessionsExperiment,
  options: RuleOptions = {},
): Promise<SessionPlan> {
  const { spec, sessions: rules, serving } = experiment;
  const { product_type, symbol } = serving.pipeline.spec.capture;
  const { calendar, isOwn } = calendarOf(product_type, productRoot(product_type, symbol));
  if (rules.contract === 'previous_volume' && product_type === 'equity_mbo') {
    throw new SpymasterError(
      'CONFIG_INVALID',
      `Cannot use ${place(experiment.origin, ['sessions', 'contract'])}: expected fixed for a stock, got previous_volume; a stock ` +
        'has no contracts.',
      { path: experiment.path, key: 'sessions.contract' },
    );
  }
  const days =
    rules.datasets === undefined
      ? await new Days(
          lake,
          experiment,
          await RawFolder.list(lake, product_type, symbol),
          await MadeDatasets.list(lake),
          options,
        ).resolve()
      : await datasetSessions(lake, experiment, rules.datasets);
  const { sessions, skipped, missing, notes } = days;
  const asked = [...new Set([...sessions, ...missing].map(({ date }) => date))].sort();
  const holdout = rules.holdout === 0 ? [] : asked.slice(-rules.holdout);
  const isLocked = new Set(holdout);
  const ordered = sessions
    .map((session) => ({ ...session, isHoldout: isLocked.has(session.date) }))
    .sort((a, b) => (a.date < b.date ? -1 : 1));
  const ownNote = `The hours and holidays are those of CME's equity index futures; ${symbol} may keep others.`;
  return {
    experiment: spec.name,
    calendar,
    contract: rules.contract,
    sessions: ordered,
    skipped: skipped.sort((a, b) => (a.date < b.date ? -1 : 1)),
    missing: missing.sort((a, b) => (a.date < b.date ? -1 : 1)),
    missingRule: rules.missing,
    rolls: rollsOf(ordered),
    holdout,
    final: rules.final ?? null,
    notes: isOwn ? notes : [ownNote, ...notes],
  };
}

/**
 * Refuses a plan that cannot be run: days whose files are missing under the rule `fail`, or no session outside the holdout.
 * Throws FILE_NOT_FOUND, CONFIG_INVALID.
 */
export function assertComplete(plan: SessionPlan): void {
  const { experiment, missing, sessions, holdout, skipped } = plan;
  if (plan.missingRule === 'fail' && missing.length > 0) {
    const shown = missing.slice(0, 5).map(({ date, reason }) => `  ${date}: ${reason}`);
    const more = missing.length > shown.length ? [`  and ${missing.length - shown.length} more`] : [];
    throw new SpymasterError(
      'FILE_NOT_FOUND',
      [
        `Cannot run ${experiment}: ${missing.length === 1 ? '1 session lacks what it needs' : `${missing.length} sessions lack what they need`}; get it (\`npx spymaster download ` +
          'futures --for SPEC`), leave the days out by `exclude`, or set `missing: skip` in `sessions`.',
        ...shown,
        ...more,
      ].join('\n'),
      { experiment, dates: missing.map(({ date }) => date) },
    );
  }
  if (sessions.some(({ isHoldout }) => !isHoldout)) return;
  const why =
    sessions.length > 0
      ? `all ${plural(sessions.length, 'session')} are locked by a holdout of ${holdout.length}`
      : `no day is a session${skipped[0] === undefined ? '' : ` (${skipped[0].date}: ${skipped[0].reason})`}`;
  throw new SpymasterError('CONFIG_INVALID', `Cannot run ${experiment}: ${why}; give more days.`, {
    experiment,
    key: 'sessions',
  });
}

function rollsOf(sessions: readonly PlannedSession[]): Roll[] {
  return sessions.flatMap(({ date, symbol }, i) => {
    const before = sessions[i - 1]?.symbol;
    return before === undefined || before === symbol ? [] : [{ date, from: before, to: symbol }];
  });
}

/** The days of a range or of a list of dates. */
class Days {
  readonly #made: MadeDatasets;
  readonly #files: RawFolder;
  readonly #steps: PriceStepFacts;
  readonly #experiment: LoadedSessionsExperiment;
  readonly #rules: SessionsSpec;
  readonly #capture: LoadedSessionsExperiment['serving']['pipeline']['spec']['capture'];
  readonly #calendar: ReturnType<typeof calendarOf>['calendar'];
  readonly #volumeRule: PreviousVolumeRule | null;
  readonly #found: DaysFound = { sessions: [], skipped: [], missing: [], notes: [] };

  constructor(
    lake: Lake,
    experiment: LoadedSessionsExperiment,
    files: RawFolder,
    made: MadeDatasets,
    options: RuleOptions,
  ) {
    this.#made = made;
    this.#files = files;
    this.#steps = priceStepFacts(lake);
    this.#experiment = experiment;
    this.#rules = experiment.sessions;
    this.#capture = experiment.serving.pipeline.spec.capture;
    const { product_type: productType, symbol } = this.#capture;
    const { calendar } = calendarOf(productType, productRoot(productType, symbol));
    this.#calendar = calendar;
    const rule = { lake, files, volumes: volumeFacts(lake), calendar, productType, symbol, ...options };
    this.#volumeRule = this.#rules.contract === 'previous_volume' ? new PreviousVolumeRule(rule) : null;
  }

  async resolve(): Promise<DaysFound> {
    const isRange = this.#rules.dates === undefined;
    const dates = isRange ? datesOf(this.#rules) : [...(this.#rules.dates ?? [])].sort();
    const excluded = new Set(this.#rules.exclude);
    const idle = this.#rules.exclude.filter((date) => !dates.includes(date));
    if (idle.length > 0) this.#found.notes.push(`Excluded, but not among the dates: ${idle.join(', ')}.`);
    for (const date of dates) {
      try {
        const window = excluded.has(date) ? this.#skip(date, 'excluded') : this.#windowOf(date, isRange);
        if (window !== null) await this.#add(date, window);
      } catch (error) {
        // A date that the exchange calendar does not cover.
        this.#skip(date, reasonOf(error));
      }
    }
    return this.#found;
  }

  #skip(date: string, reason: string): null {
    this.#found.skipped.push({ date, reason });
    return null;
  }

  /** The window of a date and why it is cut; null where it is no session. */
  #windowOf(date: string, isRange: boolean): { readonly window: Window; readonly earlyClose: string | null } | null {
    const { early_close, window: { start_time, end_time } = this.#capture } = this.#rules;
    const pipeline = this.#attempt(date, { start_time, end_time }, this.#capture.symbol);
    if (pipeline === null) return null;
    const exchange = windowState(this.#calendar, date, pipeline.capture);
    if (exchange.state === 'open') return { window: { start_time, end_time }, earlyClose: null };
    if (exchange.state === 'closed') {
      // Weekends of a range are as expected.
      return isRange && isWeekend(date) ? null : this.#skip(date, exchange.reason);
    }
    if (early_close === 'skip') return this.#skip(date, exchange.reason);
    return { window: { start_time, end_time: exchange.endTime }, earlyClose: exchange.reason };
  }

  /** The pipeline of a capture; null, and the day is skipped, where New York has no such day or time. */
  #attempt(date: string, window: Window, symbol: string): LoadedPipeline | null {
    try {
      const capture: Omit<PipelineSpec['capture'], 'product_type'> = { symbol, dt: date, ...window };
      return pipelineOfDay(this.#experiment.serving.pipeline, capture);
    } catch (error) {
      return this.#skip(date, reasonOf(error));
    }
  }

  /** The contract of a date; null, and the day is missing, where no file tells it. */
  async #contractOf(date: string): Promise<Pick<PlannedSession, 'symbol' | 'contractSource'> | null> {
    const { symbol } = this.#capture;
    if (this.#volumeRule === null) return { symbol, contractSource: 'fixed' };
    const choice = await this.#volumeRule.choose(date);
    const { sessions, missing, notes } = this.#found;
    if (choice.symbol !== null) {
      if (choice.note !== null) notes.push(choice.note);
      return { symbol: choice.symbol, contractSource: choice.source };
    }
    if (sessions.length === 0 && missing.length === 0) {
      notes.push(`${date} is the first session and takes the pipeline's ${symbol}: ${choice.reason}.`);
      return { symbol, contractSource: 'fallback' };
    }
    missing.push({ date, symbol: null, contractSource: null, fileDate: choice.fileDate, reason: choice.reason });
    return null;
  }

  async #add(date: string, { window, earlyClose }: { window: Window; earlyClose: string | null }): Promise<void> {
    const contract = await this.#contractOf(date);
    if (contract === null) return;
    const pipeline = this.#attempt(date, window, contract.symbol);
    if (pipeline === null) return;
    const { warmup_bins } = this.#experiment.spec.eval;
    const bins = binsOf(pipeline);
    if (bins <= warmup_bins) {
      this.#skip(
        date,
        `${plural(bins, 'bin')} from ${window.start_time} to ${window.end_time}, all in the warm-up of ${warmup_bins}`,
      );
      return;
    }
    const made = await this.#made.serving(pipeline);
    const raw = await rawFileOf(this.#files, this.#steps, pipeline);
    if (raw.path === null && raw.isOffTick) {
      this.#skip(date, raw.reason);
      return;
    }
    if (raw.path === null && made === null) {
      this.#found.missing.push({ date, ...contract, fileDate: date, reason: raw.reason });
      return;
    }
    this.#found.sessions.push({
      ...{ date, ...contract, window, earlyClose, pipeline, datasetId: made ?? pipeline.datasetId },
      ...{ isMade: made !== null, rawFile: raw.path, bins, isHoldout: false },
    });
  }
}

/** Why a configuration does not fit a day, as a sentence's part; other errors are thrown on. */
function reasonOf(error: unknown): string {
  if (!(error instanceof SpymasterError) || error.code !== 'CONFIG_INVALID') throw error;
  const cause = error.cause instanceof SpymasterError ? error.cause.message : error.message;
  return cause.replace(/^Cannot set the capture: /, '').replace(/\.$/, '');
}

/** Every date of a range, both ends in it. */
function datesOf({ from, to }: SessionsSpec): string[] {
  const dates: string[] = [];
  if (from === undefined || to === undefined) return dates;
  const last = Temporal.PlainDate.from(to);
  for (
    let day = Temporal.PlainDate.from(from);
    Temporal.PlainDate.compare(day, last) <= 0;
    day = day.add({ days: 1 })
  ) {
    dates.push(day.toString());
  }
  return dates;
}
