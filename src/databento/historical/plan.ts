import { existsSync, statSync } from 'node:fs';
import type { ProductType } from '../../config/index.ts';
import { notNull, present, SpymasterError } from '../../errors.ts';
import { remove, sha256File } from '../../files/index.ts';
import type { Lake } from '../../lake/index.ts';
import type { DatabentoApi, DataRequest } from './api.ts';
import { dayProblem } from './api_error.ts';
import { type DayContract, resolveContracts } from './front_month.ts';
import { findJob, keptDays, partPath, statesOf } from './jobs.ts';
import { isSameSession, type JobLedger, type Order, readLedger } from './ledger.ts';
import {
  checkSymbol,
  type DownloadRequest,
  presentFile,
  sessionDates,
  sessionPath,
  sessionRequest,
} from './sessions.ts';

/**
 * Where a session of a plan stands. `to_buy`: costs money; `paid`: ordered before, only to be fetched; `present`: in the lake
 * already; `no_data`: the market was closed, or the product not listed; `not_yet`: the day is not over, or not published;
 * `not_licensed`: the account may not have it; `unsettled`: a dry run cannot tell whether it was ordered.
 */
export type SessionState = 'to_buy' | 'paid' | 'present' | 'no_data' | 'not_yet' | 'not_licensed' | 'unsettled';

/** One session of a plan. */
export interface PlannedSession {
  readonly productType: ProductType;
  readonly date: string;
  readonly request: DataRequest;
  /** Path relative to the lake: where the file is, or will be. */
  readonly path: string;
  readonly state: SessionState;
  /** Price of what is to be bought, US dollars; 0 for everything else. */
  readonly costUsd: number;
  readonly billableBytes: number;
  /** What Databento says of its data of the day, such as `degraded`; null where it says nothing. */
  readonly condition: string | null;
  readonly note: string;
}

export interface DownloadPlan {
  readonly sessions: readonly PlannedSession[];
  /** What carrying it out costs, US dollars. */
  readonly costUsd: number;
  readonly billableBytes: number;
  /** Why the conditions of the days are not known; null when they are. */
  readonly conditionsUnknown: string | null;
}

/** Requests for prices under way at once: the API allows 20 a second. */
const pricesAtOnce = 4;
/** The largest session that is streamed, uncompressed. */
const maxStreamBytes = 100_000_000;

/**
 * What a download would do, session by session; asks Databento for contracts, jobs and prices, and orders nothing.
 * Settles what earlier runs left open in `ledger`; without one (a dry run) nothing is written at all.
 */
export async function planDownload(
  lake: Lake,
  api: DatabentoApi,
  ledger: JobLedger | null,
  request: DownloadRequest,
): Promise<DownloadPlan> {
  checkSymbol(request.symbol);
  const days = request.days ?? (await daysOfRange(api, request));
  const { conditions, unknown } = await conditionsOf(
    api,
    request.dataset,
    [...new Set(days.map(({ date }) => date))].sort(),
  );
  const drafts = days.map(({ date, ...contract }) =>
    draft(lake, request, date, contract, conditions.get(date) ?? null),
  );
  const read = () =>
    (ledger === null ? readLedger(lake) : ledger.orders()).filter((order) =>
      drafts.some((session) => isSameSession(order, session)),
    );
  if (ledger !== null) await settle(lake, api, ledger, read());
  const orders = read();
  const sessions = await inParallel(drafts, pricesAtOnce, async (session) => {
    if (session.state !== 'to_buy') return session;
    const order = orderOf(session, orders);
    const known = order === undefined ? null : fromLedger(session, order);
    return known ?? priced(api, session, order);
  });
  if (request.stream) refuseLargeStreams(sessions);
  const bought = sessions.filter(({ state }) => state === 'to_buy');
  const sum = (amounts: readonly number[]) => amounts.reduce((total, amount) => total + amount, 0);
  return {
    sessions,
    costUsd: sum(bought.map(({ costUsd }) => costUsd)),
    billableBytes: sum(bought.map(({ billableBytes }) => billableBytes)),
    conditionsUnknown: unknown,
  };
}

/** The sessions of a request's range, each with its contract. */
async function daysOfRange(
  api: DatabentoApi,
  request: DownloadRequest,
): Promise<readonly (DayContract & { readonly date: string })[]> {
  const dates = sessionDates(request.productType, request.fromDate, request.toDate);
  const contracts = await resolveContracts(api, request, dates);
  return dates.map((date) => ({ date, ...present(contracts.get(date)) }));
}

/** What Databento says of each day; nothing, and why, when it refuses to. */
async function conditionsOf(
  api: DatabentoApi,
  dataset: string,
  dates: readonly string[],
): Promise<{ readonly conditions: ReadonlyMap<string, string>; readonly unknown: string | null }> {
  if (dates.length === 0) return { conditions: new Map(), unknown: null };
  try {
    const days = await api.datasetConditions(dataset, present(dates[0]), present(dates.at(-1)));
    return { conditions: new Map(days.map(({ date, condition }) => [date, condition])), unknown: null };
  } catch (error) {
    const isRefused = error instanceof SpymasterError && error.code === 'API_REFUSED' && error.fields.status !== 401;
    if (!isRefused) throw error;
    return { conditions: new Map(), unknown: error.message };
  }
}

/** The order of a session: one that is open, else the last. */
function orderOf(session: PlannedSession, orders: readonly Order[]): Order | undefined {
  const isOpen = ({ state }: Order): boolean => state === 'submitted' || state === 'intent';
  const ours = orders
    .filter((order) => isSameSession(order, session))
    .sort((a, b) => (a.orderedAtUtc < b.orderedAtUtc ? -1 : 1));
  return ours.findLast(isOpen) ?? ours.at(-1);
}

