import { createHash } from 'node:crypto';
import { z } from 'zod';
import { present, SpymasterError } from '../../errors.ts';
import { type DayCondition, dayConditions } from '../../lake/index.ts';
import type { DatabentoHttp, HttpRequest } from './http.ts';

/** What is bought: one instrument and schema over [start, end), RFC 3339 in UTC. */
export interface DataRequest {
  readonly dataset: string;
  readonly schema: string;
  /** Raw symbol of the instrument. */
  readonly symbol: string;
  readonly start: string;
  readonly end: string;
}

export type SymbolType = 'raw_symbol' | 'instrument_id' | 'continuous' | 'parent';

/** What a symbol stands for over [d0, d1), days in UTC. */
export interface MappingInterval {
  readonly d0: string;
  readonly d1: string;
  readonly s: string;
}

export interface JobFile {
  readonly filename: string;
  readonly size: number;
  /** Hexadecimal; null where the vendor names a hash of another kind. */
  readonly sha256: string | null;
  readonly url: string;
}

const resolution = z.looseObject({
  result: z.record(z.string(), z.array(z.object({ d0: z.string(), d1: z.string(), s: z.string() }))),
});
const nonNegative = z.number().min(0);
const jobState = z.looseObject({ id: z.string().min(1), state: z.string(), ts_received: z.string().optional() });
const jobDetails = jobState.extend({
  dataset: z.string(),
  schema: z.string(),
  symbols: z.union([z.string(), z.array(z.string())]),
  stype_in: z.string(),
  start: z.string(),
  end: z.string(),
  encoding: z.string(),
  compression: z.string().nullish(),
  delivery: z.string(),
  limit: z.unknown(),
});
const fileList = z.array(
  z.looseObject({
    filename: z.string(),
    size: z.int().min(0),
    hash: z.string().nullish(),
    urls: z.looseObject({ https: z.string() }),
  }),
);

/** States that a batch job is known to have. */
export const knownJobStates: readonly string[] = ['received', 'queued', 'processing', 'done', 'expired'];

/** State and id of a batch job. */
export type JobState = z.infer<typeof jobState>;
export type JobDetails = z.infer<typeof jobDetails>;

/** Symbols that one request may name. */
const maxSymbols = 2000;
/** States that `batch.list_jobs` can be asked for: it does not take `received`. */
const listedStates = 'queued,processing,done,expired';

/** The methods of Databento's historical HTTP API that a download needs; they throw what `DatabentoHttp` throws. */
export class DatabentoApi {
  readonly http: DatabentoHttp;

  constructor(http: DatabentoHttp) {
    this.http = http;
  }

  /** What symbols stood for on the days [startDate, endDate); a symbol that is unknown has no interval. */
  async resolve(
    dataset: string,
    symbols: readonly string[],
    [stypeIn, stypeOut]: readonly [SymbolType, SymbolType],
    [startDate, endDate]: readonly [string, string],
  ): Promise<Map<string, MappingInterval[]>> {
    const found = new Map<string, MappingInterval[]>();
    for (let at = 0; at < symbols.length; at += maxSymbols) {
      const form = {
        dataset,
        symbols: symbols.slice(at, at + maxSymbols).join(','),
        stype_in: stypeIn,
        stype_out: stypeOut,
        start_date: startDate,
        end_date: endDate,
      };
      const { result } = await this.#ask(resolution, this.#post('symbology.resolve', form));
      for (const [symbol, intervals] of Object.entries(result)) found.set(symbol, intervals);
    }
    return found;
  }

  /** Price in US dollars. */
  costUsd(request: DataRequest): Promise<number> {
    return this.#ask(nonNegative, this.#post('metadata.get_cost', query(request)));
  }

  /** Size of the records, uncompressed, in bytes; 0 when there are none. */
  billableBytes(request: DataRequest): Promise<number> {
    return this.#ask(nonNegative, this.#post('metadata.get_billable_size', query(request)));
  }

  /**
   * Orders a batch job, which costs money. A failure that leaves open whether the job exists is thrown as it is
   * (PassingFailure with `mayHaveArrived`); only what surely did not arrive is repeated.
   */
  async submitJob(request: DataRequest): Promise<JobState> {
    const form = { ...query(request), ...jobShape, split_duration: 'day' };
    const asked = this.#post('batch.submit_job', form);
    return this.#checked(jobState, asked, await this.http.jsonOnce(asked));
  }

