import { notNull, SpymasterError } from '../../errors.ts';
import type { Lake } from '../../lake/index.ts';
import { type DatabentoApi, knownJobStates } from './api.ts';
import { dayProblem } from './api_error.ts';
import { fetchFile } from './fetch_file.ts';
import { keepCondition, keepJobCondition } from './job_condition.ts';
import { keptDays, partPath, statesOf } from './jobs.ts';
import { type JobLedger, type Order, orderKey } from './ledger.ts';
import { orderJob, streamSession } from './order.ts';
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

/** A session that is not in the lake after all, and why. */
export interface FailedSession {
  readonly date: string;
  readonly symbol: string;
  readonly jobId: string | null;
  readonly code: SpymasterError['code'];
  readonly message: string;
}

export interface DownloadResult {
  readonly downloaded: readonly DownloadedSession[];
  readonly failed: readonly FailedSession[];
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
 * Carries out a plan that was agreed to: fetches what is paid and ready, orders what is to be bought, waits for the jobs,
 * downloads, verifies and places the files. Interrupted at any moment, the next call goes on where this one stopped and
 * orders nothing again.
 *
 * A session that fails is told in the result and stops no other; only what would stop all of them is thrown: an interrupt,
 * a lake that cannot be written, a ledger that cannot be trusted.
 */
export async function downloadSessions(options: DownloadOptions): Promise<DownloadResult> {
  const { sessions, stream, lake } = options;
  const work = new Download(options);
  const paid = sessions.filter(({ state }) => state === 'paid');
  const bought = sessions.filter(({ state }) => state === 'to_buy');
  for (const session of sessions.filter(({ state }) => state === 'present')) await keepCondition(lake, session);
  await work.collect(paid, false);
  await work.buy(bought, stream);
  await work.collect([...paid, ...bought], true);
  return { downloaded: work.downloaded, failed: work.failed };
}

/** Errors after which no other session could be had either. */
const endsAll: readonly string[] = ['LAKE_NOT_WRITABLE', 'REGISTRY_CORRUPT', 'API_KEY_MISSING', 'DOWNLOAD_BUSY'];

class Download {
  readonly downloaded: DownloadedSession[] = [];
  readonly failed: FailedSession[] = [];
  readonly #failedKeys = new Set<string>();
  readonly #options: DownloadOptions;
  /** When a job was first seen in a state that is not known, by job and state. */
  readonly #unknownSinceMs = new Map<string, number>();
  #bytesBefore = 0;

  constructor(options: DownloadOptions) {
    this.#options = options;
  }

  /** Orders or streams each session; once the account is refused, or the server cannot be reached, the rest is left. */
  async buy(sessions: readonly PlannedSession[], stream: boolean): Promise<void> {
    let obstacle: SpymasterError | null = null;
    for (const session of sessions) {
      if (obstacle !== null) {
        const { code, message } = obstacle;
        this.#fail(session, null, new SpymasterError(code, `Not ordered, for what stopped an earlier one: ${message}`));
        continue;
      }
      const error: SpymasterError | null = await this.#attempt(() =>
        stream ? this.#stream(session) : this.#order(session),
      );
      if (error === null) continue;
      this.#fail(session, null, error);
      const isRefused = [401, 402, 403].includes(Number(error.fields.status)) && dayProblem(error) === null;
      if (isRefused || (error.code === 'API_UNREACHABLE' && !stream)) obstacle = error;
    }
  }

  /** Fetches the jobs of these sessions that are done; with `wait`, goes on until none is open. */
  async collect(sessions: readonly PlannedSession[], wait: boolean): Promise<void> {
    const { api, ledger } = this.#options;
    const keys = new Set(sessions.map(({ request }) => orderKey(request)));
    let { pollMs } = api.http.timing;
    for (;;) {
      const pending = ledger
        .orders()
        .filter(({ key, state }) => keys.has(key) && state === 'submitted' && !this.#failedKeys.has(key));
      if (pending.length === 0) return;
      let states = new Map<string, string>();
      const error: SpymasterError | null = await this.#attempt(async () => {
        states = await statesOf(api, pending);
      });
      if (error !== null) {
        for (const order of pending) this.#fail(order, order.jobId, error);
        return;
      }
      let moved = false;
      for (const order of pending)
        moved = (await this.#advance(order, states.get(notNull(order.jobId)) ?? '')) || moved;
      if (!wait) return;
      if (moved) continue;
      await api.http.pause(pollMs);
      pollMs = Math.min(api.http.timing.maxPollMs, pollMs * 1.5);
    }
  }

