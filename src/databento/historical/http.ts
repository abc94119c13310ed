import { SpymasterError } from '../../errors.ts';
import { PassingFailure, parseProblem } from './api_error.ts';
import { type DownloadClock, type DownloadTiming, systemClock } from './timing.ts';

/** The published address of the historical API; only tests use another. */
export const historicalApi = 'https://hist.databento.com';

export interface HttpOptions {
  /** Key of the account: sent as the user name of basic authentication, never shown, never stored. */
  readonly apiKey: string;
  readonly baseUrl?: string;
  readonly timing: DownloadTiming;
  readonly clock?: DownloadClock;
  /** Product and version, as the `user-agent` header names them. */
  readonly userAgent: string;
  /** Told, in a sentence, of every failure that is tried again and every warning that the server gives. */
  readonly notice: (text: string) => void;
  readonly signal: AbortSignal;
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
  readonly clock: DownloadClock;
  readonly #base: URL;
  readonly #userAgent: string;
  /** Warnings that were told already. */
  readonly #warned = new Set<string>();
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
    this.clock = options.clock ?? systemClock;
    this.#userAgent = options.userAgent;
    this.#notice = options.notice;
    this.#signal = options.signal;
  }

  /** Now by the server's clock, as its last answer told it: this machine's may be wrong. */
  serverNow(): Temporal.Instant {
    return Temporal.Instant.fromEpochMilliseconds(this.clock.nowMs() + this.#serverAheadMs);
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

  /** The text of a small file. */
  text(request: HttpRequest): Promise<string> {
    return this.retry(() => this.#text(request));
  }

  /**
   * Runs until it succeeds, pausing after passing failures; a run that made `progress` counts as a first try again. While
   * the server answers that there are too many requests it goes on for `throttleMs`, however many tries that takes.
   */
  async retry<T>(
    run: () => Promise<T>,
    options: { readonly unless?: (failure: PassingFailure) => boolean; readonly progress?: () => number } = {},
  ): Promise<T> {
    const { attempts, backoffMs, maxBackoffMs, maxRetryAfterMs, throttleMs } = this.timing;
    let reached = options.progress?.() ?? 0;
    let failures = 0;
    let throttles = 0;
    let throttledMs = 0;
    for (;;) {
      this.#signal.throwIfAborted();
      try {
        return await run();
      } catch (error) {
        this.#signal.throwIfAborted();
        if (!(error instanceof PassingFailure) || options.unless?.(error) === true) throw error;
        const now = options.progress?.() ?? 0;
        if (now > reached) failures = throttles = throttledMs = 0;
        reached = now;
        const doublings = error.isThrottled ? throttles++ : failures++;
        const pauseMs = Math.min(maxBackoffMs, backoffMs * 2 ** doublings) * (0.5 + Math.random() / 2);
        const waitMs = error.retryAfterMs ?? pauseMs;
        if (waitMs > maxRetryAfterMs && error.retryAfterMs !== null)
          throw givenUp(error, `asks to wait ${seconds(waitMs)} s`);
        let limit = `${failures} of ${attempts}`;
        if (error.isThrottled) {
          throttledMs += waitMs;
          if (throttledMs > throttleMs) throw givenUp(error, `did so for ${seconds(throttledMs - waitMs)} s`);
          limit = `for up to ${seconds(throttleMs)} s in all`;
        } else if (failures >= attempts)
          throw givenUp(error, `failed ${failures} ${failures === 1 ? 'time' : 'times'}`);
        this.#notice(`${error.message}; trying again in ${(waitMs / 1000).toFixed(1)} s (${limit}).`);
        await this.pause(waitMs);
      }
    }
  }

  /** Waits, unless the command is interrupted. */
  async pause(ms: number): Promise<void> {
    await this.clock.sleep(ms, this.#signal);
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
        headers: {
          accept: 'application/json',
          'accept-encoding': 'identity',
          'user-agent': this.#userAgent,
          ...headers,
          ...this.#authorization(),
        },
        signal: AbortSignal.any([this.#signal, watch.signal]),
      });
    } catch (cause) {
      watch.stop();
      throw this.#cut(where, cause);
    }
    this.#noteClock(response);
    this.#tellWarnings(response);
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

  async #text(request: HttpRequest): Promise<string> {
    const { body } = await this.open(request);
    const chunks: Uint8Array[] = [];
    for await (const chunk of body) chunks.push(chunk);
    return Buffer.concat(chunks).toString('utf8');
  }

  async #json(request: HttpRequest): Promise<unknown> {
    const text = await this.#text(request);
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
    return new PassingFailure(`The connection of ${where} failed (${code})`, !unsentCodes.has(code), { cause });
  }

  #failure(where: string, response: Response, body: string): Error {
    const { status } = response;
    const problem = parseProblem(body);
    const reason = this.redacted(problem.message);
    const requestId = this.redacted(response.headers.get('request-id') ?? '');
    const id = requestId === '' ? '' : ` (request id ${requestId})`;
    if (status === 429 || status === 408 || status >= 500) {
      const what = `${where} answered ${status}${reason === '' ? '' : ` (${reason})`}${id}`;
      return new PassingFailure(what, status !== 429, {
        retryAfterMs: this.#retryAfterMs(response),
        isThrottled: status === 429,
      });
    }
    const remedy =
      status === 401 || status === 403
        ? ' Check that DATABENTO_API_KEY is a valid key of an account that may have this data.'
        : '';
    const kind = problem.case === '' ? '' : ` (${this.redacted(problem.case)})`;
    const said = reason === '' ? 'it gave no reason' : reason.replace(/\.$/, '');
    const { availableStart, availableEnd } = problem;
    return new SpymasterError(
      'API_REFUSED',
      `Databento refused ${where} with status ${status}${kind}: ${said}${id}.${remedy}`,
      { status, case: problem.case, reason, requestId, availableStart, availableEnd },
    );
  }

  /** Passes on what the server warns of in `X-Warning`, a JSON list of sentences, each once. */
  #tellWarnings(response: Response): void {
    const header = response.headers.get('x-warning');
    if (header === null) return;
    let warnings: unknown;
    try {
      warnings = JSON.parse(header);
    } catch {
      warnings = [header];
    }
    for (const warning of Array.isArray(warnings) ? warnings : [warnings]) {
      const text = this.redacted(String(warning).replace(/^\w*Warning: /, ''));
      if (this.#warned.has(text)) continue;
      this.#warned.add(text);
      this.#notice(`Databento warns: ${text.replace(/\.$/, '')}.`);
    }
  }

  #retryAfterMs(response: Response): number | null {
    const text = response.headers.get('retry-after')?.trim() ?? '';
    if (/^\d+(\.\d+)?$/.test(text)) return Number(text) * 1000;
    const at = Date.parse(text);
    return Number.isNaN(at) ? null : Math.max(0, at - this.serverNow().epochMilliseconds);
  }

  #noteClock(response: Response): void {
    const at = Date.parse(response.headers.get('date') ?? '');
    if (!Number.isNaN(at)) this.#serverAheadMs = at - this.clock.nowMs();
  }
}

function givenUp(failure: PassingFailure, why: string): SpymasterError {
  return new SpymasterError(
    'API_UNREACHABLE',
    `Cannot go on: ${failure.message}, and ${why}. Run the command again later: it goes on where it stopped, and what ` +
      'was bought stays bought.',
    {},
    failure,
  );
}

function seconds(ms: number): string {
  return String(Math.round(ms / 1000));
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
