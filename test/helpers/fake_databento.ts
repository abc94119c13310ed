import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A job as the account has it. */
export interface FakeJob {
  readonly id: string;
  state: string;
  readonly form: URLSearchParams;
  readonly receivedUtc: string;
  looks: number;
}

/** What the server does with a request; false lets it be answered after all. */
export type Fault = (request: IncomingMessage, response: ServerResponse) => boolean;

const key = 'db-0123456789abcdefghijklmnopqrs';

/** An answer that refuses, as the API words it. */
export interface Refusal {
  readonly status: number;
  readonly case: string;
  readonly message: string;
  readonly payload?: object;
}

/** Refusals that the API is known to give for days that it has no data of, or not for this account. */
export const refusals = {
  closed: {
    status: 422,
    case: 'symbology_invalid_request',
    message: 'None of the symbols could be resolved.',
  },
  notYet: {
    status: 422,
    case: 'data_end_after_available_end',
    message: "The dataset GLBX.MDP3 has data available up to '2026-02-06 12:00:00+00:00'. Try an earlier `end`.",
    payload: { dataset: 'GLBX.MDP3', available_end: '2026-02-06T12:00:00.000000000Z' },
  },
  recent: {
    status: 422,
    case: 'dataset_unavailable_range',
    message: 'Part or all of your request requires a subscription and/or license to access. Try an earlier end time.',
  },
  unlicensed: {
    status: 403,
    case: 'license_not_found_unauthorized',
    message: 'A live data license is required to access XNAS.ITCH data after 2026-02-05T05:00:00Z.',
  },
  noFunds: {
    status: 402,
    case: 'account_insufficient_funds',
    message: 'Your account has insufficient funds to complete the request.',
  },
} as const satisfies Record<string, Refusal>;

/**
 * A server on 127.0.0.1 that speaks the published historical HTTP API (symbology.resolve, metadata.get_cost,
 * get_billable_size and get_dataset_condition, batch.*, timeseries.get_range, file download with ranges), with the shapes of
 * answers that the vendor's own clients read, and with faults on demand.
 */
export class FakeDatabento {
  readonly apiKey = key;
  /** Bytes of each session's file, by symbol and first day. */
  readonly data = new Map<string, Uint8Array>();
  readonly jobs: FakeJob[] = [];
  /** Method names (`batch.submit_job`, `download`) as they were asked for, and their parameters. */
  readonly asked: { readonly method: string; readonly parameters: URLSearchParams; readonly range: string | null }[] =
    [];
  /** Faults of the next requests, by method. */
  readonly faults = new Map<string, Fault[]>();
  /** Whether batch.list_jobs tells everything (until 2026-10) or only id, state and ts_received. */
  longJobList = false;
  /** How far the server's clock is ahead of this machine's. */
  clockAheadMs = 0;
  /** Instrument ids by continuous or parent symbol, with their days; and raw symbols by instrument id. */
  readonly mappings = new Map<string, { d0: string; d1: string; s: string }[]>();
  /** Looks at a job, in lists or alone, for which it is `received`, and then until it is done. */
  looksReceived = 1;
  looksUntilDone = 2;
  /** Refusals of whatever asks for a session, by symbol and date ("MNQH6 2026-02-06") or by date. */
  readonly refused = new Map<string, Refusal>();
  /** Whether refusals come in the older shape, with a text alone. */
  plainRefusals = false;
  /** Conditions of days other than `available`, by date. */
  readonly conditions = new Map<string, string>();
  /** Sentences of the `X-Warning` header of every answer. */
  warnings: string[] = [];
  /** How support files are hashed. */
  supportHash: 'sha256' | 'md5' = 'sha256';
  /** Names of files that jobs do not list, though they should. */
  readonly withheld = new Set<string>();
  /** Names of the agents that asked. */
  readonly agents = new Set<string>();
  /** Milliseconds of the server's time. */
  now: () => number = Date.now;
  readonly #server: Server;

