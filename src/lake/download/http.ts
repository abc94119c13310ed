import { setTimeout as delay } from 'node:timers/promises';
import { SpymasterError } from '../../errors.ts';
import type { DownloadTiming } from './timing.ts';

/** The published address of the historical API; only tests use another. */
export const historicalApi = 'https://hist.databento.com';

export interface HttpOptions {
  /** Key of the account: sent as the user name of basic authentication, never shown, never stored. */
  readonly apiKey: string;
  readonly baseUrl?: string;
  readonly timing: DownloadTiming;
  /** Told, in a sentence, of every failure that is tried again. */
  readonly notice: (text: string) => void;
  readonly signal: AbortSignal;
}

/** A failure that may pass: worth another try where that does no harm. */
export class PassingFailure extends Error {
  /** What the server asked for; null when it said nothing. */
  readonly retryAfterMs: number | null;
  /** False when the server surely did nothing with the request. */
  readonly mayHaveArrived: boolean;

  constructor(what: string, mayHaveArrived: boolean, retryAfterMs: number | null = null, cause?: unknown) {
    super(what, cause === undefined ? undefined : { cause });
    this.mayHaveArrived = mayHaveArrived;
    this.retryAfterMs = retryAfterMs;
  }
}

/** Failures before a connection stood: nothing was sent. */
const unsentCodes = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'ENETUNREACH', 'UND_ERR_CONNECT_TIMEOUT']);

/** One request: method, path below the base (or a whole URL that `trusted` accepts), form or query. */
export interface HttpRequest {
  readonly method: 'GET' | 'POST';
  readonly url: URL;
  readonly form?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
}

/** An answer that begins well: either its `body` is read or it is discarded. */
export interface OpenAnswer {
  readonly response: Response;
  readonly body: AsyncGenerator<Uint8Array, void, undefined>;
  discard(): Promise<void>;
}

/**
 * HTTP with the account's key, over the global fetch: answers that may pass (429, 5xx, cut connections, silence) are tried
 * again within bounds and with the pauses that the server asks for.
 *
 * Methods throw API_REFUSED (with `status`), API_UNREACHABLE, API_ANSWER_INVALID, and AbortError once the signal aborts.
 */
export class DatabentoHttp {
  readonly timing: DownloadTiming;
  readonly #base: URL;
  readonly #apiKey: string;
  readonly #notice: (text: string) => void;
  readonly #signal: AbortSignal;
  #serverAheadMs = 0;

  constructor(options: HttpOptions) {
    if (!/^[\x21-\x39\x3b-\x7e]+$/.test(options.apiKey)) {
      throw new SpymasterError(
        'API_KEY_MISSING',
        'Cannot ask Databento: expected the key of the account in DATABENTO_API_KEY, got ' +
          `${options.apiKey === '' ? 'nothing' : 'text that cannot be a key'}; copy the key from the API keys page of ` +
          'the Databento portal and set it in the environment.',
      );
    }
    this.#base = new URL(options.baseUrl ?? historicalApi);
    this.#apiKey = options.apiKey;
    this.timing = options.timing;
    this.#notice = options.notice;
    this.#signal = options.signal;
  }

