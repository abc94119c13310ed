import { existsSync, statSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import type { ProductType } from '../../config/index.ts';
import { SpymasterError } from '../../errors.ts';
import { sha256File } from '../config_files.ts';
import type { Lake } from '../lake.ts';
import type { DatabentoApi, DataRequest } from './api.ts';
import { findJob, partPath, statesOf } from './download.ts';
import { resolveContracts } from './front_month.ts';
import { type JobLedger, type Order, orderKey, readLedger } from './ledger.ts';
import {
  checkSymbol,
  type DownloadRequest,
  presentFile,
  sessionDates,
  sessionPath,
  sessionRequest,
} from './sessions.ts';

/**
 * One session of a plan. `buy`: costs money; `paid`: ordered before, only to be fetched; `present`: in the lake already;
 * `no data`: the market was closed, or the product not listed; `unsettled`: a dry run cannot tell whether it was ordered.
 */
export interface PlannedSession {
  readonly productType: ProductType;
  readonly date: string;
  readonly request: DataRequest;
  /** Path relative to the lake: where the file is, or will be. */
  readonly path: string;
  readonly state: 'buy' | 'paid' | 'present' | 'no data' | 'unsettled';
  /** Price of what is to be bought, US dollars; 0 for everything else. */
  readonly costUsd: number;
  readonly billableBytes: number;
  readonly note: string;
}

export interface DownloadPlan {
  readonly sessions: readonly PlannedSession[];
  /** What carrying it out costs, US dollars. */
  readonly costUsd: number;
  readonly billableBytes: number;
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
  const dates = sessionDates(request.fromDate, request.toDate);
  const contracts = await resolveContracts(api, request, dates);
  const drafts = dates.map((date) => draft(lake, request, date, contracts.get(date)));
  const keys = new Set(drafts.map((session) => orderKey(session.request)));
  const read = () => (ledger === null ? readLedger(lake) : ledger.orders()).filter(({ key }) => keys.has(key));
  if (ledger !== null) await settle(lake, api, ledger, read());
  const orders = new Map(read().map((order) => [order.key, order]));
  const sessions = await inParallel(drafts, pricesAtOnce, async (session) => {
    if (session.state !== 'buy') return session;
    const order = orders.get(orderKey(session.request));
    const known = order === undefined ? null : fromLedger(session, order);
    return known ?? priced(api, session, order);
  });
  if (request.stream) refuseLargeStreams(sessions);
  const bought = sessions.filter(({ state }) => state === 'buy');
  const sum = (amounts: readonly number[]) => amounts.reduce((total, amount) => total + amount, 0);
  return {
    sessions,
    costUsd: sum(bought.map(({ costUsd }) => costUsd)),
    billableBytes: sum(bought.map(({ billableBytes }) => billableBytes)),
  };
}

/** A stream cannot be resumed, and what was sent is billed: it is for little data. */
function refuseLargeStreams(sessions: readonly PlannedSession[]): void {
  const large = sessions.find(({ state, billableBytes }) => state === 'buy' && billableBytes > maxStreamBytes);
  if (large === undefined) return;
  throw new SpymasterError(
    'USAGE',
    `Cannot stream ${large.request.symbol} of ${large.date}: it has ${large.billableBytes} bytes, and a stream that is cut ` +
      `must be paid again, so it may have up to ${maxStreamBytes}; leave --stream away for a batch job, which resumes.`,
    { date: large.date, billableBytes: large.billableBytes },
  );
}

function draft(lake: Lake, request: DownloadRequest, date: string, contract: string | undefined): PlannedSession {
  const symbol = contract ?? request.symbol;
  checkSymbol(symbol);
  const data = sessionRequest(request, symbol, date);
  const there = contract === undefined ? null : presentFile(lake, request.productType, data, date);
  const path = there ?? sessionPath(lake, request.productType, data, date);
  const state = contract === undefined ? 'no data' : there === null ? 'buy' : 'present';
  const note = contract === undefined ? 'no contract listed' : '';
  const base = { productType: request.productType, date, request: data, path: lake.relative(path) };
  return { ...base, state, costUsd: 0, billableBytes: 0, note };
}

/** What the ledger knows of a session that the lake lacks; null when it must be bought, once more or for the first time. */
function fromLedger(session: PlannedSession, order: Order): PlannedSession | null {
  const { billableBytes } = order;
  switch (order.state) {
    case 'submitted':
      return { ...session, state: 'paid', billableBytes, path: order.path, note: `job ${order.jobId}` };
    case 'intent':
      return { ...session, state: 'unsettled', billableBytes, note: 'an earlier run may have ordered it' };
    case 'empty':
      return { ...session, state: 'no data', note: `job ${order.jobId} was empty` };
    default:
      return null;
  }
}

async function priced(api: DatabentoApi, session: PlannedSession, order: Order | undefined): Promise<PlannedSession> {
  const billableBytes = await api.billableBytes(session.request);
  if (billableBytes === 0) return { ...session, state: 'no data', note: 'market closed' };
  const costUsd = await api.costUsd(session.request);
  const notes: Partial<Record<Order['state'], string>> = {
    expired: `job ${order?.jobId} is no longer kept, must be bought anew`,
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
    if (states.get(jobId!) === 'expired') {
      ledger.ended(key, 'expired', nowUtc());
      await rm(partPath(lake, jobId!), { force: true });
    } else if (state === 'placed') ledger.submitted(key, jobId!, nowUtc());
  }
}

async function inParallel<T, R>(items: readonly T[], atOnce: number, run: (item: T) => Promise<R>): Promise<R[]> {
  const results = new Array<R>(items.length);
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < items.length) {
      const index = next++;
      results[index] = await run(items[index]!);
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, worker));
  return results;
}