  /**
   * The account's jobs that were received since a moment; only `id` and `state` are certain to be there. Asked for with
   * and without states: the first leaves out jobs that are `received`, the second those that are expired.
   */
  async listJobs(since: Temporal.Instant): Promise<JobState[]> {
    const jobs = new Map<string, JobState>();
    for (const filter of [{}, { states: listedStates }]) {
      const listed = await this.#ask(
        z.array(jobState),
        this.#get('batch.list_jobs', { ...filter, since: since.toString() }),
      );
      for (const job of listed) jobs.set(job.id, job);
    }
    return [...jobs.values()];
  }

  /** State and id of one job, whatever kind of job it is. */
  jobState(jobId: string): Promise<JobState> {
    return this.#ask(jobState, this.#get('batch.get_job_details', { job_id: jobId }));
  }

  jobDetails(jobId: string): Promise<JobDetails> {
    return this.#ask(jobDetails, this.#get('batch.get_job_details', { job_id: jobId }));
  }

  async listFiles(jobId: string): Promise<JobFile[]> {
    const files = await this.#ask(fileList, this.#get('batch.list_files', { job_id: jobId }));
    return files.map(({ filename, size, hash, urls }) => {
      const sha256 = /^sha256:([0-9a-f]{64})$/i.exec(hash ?? '')?.[1]?.toLowerCase() ?? null;
      return { filename, size, sha256, url: urls.https };
    });
  }

  /** The text of a small file of a job. */
  async supportFile(file: JobFile): Promise<string> {
    const text = await this.http.text({ method: 'GET', url: this.http.trusted(file.url) });
    const actual = createHash('sha256').update(text).digest('hex');
    if (file.sha256 === null || file.sha256 === actual) return text;
    throw new SpymasterError(
      'CHECKSUM_MISMATCH',
      `Cannot use ${file.filename}: expected SHA-256 ${file.sha256.slice(0, 12)}…, got ${actual.slice(0, 12)}….`,
      { filename: file.filename },
    );
  }

  /** What the vendor says of a dataset's days from `startDate` to `endDate`, both included. */
  datasetConditions(dataset: string, startDate: string, endDate: string): Promise<DayCondition[]> {
    const days = { dataset, start_date: startDate, end_date: endDate };
    return this.#ask(dayConditions, this.#get('metadata.get_dataset_condition', days));
  }

  /** The request that streams the records as zstd-compressed DBN; what is sent is billed. */
  rangeRequest(request: DataRequest): HttpRequest {
    return this.#post('timeseries.get_range', { ...query(request), encoding: 'dbn', compression: 'zstd' });
  }

  #post(name: string, form: Readonly<Record<string, string>>): HttpRequest {
    return { method: 'POST', url: this.http.method(name), form };
  }

  #get(name: string, parameters: Readonly<Record<string, string>>): HttpRequest {
    return { method: 'GET', url: this.http.method(name, parameters) };
  }

  async #ask<T>(schema: z.ZodType<T>, request: HttpRequest): Promise<T> {
    return this.#checked(schema, request, await this.http.json(request));
  }

  #checked<T>(schema: z.ZodType<T>, { url }: HttpRequest, answer: unknown): T {
    const checked = schema.safeParse(answer);
    if (checked.success) return checked.data;
    const { path, message } = present(checked.error.issues[0]);
    throw new SpymasterError(
      'API_ANSWER_INVALID',
      `Cannot use the answer of ${url.origin}${url.pathname}: ${path.length === 0 ? 'it' : path.join('.')} is not as ` +
        `published (${this.http.redacted(message)}); the API may have changed, look for a newer Spymaster.`,
    );
  }
}

/** How a batch job is delivered; what a job of ours is known by, beside its request. */
const jobShape = { encoding: 'dbn', compression: 'zstd', delivery: 'download' } as const;

function query({ dataset, schema, symbol, start, end }: DataRequest): Record<string, string> {
  return { dataset, symbols: symbol, schema, start, end, stype_in: 'raw_symbol', stype_out: 'instrument_id' };
}

/** Whether a job delivers exactly what a request asks for. */
export function isJobOf(job: JobDetails, request: DataRequest): boolean {
  const symbols = typeof job.symbols === 'string' ? job.symbols.split(',') : job.symbols;
  return (
    job.dataset === request.dataset &&
    job.schema === request.schema &&
    job.stype_in === 'raw_symbol' &&
    symbols.length === 1 &&
    symbols[0] === request.symbol &&
    sameInstant(job.start, request.start) &&
    sameInstant(job.end, request.end) &&
    job.encoding === jobShape.encoding &&
    job.compression === jobShape.compression &&
    job.delivery === jobShape.delivery &&
    (job.limit === null || job.limit === undefined)
  );
}

/** The details in a row of the long form of the job list; null when it is of the short form. */
export function detailsIn(row: JobState): JobDetails | null {
  return jobDetails.safeParse(row).data ?? null;
}

function sameInstant(a: string, b: string): boolean {
  const instant = (text: string) => {
    try {
      return Temporal.Instant.from(/(?:Z|[+-]\d\d:?\d\d)$/.test(text) ? text : `${text}Z`).epochNanoseconds;
    } catch {
      return null;
    }
  };
  return instant(a) !== null && instant(a) === instant(b);
}