/** A stream cannot be resumed, and what was sent is billed: it is for little data. */
function refuseLargeStreams(sessions: readonly PlannedSession[]): void {
  const large = sessions.find(({ state, billableBytes }) => state === 'to_buy' && billableBytes > maxStreamBytes);
  if (large === undefined) return;
  throw new SpymasterError(
    'USAGE',
    `Cannot stream ${large.request.symbol} of ${large.date}: it has ${large.billableBytes} bytes, and a stream that is cut ` +
      `must be paid again, so it may have up to ${maxStreamBytes}; leave --stream away for a batch job, which resumes.`,
    { date: large.date, billableBytes: large.billableBytes },
  );
}

function draft(
  lake: Lake,
  request: DownloadRequest,
  date: string,
  contract: DayContract,
  condition: string | null,
): PlannedSession {
  const { productType } = request;
  const symbol = 'symbol' in contract ? contract.symbol : request.symbol;
  checkSymbol(symbol);
  const data = sessionRequest(request, symbol, date);
  const present = 'problem' in contract ? null : presentFile(lake, productType, data, date);
  const path = lake.relative(present ?? sessionPath(lake, productType, data, date));
  const base = { productType, date, request: data, path, costUsd: 0, billableBytes: 0, condition };
  if ('problem' in contract) return { ...base, ...contract.problem };
  if (present !== null) return { ...base, state: 'present', note: '' };
  return { ...base, state: 'to_buy', note: '' };
}

/** What the ledger knows of a session that the lake lacks; null when it must be bought, once more or for the first time. */
function fromLedger(session: PlannedSession, order: Order): PlannedSession | null {
  const { billableBytes, request, path } = order;
  switch (order.state) {
    case 'submitted':
      return { ...session, state: 'paid', request, billableBytes, path, note: `job ${order.jobId}` };
    case 'intent':
      return { ...session, state: 'unsettled', billableBytes, note: 'an earlier run may have ordered it' };
    case 'empty':
      // Of a job that cost something an earlier version noted so; `settle` opens it again.
      if (billableBytes > 0) return { ...session, state: 'unsettled', note: `job ${order.jobId} listed no file` };
      return { ...session, state: 'no_data', note: `job ${order.jobId} was empty` };
    default:
      return null;
  }
}

async function priced(api: DatabentoApi, session: PlannedSession, order: Order | undefined): Promise<PlannedSession> {
  if (session.condition === 'pending') return { ...session, state: 'not_yet', note: 'not published yet' };
  let billableBytes: number;
  let costUsd: number;
  try {
    billableBytes = await api.billableBytes(session.request);
    if (billableBytes === 0) return { ...session, state: 'no_data', note: 'market closed' };
    costUsd = await api.costUsd(session.request);
  } catch (error) {
    const problem = dayProblem(error);
    if (problem === null) throw error;
    return { ...session, ...problem };
  }
  const notes: Partial<Record<Order['state'], string>> = {
    expired: `job ${order?.jobId} is no longer kept (${keptDays} days), must be bought anew`,
    streaming: 'an earlier stream was cut, must be bought anew',
    placed: 'was deleted from the lake, must be bought anew',
  };
  return { ...session, costUsd, billableBytes, note: order === undefined ? '' : (notes[order.state] ?? '') };
}

/**
 * Brings the ledger up to date with what happened meanwhile: an intent gets its job or is withdrawn, a file that was deleted
 * is fetched again from its job while that is kept, a job that is not kept any more is noted as expired.
 */
async function settle(lake: Lake, api: DatabentoApi, ledger: JobLedger, orders: readonly Order[]): Promise<void> {
  const nowUtc = () => api.http.serverNow().toString();
  for (const intent of orders.filter(({ state }) => state === 'intent')) {
    const job = await findJob(api, ledger, intent);
    if (job === null) ledger.withdraw(intent.key, nowUtc());
    else ledger.submitted(intent.key, job.id, nowUtc());
  }
  for (const { key, state, jobId, billableBytes } of orders) {
    // A job that cost something has data, whatever its list of files said.
    if (state === 'empty' && jobId !== null && billableBytes > 0) ledger.submitted(key, jobId, nowUtc());
  }
  for (const { key, state, path } of orders) {
    const file = lake.path(...path.split('/'));
    // Killed between giving a verified file its name and noting it.
    if ((state !== 'submitted' && state !== 'streaming') || !existsSync(file)) continue;
    ledger.placed(key, statSync(file).size, await sha256File(file), nowUtc());
  }
  const lacking = ledger.orders().filter(({ key, state, jobId, productType, request, date }) => {
    if (jobId === null || !orders.some((order) => order.key === key)) return false;
    return state === 'submitted' || (state === 'placed' && presentFile(lake, productType, request, date) === null);
  });
  const states = await statesOf(api, lacking);
  for (const { key, jobId, state } of lacking) {
    if (states.get(notNull(jobId)) === 'expired') {
      ledger.ended(key, 'expired', nowUtc());
      await remove(partPath(lake, notNull(jobId)));
    } else if (state === 'placed') ledger.submitted(key, notNull(jobId), nowUtc());
  }
}

async function inParallel<T, R>(items: readonly T[], atOnce: number, run: (item: T) => Promise<R>): Promise<R[]> {
  const results = new Array<R>(items.length);
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < items.length) {
      const index = next++;
      results[index] = await run(present(items[index]));
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, worker));
  return results;
}
