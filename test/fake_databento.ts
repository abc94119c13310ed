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

/**
 * A server on 127.0.0.1 that speaks the published historical HTTP API (symbology.resolve, metadata.get_cost and
 * get_billable_size, batch.*, timeseries.get_range, file download with ranges), with faults on demand.
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
  /** Looks at a job before it is done. */
  looksUntilDone = 1;
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
    const method = download === null ? url.pathname.replace('/v0/', '') : 'download';
    this.asked.push({ method, parameters, range: request.headers.range ?? null });
    response.setHeader('date', new Date(Date.now() + this.clockAheadMs).toUTCString());
    if (request.headers.authorization !== `Basic ${Buffer.from(`${key}:`).toString('base64')}`) {
      const detail = { case: 'auth_authentication_failed', message: 'Authentication failed.', status_code: 401 };
      json(response, 401, { detail });
      return;
    }
    const fault = this.faults.get(method)?.shift();
    if (fault !== undefined) {
      const handled = fault(request, response);
      if (handled === true) return;
    }
    if (download !== null) this.#download(request, response, download[1]!);
    else this.#answer(method, parameters, response);
  }

  #answer(method: string, parameters: URLSearchParams, response: ServerResponse): ServerResponse {
    switch (method) {
      case 'symbology.resolve':
        return this.#resolve(parameters, response);
      case 'metadata.get_billable_size':
        return json(response, 200, this.bytesOf(parameters).length === 0 ? 0 : this.bytesOf(parameters).length * 4);
      case 'metadata.get_cost':
        return json(response, 200, 1.25);
      case 'batch.submit_job':
        return json(response, 200, this.#details(this.submit(parameters)));
      case 'batch.list_jobs':
        return this.#listJobs(parameters, response);
      case 'batch.get_job_details': {
        const job = this.jobs.find(({ id }) => id === parameters.get('job_id'));
        return job === undefined
          ? json(response, 404, { detail: 'No such job.' })
          : json(response, 200, this.#details(job));
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
    const receivedUtc = new Date(Date.now() + this.clockAheadMs).toISOString();
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

  #listJobs(parameters: URLSearchParams, response: ServerResponse): ServerResponse {
    const states = new Set((parameters.get('states') ?? 'queued,processing,done').split(','));
    for (const job of this.jobs) {
      if (job.state !== 'expired') job.state = job.looks++ >= this.looksUntilDone ? 'done' : 'queued';
    }
    const since = parameters.get('since') ?? '';
    const listed = this.jobs.filter(({ state, receivedUtc }) => states.has(state) && receivedUtc >= since);
    const short = ({ id, state, receivedUtc }: FakeJob) => ({ id, state, ts_received: receivedUtc });
    return json(
      response,
      200,
      listed.map((job) => (this.longJobList ? this.#details(job) : short(job))),
    );
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
    const bytes = this.bytesOf(job.form);
    const file = (filename: string, content: Uint8Array) => ({
      filename,
      size: content.length,
      hash: `sha256:${createHash('sha256').update(content).digest('hex')}`,
      urls: { https: `${this.url}/v0/batch/download/USER/${job.id}/${filename}`, ftp: 'ftp://127.0.0.1/none' },
    });
    const name = `glbx-mdp3-${job.form.get('start')!.slice(0, 10).replaceAll('-', '')}.mbo.dbn.zst`;
    const support = file('metadata.json', new TextEncoder().encode('{}'));
    return json(response, 200, bytes.length === 0 ? [support] : [support, file(name, bytes)]);
  }

  #download(request: IncomingMessage, response: ServerResponse, jobId: string): ServerResponse {
    const bytes = this.bytesOf(this.jobs.find(({ id }) => id === jobId)!.form);
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
