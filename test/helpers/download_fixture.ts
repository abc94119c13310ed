import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  DatabentoApi,
  DatabentoHttp,
  type DownloadPlan,
  type DownloadRequest,
  type DownloadResult,
  type DownloadTiming,
  downloadSessions,
  JobLedger,
  planDownload,
} from '../../src/databento/historical/index.ts';
import { findRawFile, Lake } from '../../src/lake/index.ts';
import { FakeDatabento } from './fake_databento.ts';

export const quickTiming: DownloadTiming = {
  silenceMs: 10_000,
  attempts: 3,
  backoffMs: 2,
  maxBackoffMs: 5,
  maxRetryAfterMs: 1_000,
  throttleMs: 1_000,
  pollMs: 2,
  maxPollMs: 5,
  unknownStateMs: 20,
  settleMs: 20,
};

/** Two sessions of the front month of MNQ. */
export const twoSessions: DownloadRequest = {
  productType: 'future_mbo',
  symbol: 'MNQ',
  fromDate: '2026-02-05',
  toDate: '2026-02-06',
  schema: 'mbo',
  dataset: 'GLBX.MDP3',
  frontMonth: 'volume',
  stream: false,
};

interface ApiOptions {
  readonly apiKey?: string;
  readonly signal?: AbortSignal;
  readonly timing?: DownloadTiming;
}

/** An empty lake, and a server that it can be filled from. */
export class DownloadFixture {
  readonly server = new FakeDatabento();
  readonly lake = new Lake(mkdtempSync(join(tmpdir(), 'spymaster-download-')));
  readonly notices: string[] = [];
  /** Where waiting takes no time; null: the real clock. */
  clock: { nowMs(): number; sleep(ms: number): Promise<void> } | null = null;

  static async start(): Promise<DownloadFixture> {
    const fixture = new DownloadFixture();
    await fixture.server.listen();
    fixture.server.mappings.set('MNQ.v.0', [{ d0: '2026-02-01', d1: '2026-03-01', s: '4200' }]);
    fixture.server.mappings.set('4200', [{ d0: '2026-01-01', d1: '2026-03-21', s: 'MNQH6' }]);
    return fixture;
  }

  async close(): Promise<void> {
    await this.server.close();
    rmSync(this.lake.root, { recursive: true, force: true });
  }

  /** From now on pauses are noted in the list that is given, and pass at once, for the server too. */
  skipTime(): number[] {
    let nowMs = Date.UTC(2026, 1, 10);
    const pausesMs: number[] = [];
    const sleep = async (ms: number): Promise<void> => {
      pausesMs.push(ms);
      nowMs += ms;
    };
    this.clock = { nowMs: () => nowMs, sleep };
    this.server.now = () => nowMs;
    return pausesMs;
  }

  api({
    apiKey = this.server.apiKey,
    signal = new AbortController().signal,
    timing = quickTiming,
  }: ApiOptions = {}): DatabentoApi {
    const notice = (text: string) => this.notices.push(text);
    const http = { apiKey, baseUrl: this.server.url, timing, notice, signal, userAgent: 'spymaster/0.0.0-test' };
    return new DatabentoApi(new DatabentoHttp({ ...http, ...(this.clock && { clock: this.clock }) }));
  }

  /** Plans and carries out, as one run of the command does. */
  async run(request = twoSessions, options: ApiOptions = {}): Promise<{ plan: DownloadPlan; result: DownloadResult }> {
    const { lake } = this;
    const api = this.api(options);
    using ledger = new JobLedger(lake);
    const plan = await planDownload(lake, api, ledger, request);
    const notice = (text: string) => this.notices.push(text);
    const { sessions } = plan;
    const { stream } = request;
    const result = await downloadSessions({ lake, api, ledger, sessions, stream, notice, onProgress: () => {} });
    return { plan, result };
  }

  /** The bytes of a session's file in the lake. */
  async placedBytes(date: string): Promise<Uint8Array> {
    return new Uint8Array(readFileSync(await findRawFile(this.lake, 'future_mbo', 'MNQH6', date)));
  }
}