  constructor() {
    this.#server = createServer((request, response) => {
      this.#handle(request, response).catch((error: unknown) => response.destroy(error as Error));
    });
  }

  async listen(): Promise<string> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return this.url;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((done) => this.#server.close(done));
  }

  /** How often a method was asked for. */
  count(method: string): number {
    return this.asked.filter((each) => each.method === method).length;
  }

  /** Makes the next requests of a method fail, one fault each. */
  fail(method: string, ...faults: Fault[]): void {
    this.faults.set(method, [...(this.faults.get(method) ?? []), ...faults]);
  }

  /** Bytes of a session's file, random and incompressible unless a test set them. */
  bytesOf(form: URLSearchParams): Uint8Array {
    const name = `${form.get('symbols')} ${form.get('start')?.slice(0, 10)}`;
    let bytes = this.data.get(name);
    if (bytes === undefined) {
      bytes = new Uint8Array(randomBytes(200_000));
      this.data.set(name, bytes);
    }
    return bytes;
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', this.url);
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const form = new URLSearchParams(Buffer.concat(chunks).toString('utf8'));
    const parameters = request.method === 'POST' ? form : url.searchParams;
    const download = /^\/v0\/batch\/download\/USER\/([^/]+)\/([^/]+)$/.exec(url.pathname);
    const isSupport = download?.[2]?.endsWith('.json') === true;
    const method = download === null ? url.pathname.replace('/v0/', '') : isSupport ? 'support file' : 'download';
    this.asked.push({ method, parameters, range: request.headers.range ?? null });
    response.setHeader('date', new Date(this.now() + this.clockAheadMs).toUTCString());
    response.setHeader('request-id', `request-${this.asked.length}`);
    if (this.warnings.length > 0) response.setHeader('x-warning', JSON.stringify(this.warnings));
    this.agents.add(request.headers['user-agent'] ?? '');
    if (request.headers.authorization !== `Basic ${Buffer.from(`${key}:`).toString('base64')}`) {
      this.#refuse(response, { status: 401, case: 'auth_authentication_failed', message: 'Authentication failed.' });
      return;
    }
    const fault = this.faults.get(method)?.shift();
    if (fault !== undefined) {
      const handled = fault(request, response);
      if (handled === true) return;
    }
    if (download !== null) {
      this.#download(request, response, download[1]!, download[2]!);
      return;
    }
    const day = (parameters.get('start') ?? parameters.get('start_date') ?? '').slice(0, 10);
    const days = method === 'symbology.resolve' ? daysOf(day, parameters.get('end_date')!) : [day];
    const refusal = days
      .map((each) => this.refused.get(`${parameters.get('symbols')} ${each}`) ?? this.refused.get(each))
      .find((each) => each !== undefined);
    if (refusal !== undefined && method !== 'metadata.get_dataset_condition') this.#refuse(response, refusal);
    else this.#answer(method, parameters, response);
  }

  #refuse(response: ServerResponse, { status, case: kind, message, payload }: Refusal): void {
    const docs = 'https://databento.com/docs/api-reference-historical/basics/errors';
    const whole = { case: kind, message, status_code: status, docs, ...(payload && { payload }) };
    json(response, status, { detail: this.plainRefusals ? message : whole });
  }

  #answer(method: string, parameters: URLSearchParams, response: ServerResponse): ServerResponse {
    switch (method) {
      case 'symbology.resolve':
        return this.#resolve(parameters, response);
      case 'metadata.get_billable_size':
        return json(response, 200, this.bytesOf(parameters).length === 0 ? 0 : this.bytesOf(parameters).length * 4);
      case 'metadata.get_cost':
        return json(response, 200, 1.25);
      case 'metadata.get_dataset_condition':
        return this.#conditions(parameters, response);
      case 'batch.submit_job':
        return json(response, 200, this.#details(this.submit(parameters)));
      case 'batch.list_jobs':
        return this.#listJobs(parameters, response);
      case 'batch.get_job_details': {
        const job = this.jobs.find(({ id }) => id === parameters.get('job_id'));
        return job === undefined
          ? json(response, 404, { detail: 'No such job.' })
          : json(response, 200, this.#details(this.#looked(job)));
      }
      case 'batch.list_files':
        return this.#listFiles(parameters, response);
      case 'timeseries.get_range':
        response.writeHead(200, { 'content-type': 'application/octet-stream' });
        return response.end(this.bytesOf(parameters));
      default:
        return json(response, 404, { detail: 'Not Found' });
    }
  }

  /** Takes a job, as a request or a person at the portal would order it. */
  submit(form: URLSearchParams): FakeJob {
    const receivedUtc = new Date(this.now() + this.clockAheadMs).toISOString();
    const job = { id: `GLBX-20260101-${this.jobs.length}`, state: 'received', form, receivedUtc, looks: 0 };
    this.jobs.push(job);
    return job;
  }

  #resolve(parameters: URLSearchParams, response: ServerResponse): ServerResponse {
    const symbols = parameters.get('symbols')!.split(',');
    if (symbols.length > 2000) return json(response, 422, { detail: 'Too many symbols.' });
    const found = symbols.flatMap((symbol) => {
      const intervals = this.mappings.get(symbol);
      return intervals === undefined ? [] : ([[symbol, intervals]] as const);
    });
    const result = Object.fromEntries(found);
    return json(response, 200, {
      result,
      symbols,
      partial: [],
      not_found: symbols.filter((s) => !(s in result)),
      status: 0,
    });
  }

  /** Without `states` all jobs but the expired are listed; `received` is no state that can be asked for. */
  #listJobs(parameters: URLSearchParams, response: ServerResponse): ServerResponse {
    const states = parameters.get('states')?.split(',');
    const known = ['queued', 'processing', 'done', 'expired'];
    if (states?.some((state) => !known.includes(state))) {
      this.#refuse(response, { status: 422, case: 'validation_failed', message: 'states must be of JobState.' });
      return response;
    }
    const since = parameters.get('since') ?? '';
    const listed = this.jobs
      .filter(({ state, receivedUtc }) => (states?.includes(state) ?? state !== 'expired') && receivedUtc >= since)
      .map((job) => {
        const { id, state, receivedUtc } = job;
        return this.longJobList ? this.#details(job) : { id, state, ts_received: receivedUtc };
      });
    // A job's state moves on only after a list was made: what was `received` then is not in a list that asks for states.
    for (const job of this.jobs) this.#looked(job);
    return json(response, 200, listed);
  }

  /** A job as it was before this look. */
  #looked(job: FakeJob): FakeJob {
    const before = { ...job };
    job.looks++;
    if (!['received', 'queued', 'processing'].includes(job.state)) return before;
    const last = this.looksReceived + this.looksUntilDone;
    if (job.looks >= last) job.state = 'done';
    else if (job.looks >= this.looksReceived) job.state = job.looks === last - 1 ? 'processing' : 'queued';
    return before;
  }

  #conditions(parameters: URLSearchParams, response: ServerResponse): ServerResponse {
    const end = Temporal.PlainDate.from(parameters.get('end_date')!).add({ days: 1 }).toString();
    return json(
      response,
      200,
      daysOf(parameters.get('start_date')!, end).map((date) => this.#condition(date)),
    );
  }

  #condition(date: string): object {
    const condition = this.conditions.get(date) ?? 'available';
    return { date, condition, last_modified_date: condition === 'missing' ? null : '2026-02-10' };
  }

  #details({ id, state, form, receivedUtc }: FakeJob): object {
    const text = (name: string) => form.get(name);
    return {
      id,
      user_id: 'USER',
      cost_usd: null,
      dataset: text('dataset'),
      symbols: text('symbols'),
      stype_in: text('stype_in'),
      stype_out: text('stype_out'),
      schema: text('schema'),
      start: text('start')?.replace('Z', '.000000000Z'),
      end: text('end')?.replace('Z', '.000000000Z'),
      limit: null,
      encoding: text('encoding'),
      compression: text('compression'),
      split_duration: text('split_duration'),
      delivery: text('delivery'),
      state,
      ts_received: receivedUtc,
    };
  }

  #listFiles(parameters: URLSearchParams, response: ServerResponse): ServerResponse {
    const job = this.jobs.find(({ id }) => id === parameters.get('job_id'));
    if (job === undefined) return json(response, 404, { detail: 'No such job.' });
    const files = [...this.#filesOf(job)].map(([filename, content]) => {
      const kind = filename.endsWith('.zst') ? 'sha256' : this.supportHash;
      return {
        filename,
        size: content.length,
        hash: `${kind}:${createHash(kind).update(content).digest('hex')}`,
        urls: { https: `${this.url}/v0/batch/download/USER/${job.id}/${filename}`, ftp: 'ftp://127.0.0.1/none' },
      };
    });
    return json(
      response,
      200,
      files.filter(({ filename }) => !this.withheld.has(filename)),
    );
  }

  #filesOf({ form }: FakeJob): Map<string, Uint8Array> {
    const date = form.get('start')!.slice(0, 10);
    const text = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
    const files = new Map<string, Uint8Array>([
      ['condition.json', text([this.#condition(date)])],
      ['metadata.json', text({ version: 1 })],
      ['symbology.json', text({ result: {} })],
    ]);
    const bytes = this.bytesOf(form);
    if (bytes.length > 0) files.set(`glbx-mdp3-${date.replaceAll('-', '')}.mbo.dbn.zst`, bytes);
    return files;
  }

  #download(request: IncomingMessage, response: ServerResponse, jobId: string, name: string): ServerResponse {
    const bytes = this.#filesOf(this.jobs.find(({ id }) => id === jobId)!).get(name)!;
    const range = /^bytes=(\d+)-$/.exec(request.headers.range ?? '');
    const from = range === null ? 0 : Number(range[1]);
    if (from >= bytes.length) {
      return response.writeHead(416, { 'content-range': `bytes */${bytes.length}` }).end();
    }
    const headers = { 'content-length': bytes.length - from, 'accept-ranges': 'bytes' };
    if (range === null) response.writeHead(200, headers);
    else response.writeHead(206, { ...headers, 'content-range': `bytes ${from}-${bytes.length - 1}/${bytes.length}` });
    return response.end(bytes.subarray(from));
  }
}

/** Answers with a status, and perhaps when to come back. */
export function refuse(status: number, retryAfter?: string): Fault {
  return (_request, response) => {
    if (retryAfter !== undefined) response.setHeader('retry-after', retryAfter);
    json(response, status, { detail: `A fault of the test: ${status}.` });
    return true;
  };
}

/** Cuts the connection before an answer. */
export const hangUp: Fault = (request) => {
  request.socket.destroy();
  return true;
};

function json(response: ServerResponse, status: number, value: unknown): ServerResponse {
  return response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
}

/** Dates from `start` until before `end`. */
function daysOf(start: string, end: string): string[] {
  const days: string[] = [];
  const last = Temporal.PlainDate.from(end);
  for (
    let day = Temporal.PlainDate.from(start);
    Temporal.PlainDate.compare(day, last) < 0;
    day = day.add({ days: 1 })
  ) {
    days.push(day.toString());
  }
  return days;
}
