import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { SpymasterError } from '../../errors.ts';
import type { Lake } from '../lake.ts';
import { type DatabentoApi, type DataRequest, detailsIn, isJobOf, type JobFile, type JobState } from './api.ts';
import { fetchFile, fetchStream } from './fetch_file.ts';
import { PassingFailure } from './http.ts';
import { type JobLedger, type Order, orderKey } from './ledger.ts';
import type { PlannedSession } from './plan.ts';

/** How far a download is. */
export interface DownloadProgress {
  readonly sessionsDone: number;
  readonly bytesDone: number;
}

export interface DownloadedSession {
  readonly date: string;
  readonly symbol: string;
  readonly state: 'placed' | 'empty';
  readonly path: string | null;
  readonly sizeBytes: number;
  readonly jobId: string | null;
}

export interface DownloadOptions {
  readonly lake: Lake;
  readonly api: DatabentoApi;
  readonly ledger: JobLedger;
  /** Sessions to get, as `planDownload` gave them; each is ordered at most once. */
  readonly sessions: readonly PlannedSession[];
  readonly stream: boolean;
  readonly notice: (text: string) => void;
  readonly onProgress: (progress: DownloadProgress) => void;
}

/**
 * Carries out a plan that was agreed to: orders what is to be bought, waits for the jobs, downloads, verifies and places
 * the files. Interrupted at any moment, the next call goes on where this one stopped and orders nothing again.
 */
export async function downloadSessions(options: DownloadOptions): Promise<DownloadedSession[]> {
  const { sessions, stream } = options;
  const wanted = sessions.filter(({ state }) => state === 'buy' || state === 'paid');
  const work = new Download(options);
  if (stream) {
    for (const session of wanted.filter(({ state }) => state === 'buy')) await work.streamOne(session);
  } else {
    for (const session of wanted.filter(({ state }) => state === 'buy')) await work.order(session);
  }
  await work.collect(new Set(wanted.map(({ request }) => orderKey(request))));
  return work.done;
}

class Download {
  readonly done: DownloadedSession[] = [];
  readonly #options: DownloadOptions;
  #bytesBefore = 0;

  constructor(options: DownloadOptions) {
    this.#options = options;
  }