  /** Does what the state of an order's job allows; whether the order is settled by it. */
  async #advance(order: Order, state: string): Promise<boolean> {
    if (state === 'done') {
      const error = await this.#attempt(() => this.#fetch(order));
      if (error !== null) this.#fail(order, order.jobId, error);
      return true;
    }
    if (state === 'expired') {
      this.#options.ledger.ended(order.key, 'expired', this.#nowUtc());
      this.#fail(order, order.jobId, expired(order));
      return true;
    }
    if (knownJobStates.includes(state)) return false;
    return this.#watchUnknown(order, state);
  }

  /** Says a state that is not known once, and leaves the job alone after a time. */
  #watchUnknown(order: Order, state: string): boolean {
    const { api, notice } = this.#options;
    const { unknownStateMs } = api.http.timing;
    const minutes = Math.round(unknownStateMs / 60_000);
    const key = `${order.jobId} ${state}`;
    const nowMs = api.http.clock.nowMs();
    const sinceMs = this.#unknownSinceMs.get(key);
    if (sinceMs === undefined) {
      this.#unknownSinceMs.set(key, nowMs);
      notice(
        `Job ${order.jobId} of ${order.date} is "${state}", a state that Spymaster does not know; looking for ` +
          `${minutes} minutes whether that changes.`,
      );
      return false;
    }
    if (nowMs - sinceMs < unknownStateMs) return false;
    const message =
      `Job ${order.jobId} of ${order.request.symbol} for ${order.date} has been "${state}" for ${minutes} minutes: look ` +
      'at it in the Download center of the Databento portal. It stays open; run the command again to go on with it.';
    this.#fail(order, order.jobId, new SpymasterError('DOWNLOAD_UNSETTLED', message, { state }));
    return true;
  }

  async #order(session: PlannedSession): Promise<void> {
    const { api, ledger, notice } = this.#options;
    await orderJob({ api, ledger, notice }, session);
  }

  async #stream(session: PlannedSession): Promise<void> {
    const { api, ledger, lake, notice } = this.#options;
    const onBytes = (bytes: number) => this.#report(bytes);
    const sizeBytes = await streamSession({ api, ledger, lake, notice, onBytes }, session);
    this.#add(session, 'placed', session.path, sizeBytes, null);
  }

  async #fetch(order: Order): Promise<void> {
    const { api, ledger, lake, notice, sessions } = this.#options;
    const files = await api.listFiles(notNull(order.jobId));
    const data = files.filter(({ filename }) => filename.endsWith('.dbn.zst'));
    const names = files.map(({ filename }) => filename);
    if (data.length > 1) throw severalFiles(order, names);
    const file = data[0];
    if (file === undefined) {
      if (order.billableBytes > 0) throw noFile(order, names);
      ledger.ended(order.key, 'empty', this.#nowUtc());
      notice(`${order.date} ${order.request.symbol}: job ${order.jobId} has no data.`);
      this.#add(order, 'empty', null, 0, order.jobId);
      return;
    }
    const condition = sessions.find(({ date }) => date === order.date)?.condition ?? null;
    await keepJobCondition({ api, lake, notice }, order, files, condition);
    const path = lake.path(...order.path.split('/'));
    const onBytes = (bytes: number) => this.#report(bytes);
    const sha256 = await fetchFile({
      http: api.http,
      file,
      partPath: partPath(lake, notNull(order.jobId)),
      path,
      onBytes,
    });
    if (file.sha256 === null) {
      notice(
        `${order.date}: job ${order.jobId} names no SHA-256 of its file; checked by size and by decoding all of it.`,
      );
    }
    ledger.placed(order.key, file.size, sha256, this.#nowUtc());
    this.#add(order, 'placed', order.path, file.size, order.jobId);
  }

  /** The error that concerns one session; throws any that would stop all. */
  async #attempt(run: () => Promise<void>): Promise<SpymasterError | null> {
    try {
      await run();
      return null;
    } catch (error) {
      if (!(error instanceof SpymasterError) || endsAll.includes(error.code)) throw error;
      return error;
    }
  }

  #fail({ date, request }: Pick<Order, 'date' | 'request'>, jobId: string | null, error: SpymasterError): void {
    const { code, message } = error;
    this.#failedKeys.add(orderKey(request));
    this.failed.push({ date, symbol: request.symbol, jobId, code, message });
    this.#report(0);
  }

  #add(
    { date, request }: Pick<Order, 'date' | 'request'>,
    state: 'placed' | 'empty',
    path: string | null,
    sizeBytes: number,
    jobId: string | null,
  ): void {
    this.downloaded.push({ date, symbol: request.symbol, state, path, sizeBytes, jobId });
    this.#bytesBefore += sizeBytes;
    this.#report(0);
  }

  #report(bytesOfThis: number): void {
    const { onProgress } = this.#options;
    const sessionsDone = this.downloaded.length + this.failed.length;
    onProgress({ sessionsDone, bytesDone: this.#bytesBefore + bytesOfThis });
  }

  #nowUtc(): string {
    return this.#options.api.http.serverNow().toString();
  }
}

function expired({ jobId, date, request }: Order): SpymasterError {
  return new SpymasterError(
    'DOWNLOAD_UNSETTLED',
    `Cannot download ${request.symbol} for ${date}: the files of job ${jobId} are no longer kept by Databento, which keeps ` +
      `them for ${keptDays} days. Run the command again to see what buying it anew costs.`,
    { jobId: notNull(jobId), date },
  );
}

function severalFiles({ jobId, date }: Order, names: readonly string[]): SpymasterError {
  return new SpymasterError(
    'API_ANSWER_INVALID',
    `Cannot place job ${jobId}: expected one data file for ${date}, got ${names.join(', ')}; download it from the Databento ` +
      'portal.',
    { jobId: notNull(jobId) },
  );
}

function noFile({ jobId, date, request, billableBytes }: Order, names: readonly string[]): SpymasterError {
  return new SpymasterError(
    'DOWNLOAD_UNSETTLED',
    `Cannot place job ${jobId} of ${request.symbol} for ${date}: expected a .dbn.zst file, since ${billableBytes} bytes were ` +
      `billed, but Databento lists ${names.length === 0 ? 'no file' : `only ${names.join(', ')}`}. The job stays open: run ` +
      `the command again later, within ${keptDays} days, or ask Databento's support.`,
    { jobId: notNull(jobId), date },
  );
}