  /** Now by the server's clock, as its last answer told it: this machine's may be wrong. */
  serverNow(): Temporal.Instant {
    return Temporal.Instant.fromEpochMilliseconds(Date.now() + this.#serverAheadMs);
  }

  /** Address of a method such as `metadata.get_cost`, with a query. */
  method(name: string, query: Readonly<Record<string, string>> = {}): URL {
    const url = new URL(`/v0/${name}`, this.#base);
    for (const [key, value] of Object.entries(query)) url.searchParams.set(key, value);
    return url;
  }

  /** Refuses an address that the key must not be sent to: only the API's own and, over https, Databento's. */
  trusted(address: string): URL {
    const url = URL.parse(address);
    const own = url?.origin === this.#base.origin;
    const databento = url?.protocol === 'https:' && /(^|\.)databento\.com$/.test(url.hostname) && url.port === '';
    if (url !== null && url.username === '' && (own || databento)) return url;
    throw new SpymasterError(
      'API_ANSWER_INVALID',
      `Cannot download from ${this.redacted(address)}: expected an https address of databento.com; nothing was sent there.`,
    );
  }

  /** The JSON answer of a request that may be repeated without harm. */
  json(request: HttpRequest): Promise<unknown> {
    return this.retry(() => this.#json(request));
  }

  /** The JSON answer of a request that is repeated only when it surely was not taken; else the PassingFailure is thrown. */
  jsonOnce(request: HttpRequest): Promise<unknown> {
    return this.retry(() => this.#json(request), { unless: (failure) => failure.mayHaveArrived });
  }

  /** Runs until it succeeds, pausing after passing failures; a run that made `progress` counts as a first try again. */
  async retry<T>(
    run: () => Promise<T>,
    options: { readonly unless?: (failure: PassingFailure) => boolean; readonly progress?: () => number } = {},
  ): Promise<T> {
    const { attempts, backoffMs, maxBackoffMs, maxRetryAfterMs } = this.timing;
    let reached = options.progress?.() ?? 0;
    for (let attempt = 1; ; attempt++) {
      this.#signal.throwIfAborted();
      try {
        return await run();
      } catch (error) {
        this.#signal.throwIfAborted();
        if (!(error instanceof PassingFailure) || options.unless?.(error) === true) throw error;
        const now = options.progress?.() ?? 0;
        if (now > reached) attempt = 1;
        reached = now;
        const pauseMs = Math.min(maxBackoffMs, backoffMs * 2 ** (attempt - 1)) * (0.5 + Math.random() / 2);
        if (attempt >= attempts || (error.retryAfterMs ?? 0) > maxRetryAfterMs) throw this.#givenUp(error, attempt);
        const waitMs = error.retryAfterMs ?? pauseMs;
        this.#notice(`${error.message}; trying again in ${(waitMs / 1000).toFixed(1)} s (${attempt} of ${attempts}).`);
        await delay(waitMs, undefined, { signal: this.#signal });
      }
    }
  }

  /** Waits, unless the command is interrupted. */
  async pause(ms: number): Promise<void> {
    await delay(ms, undefined, { signal: this.#signal });
  }

  /** Sends one request once and gives its answer, whose body ends with a PassingFailure when it is cut or falls silent. */
  async open(request: HttpRequest): Promise<OpenAnswer> {
    const { method, url, form, headers } = request;
    const watch = new SilenceWatch(this.timing.silenceMs);
    const where = `${method} ${url.origin}${url.pathname}`;
    let response: Response;
    try {
      response = await fetch(url, {
        method,
        ...(form === undefined ? {} : { body: new URLSearchParams(form) }),
        // A compressed transfer would make ranges and sizes mean something else. Redirects lose the key at another origin.
        headers: { accept: 'application/json', 'accept-encoding': 'identity', ...headers, ...this.#authorization() },
        signal: AbortSignal.any([this.#signal, watch.signal]),
      });
    } catch (cause) {
      watch.stop();
      throw this.#cut(where, cause);
    }
    this.#noteClock(response);
    if (!response.ok) {
      const detail = await response.text().catch(() => '');
      watch.stop();
      throw this.#failure(where, response, detail);
    }
    const discard = async (): Promise<void> => {
      watch.stop();
      await response.body?.cancel().catch(() => {});
    };
    return { response, body: this.#body(where, response, watch), discard };
  }

  /** Server text without the key, on one line, cut to a readable length. */
  redacted(text: string): string {
    const one = text.replaceAll(this.#apiKey, '<key>').replace(/\s+/g, ' ').trim();
    return one.length > 300 ? `${one.slice(0, 300)}…` : one;
  }

  #authorization(): { authorization: string } {
    return { authorization: `Basic ${Buffer.from(`${this.#apiKey}:`).toString('base64')}` };
  }

  async #json(request: HttpRequest): Promise<unknown> {
    const { body } = await this.open(request);
    const chunks: Uint8Array[] = [];
    for await (const chunk of body) chunks.push(chunk);
    const text = Buffer.concat(chunks).toString('utf8');
    try {
      return JSON.parse(text);
    } catch (cause) {
      throw new SpymasterError(
        'API_ANSWER_INVALID',
        `Cannot read the answer of ${request.url.origin}${request.url.pathname}: expected JSON, got ` +
          `${JSON.stringify(this.redacted(text))}.`,
        {},
        cause,
      );
    }
  }

  async *#body(where: string, response: Response, watch: SilenceWatch): AsyncGenerator<Uint8Array, void, undefined> {
    try {
      for await (const chunk of response.body ?? []) {
        watch.heard();
        yield chunk;
      }
    } catch (cause) {
      throw this.#cut(where, cause);
    } finally {
      watch.stop();
    }
  }

  /** The error of a connection that did not come about, fell silent, or was cut. */
  #cut(where: string, cause: unknown): unknown {
    if (this.#signal.aborted) return this.#signal.reason;
    const inner = (cause as { cause?: { code?: string } }).cause ?? (cause as { code?: string });
    const code = inner?.code ?? (cause instanceof Error ? cause.name : 'unknown');
    return new PassingFailure(`The connection of ${where} failed (${code})`, !unsentCodes.has(code), null, cause);
  }

  #failure(where: string, response: Response, body: string): Error {
    const { status } = response;
    const said = this.redacted(detailOf(body));
    if (status === 429 || status === 408 || status >= 500) {
      const what = `${where} answered ${status}${said === '' ? '' : ` (${said})`}`;
      return new PassingFailure(what, status !== 429, this.#retryAfterMs(response));
    }
    const remedy =
      status === 401 || status === 403
        ? ' Check that DATABENTO_API_KEY is a valid key of an account that may have this data.'
        : '';
    return new SpymasterError(
      'API_REFUSED',
      `Databento refused ${where} with status ${status}: ${said === '' ? 'it gave no reason' : said}.${remedy}`.replace(
        '..',
        '.',
      ),
      { status },
    );
  }

  #retryAfterMs(response: Response): number | null {
    const text = response.headers.get('retry-after')?.trim() ?? '';
    if (/^\d+(\.\d+)?$/.test(text)) return Number(text) * 1000;
    const at = Date.parse(text);
    return Number.isNaN(at) ? null : Math.max(0, at - this.serverNow().epochMilliseconds);
  }

  #noteClock(response: Response): void {
    const at = Date.parse(response.headers.get('date') ?? '');
    if (!Number.isNaN(at)) this.#serverAheadMs = at - Date.now();
  }

  #givenUp(failure: PassingFailure, attempts: number): SpymasterError {
    const asked = failure.retryAfterMs ?? 0;
    const why =
      asked > this.timing.maxRetryAfterMs
        ? `asks to wait ${Math.round(asked / 1000)} s`
        : `failed ${attempts} ${attempts === 1 ? 'time' : 'times'}`;
    return new SpymasterError(
      'API_UNREACHABLE',
      `Cannot go on: ${failure.message}, and ${why}. Run the command again later: it goes on where it stopped, and what ` +
        'was bought stays bought.',
      {},
      failure,
    );
  }
}

/** Aborts when nothing was heard for too long. */
class SilenceWatch {
  readonly #controller = new AbortController();
  readonly #timer: NodeJS.Timeout;

  constructor(silenceMs: number) {
    this.#timer = setTimeout(() => {
      this.#controller.abort(Object.assign(new Error('silence'), { code: `no answer for ${silenceMs / 1000} s` }));
    }, silenceMs);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  heard(): void {
    this.#timer.refresh();
  }

  stop(): void {
    clearTimeout(this.#timer);
  }
}

/** What the API says was wrong: `{"detail": "…"}` or `{"detail": {"message": "…"}}`, else the body itself. */
function detailOf(body: string): string {
  try {
    const { detail } = JSON.parse(body) as { detail?: string | { message?: string } };
    return typeof detail === 'string' ? detail : (detail?.message ?? body);
  } catch {
    return body;
  }
}