  /** Orders one session: the intent first, then the job, whose id ends the intent. */
  async order(session: PlannedSession): Promise<void> {
    const { api, ledger, notice } = this.#options;
    for (let attempt = 1; ; attempt++) {
      const key = ledger.begin(orderOf(session, 'intent', this.#nowUtc()));
      try {
        const job = await api.submitJob(session.request);
        ledger.submitted(key, job.id, this.#nowUtc());
        return;
      } catch (error) {
        if (error instanceof SpymasterError && (error.code === 'API_REFUSED' || isUnsent(error))) {
          ledger.withdraw(key, this.#nowUtc());
        }
        if (!(error instanceof PassingFailure)) throw error;
        notice(`${error.message}: looking whether the job for ${session.date} was taken, before ordering it again.`);
        const found = await findJob(api, ledger, ledger.order(key)!);
        if (found !== null) {
          ledger.submitted(key, found.id, this.#nowUtc());
          return;
        }
        if (attempt >= api.http.timing.attempts) {
          ledger.withdraw(key, this.#nowUtc());
          throw new SpymasterError(
            'API_UNREACHABLE',
            `Cannot order ${session.request.symbol} for ${session.date}: ${error.message}, ${attempt} times, and no job came ` +
              'of it. Run the command again later.',
            {},
            error,
          );
        }
      }
    }
  }

  async streamOne(session: PlannedSession): Promise<void> {
    const { api, ledger, lake, notice } = this.#options;
    const key = ledger.begin(orderOf(session, 'streaming', this.#nowUtc()));
    const path = lake.path(...session.path.split('/'));
    let written: { sizeBytes: number; sha256: string };
    try {
      const report = (bytes: number) => this.#report(bytes);
      written = await fetchStream(api.http, api.rangeRequest(session.request), path, report);
    } catch (error) {
      if (error instanceof SpymasterError && error.code === 'API_REFUSED') ledger.withdraw(key, this.#nowUtc());
      if (!(error instanceof PassingFailure)) throw error;
      throw new SpymasterError(
        'API_UNREACHABLE',
        `The stream of ${session.request.symbol} for ${session.date} ended early: ${error.message}. What had been sent is ` +
          'billed and cannot be resumed; run the command again to buy it anew, or without --stream for a batch job, which ' +
          'resumes.',
        { date: session.date },
        error,
      );
    }
    ledger.placed(key, written.sizeBytes, written.sha256, this.#nowUtc());
    notice(`${session.date} ${session.request.symbol}: streamed to ${session.path}.`);
    this.#add(session.date, session.request, 'placed', session.path, written.sizeBytes, null);
  }

  /** Waits for the jobs of these orders and downloads each as soon as it is done. */
  async collect(keys: ReadonlySet<string>): Promise<void> {
    const { api, ledger } = this.#options;
    let { pollMs } = api.http.timing;
    for (;;) {
      const pending = ledger.orders().filter(({ key, state }) => keys.has(key) && state === 'submitted');
      if (pending.length === 0) return;
      const states = await statesOf(api, pending);
      let moved = false;
      for (const order of pending) {
        const state = states.get(order.jobId!);
        if (state === 'expired') {
          ledger.ended(order.key, 'expired', this.#nowUtc());
          throw new SpymasterError(
            'DOWNLOAD_UNSETTLED',
            `Cannot download ${order.request.symbol} for ${order.date}: the files of job ${order.jobId} are no longer kept ` +
              'by Databento. Run the command again to see what buying it anew costs.',
            { jobId: order.jobId!, date: order.date },
          );
        }
        if (state !== 'done') continue;
        moved = true;
        await this.#fetch(order);
      }
      if (moved) continue;
      await api.http.pause(pollMs);
      pollMs = Math.min(api.http.timing.maxPollMs, pollMs * 1.5);
    }
  }

  async #fetch(order: Order): Promise<void> {
    const { api, ledger, lake, notice } = this.#options;
    const data = (await api.listFiles(order.jobId!)).filter(({ filename }) => filename.endsWith('.dbn.zst'));
    if (data.length > 1) throw severalFiles(order, data);
    const file = data[0];
    if (file === undefined) {
      ledger.ended(order.key, 'empty', this.#nowUtc());
      notice(`${order.date} ${order.request.symbol}: job ${order.jobId} has no data.`);
      this.#add(order.date, order.request, 'empty', null, 0, order.jobId);
      return;
    }
    const path = lake.path(...order.path.split('/'));
    const onBytes = (bytes: number) => this.#report(bytes);
    await fetchFile({ http: api.http, file, partPath: partPath(lake, order.jobId!), path, onBytes });
    ledger.placed(order.key, file.size, file.sha256, this.#nowUtc());
    this.#add(order.date, order.request, 'placed', order.path, file.size, order.jobId);
  }

  #add(
    date: string,
    { symbol }: DataRequest,
    state: 'placed' | 'empty',
    path: string | null,
    sizeBytes: number,
    jobId: string | null,
  ): void {
    this.done.push({ date, symbol, state, path, sizeBytes, jobId });
    this.#bytesBefore += sizeBytes;
    this.#report(0);
  }

  #report(bytesOfThis: number): void {
    const { onProgress } = this.#options;
    onProgress({ sessionsDone: this.done.length, bytesDone: this.#bytesBefore + bytesOfThis });
  }

  #nowUtc(): string {
    return this.#options.api.http.serverNow().toString();
  }
}

/** Where the bytes of a job's file gather until they are whole. */
export function partPath(lake: Lake, jobId: string): string {
  const name = createHash('sha256').update(jobId).digest('hex').slice(0, 16);
  return lake.path('raw', 'source=databento', 'partial', `${name}.part`);
}

/**
 * The job that an intent led to, among the account's jobs since then by the server's clock; null when there surely is none.
 * A job takes a moment to be listed, which is waited for.
 */
export async function findJob(
  api: DatabentoApi,
  ledger: Pick<JobLedger, 'orders'>,
  intent: Order,
): Promise<JobState | null> {
  const { settleMs, pollMs } = api.http.timing;
  const ordered = Temporal.Instant.from(intent.orderedAtUtc);
  const taken = new Set(ledger.orders().map(({ jobId }) => jobId));
  for (;;) {
    // The clock is read before the list: only a list that was asked for after the wait proves anything.
    const askedMs = api.http.serverNow().epochMilliseconds;
    for (const row of await api.listJobs(ordered.subtract({ minutes: 10 }))) {
      if (taken.has(row.id)) continue;
      const details = detailsIn(row) ?? (await api.jobDetails(row.id));
      if (isJobOf(details, intent.request)) return row;
      taken.add(row.id);
    }
    if (askedMs - ordered.epochMilliseconds >= settleMs) return null;
    await api.http.pause(Math.min(pollMs, settleMs));
  }
}

/** The state of each order's job, from one list, or one by one for those that it lacks. */
export async function statesOf(api: DatabentoApi, orders: readonly Order[]): Promise<Map<string, string>> {
  const first = orders.map(({ orderedAtUtc }) => Temporal.Instant.from(orderedAtUtc)).sort(Temporal.Instant.compare)[0];
  const states = new Map<string, string>();
  if (first === undefined) return states;
  for (const { id, state } of await api.listJobs(first.subtract({ minutes: 10 }))) states.set(id, state);
  for (const { jobId } of orders) {
    if (jobId !== null && !states.has(jobId)) states.set(jobId, (await api.jobDetails(jobId)).state);
  }
  return states;
}

function orderOf(session: PlannedSession, state: 'intent' | 'streaming', nowUtc: string) {
  const { productType, date, request, path, costUsd, billableBytes } = session;
  return { productType, date, request, path, state, costUsd, billableBytes, orderedAtUtc: nowUtc };
}

/** Whether the retries ended with the server surely having taken nothing. */
function isUnsent(error: SpymasterError): boolean {
  return error.cause instanceof PassingFailure && !error.cause.mayHaveArrived;
}

function severalFiles(order: Order, files: readonly JobFile[]): SpymasterError {
  return new SpymasterError(
    'API_ANSWER_INVALID',
    `Cannot place job ${order.jobId}: expected one data file for ${order.date}, got ` +
      `${files.map(({ filename }) => filename).join(', ')}; download it from the Databento portal.`,
    { jobId: order.jobId! },
  );
}

/** Bytes of a job's file that have come so far. */
export async function partBytes(lake: Lake, jobId: string): Promise<number> {
  return (await stat(partPath(lake, jobId)).catch(() => null))?.size ?? 0;
}
