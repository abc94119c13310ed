import { setTimeout as pause } from 'node:timers/promises';
import type { Job, Worker } from 'bullmq';
import { SpymasterError } from '../errors.ts';
import { type Lake, PlanFiles } from '../lake/index.ts';
import type { evaluateCells } from '../sweep/index.ts';
import { type FleetPlan, readPlan } from './fleet_plan.ts';
import {
  connectionOptions,
  datasetJob,
  type FleetJob,
  JobQueue,
  loadQueuePackages,
  parseJob,
  queueName,
  queueWorkerName,
  shareJob,
} from './job_queue.ts';
import { finishedShares } from './progress.ts';
import type { QueueConnection } from './queue_address.ts';
import { makeDataset } from './run_shard.ts';
import { isDatasetMade, type ShareReport, ShareRunner, workerName } from './share_runner.ts';
import { missingJobs } from './submit.ts';

/** Lost leases after which a job fails for good: workers are killed, and that is no fault of a job. */
const maxStalledCount = 20;
/** A job whose dataset is being made, or whose plan the lake does not have, is looked at again after this time. */
const putBackMs = 3000;
/** Times that a job without a plan is put back, and that a worker meets such jobs before it ends. */
const putBackTimes = 5;
const emptyPollMs = 1000;
/** How long `untilEmpty` waits for someone to submit again what a queue has lost. */
const lostWaitMs = 60_000;

export interface FleetWorkerOptions {
  readonly lake: Lake;
  readonly connection: QueueConnection;
  readonly codeVersion: string;
  /** Jobs at a time, each on a thread of its own. */
  readonly slots: number;
  readonly memoryBytes: number;
  /** End when nothing is to be done any more, by the queue and by the lake. */
  readonly untilEmpty: boolean;
  /** Time that a job belongs to a worker that is not heard of, in milliseconds. */
  readonly leaseMs?: number;
  readonly now: () => Date;
  readonly signal: AbortSignal;
  readonly onShare?: (report: ShareReport) => void;
  /** Told in a sentence what someone who watches should know. */
  readonly notice: (text: string) => void;
  readonly evaluate?: typeof evaluateCells;
}

export interface FleetWorkerReport {
  readonly shares: number;
  readonly ran: number;
  readonly failed: number;
  /** Datasets that this worker made. */
  readonly datasets: number;
  /** Jobs that failed for good, of plans that this worker met, when it ended. */
  readonly failedJobs: number;
}

/**
 * Takes jobs from the queue of its own version and does them, until `signal` aborts or, with `untilEmpty`, nothing is left. A job
 * says which range of which plan of the lake to run, and nothing else of it is believed. Throws PACKAGE_MISSING,
 * QUEUE_UNREACHABLE, QUEUE_REFUSED, and SWEEP_INVALID when the queue's plans are not in this lake.
 */
export async function runFleetWorker(options: FleetWorkerOptions): Promise<FleetWorkerReport> {
  await using queue = await JobQueue.open(options.connection, options.codeVersion);
  using runner = await ShareRunner.create({ ...options, threads: 1 });
  const { bullmq } = await loadQueuePackages();
  const session = new WorkerSession(options, queue, runner, bullmq);
  return await session.run();
}

type Bullmq = Awaited<ReturnType<typeof loadQueuePackages>>['bullmq'];

/** State of one worker while it lives. */
class WorkerSession {
  readonly #options: FleetWorkerOptions;
  readonly #queue: JobQueue;
  readonly #runner: ShareRunner;
  readonly #bullmq: Bullmq;
  readonly #plans = new Map<string, FleetPlan>();
  readonly #running = new Map<string, { readonly plan: string; readonly stop: AbortController }>();
  readonly #ended = new AbortController();
  #misses = 0;
  #lostSinceMs: number | null = null;
  readonly #total = { shares: 0, ran: 0, failed: 0, datasets: 0 };

  constructor(options: FleetWorkerOptions, queue: JobQueue, runner: ShareRunner, bullmq: Bullmq) {
    this.#options = options;
    this.#queue = queue;
    this.#runner = runner;
    this.#bullmq = bullmq;
  }

  async run(): Promise<FleetWorkerReport> {
    const { connection, codeVersion, slots, leaseMs = 30_000, signal, untilEmpty } = this.#options;
    const process_ = (job: Job, token: string | undefined, lost: AbortSignal | undefined) =>
      this.#process(job, token, lost);
    const worker = new this.#bullmq.Worker(queueName(codeVersion), process_, {
      connection: connectionOptions(connection),
      name: queueWorkerName(workerName(), codeVersion),
      concurrency: slots,
      ...{ lockDuration: leaseMs, stalledInterval: leaseMs, maxStalledCount, drainDelay: Math.min(5, leaseMs / 1000) },
    });
    this.#follow(worker);
    const end = () => this.#ended.abort();
    signal.addEventListener('abort', end);
    if (signal.aborted) end();
    try {
      await worker.waitUntilReady();
      while (!this.#ended.signal.aborted) {
        await pause(emptyPollMs, undefined, { signal: this.#ended.signal }).catch(() => {});
        if (untilEmpty && !this.#ended.signal.aborted && (await this.#isDone())) break;
      }
      this.#ended.abort();
    } finally {
      signal.removeEventListener('abort', end);
      await worker.close();
    }
    if (this.#misses >= putBackTimes) throw this.#foreignLake();
    return { ...this.#total, failedJobs: await this.#failedJobs() };
  }

  #follow(worker: Worker): void {
    const { notice } = this.#options;
    let isLost = false;
    worker.on('error', (error) => {
      if (!isLost && /ECONN|closed|ENOTFOUND|ETIMEDOUT/i.test(error.message)) {
        isLost = true;
        notice(`Lost the queue (${error.message}); work goes on, and the connection is tried again.`);
      }
    });
    const found = () => {
      if (isLost) notice('The queue is back.');
      isLost = false;
    };
    worker.on('active', found);
    worker.on('failed', (job, error) => notice(`Job ${job?.id} failed: ${error.message}`));
    worker.on('lockRenewalFailed', (ids: string[]) => {
      // Another worker may have the job by now; what both store is equal.
      for (const id of ids) this.#running.get(id)?.stop.abort();
    });
    worker.on('locksRenewed', ({ jobIds }: { jobIds: string[] }) => {
      found();
      for (const id of jobIds) void this.#lookForStop(id).catch(() => {});
    });
  }

  async #lookForStop(jobId: string): Promise<void> {
    const running = this.#running.get(jobId);
    if (running === undefined) return;
    if ((await new PlanFiles(this.#options.lake, running.plan).stopReason()) !== null) running.stop.abort();
  }

  async #process(job: Job, token: string | undefined, lost: AbortSignal | undefined): Promise<void> {
    const { UnrecoverableError, WaitingError } = this.#bullmq;
    const parsed = parseJob(job);
    if (parsed === null) throw new UnrecoverableError('its data does not hash to its id: it is no job of this program');
    const plan = await this.#plan(parsed.data.plan);
    if (plan === null) return await this.#putBackUnknown(job, token, parsed);
    this.#misses = 0;
    const files = new PlanFiles(this.#options.lake, plan.hash);
    // A plan that was cancelled: the job is taken away.
    if ((await files.stopReason()) !== null) return;
    const stop = new AbortController();
    const id = String(job.id);
    this.#running.set(id, { plan: plan.hash, stop });
    const signal = AbortSignal.any([stop.signal, this.#ended.signal, ...(lost === undefined ? [] : [lost])]);
    try {
      if (parsed.kind === 'dataset') await this.#makeDataset(job, plan, parsed.data.dataset, signal);
      else await this.#runShare(job, token, plan, parsed, signal);
    } catch (error) {
      if (this.#ended.signal.aborted && isAbort(error)) {
        await job.moveToWait(token);
        throw new WaitingError();
      }
      if (isAbort(error) && stop.signal.aborted && (await files.stopReason()) !== null) return;
      if (!(error instanceof SpymasterError)) throw error;
      if (error.code === 'CHECKSUM_MISMATCH' && error.fields.made !== undefined) await files.stop(error.message);
      throw isLasting(error) ? new UnrecoverableError(error.message) : error;
    } finally {
      this.#running.delete(id);
    }
  }

  async #runShare(
    job: Job,
    token: string | undefined,
    plan: FleetPlan,
    { data }: Extract<FleetJob, { kind: 'share' }>,
    signal: AbortSignal,
  ): Promise<void> {
    const { UnrecoverableError, DelayedError } = this.#bullmq;
    const share = plan.share(data.dataset, data);
    if (share === null) throw new UnrecoverableError(`the plan ${plan.hash} has no such share`);
    if (!(await isDatasetMade(this.#options.lake, plan, share.datasetId))) {
      const making = datasetJob(plan.hash, share.datasetId);
      const failed = (await this.#queue.failed()).find(({ id }) => id === making.id);
      if (failed !== undefined) throw new UnrecoverableError(`its dataset cannot be made: ${failed.reason}`);
      await this.#queue.add([making], job.opts.priority ?? 0);
      await job.moveToDelayed(this.#options.now().getTime() + putBackMs, token);
      throw new DelayedError();
    }
    const report = await this.#runner.run(plan, share, signal);
    this.#total.shares++;
    this.#total.ran += report.ran;
    this.#total.failed += report.failed;
    this.#options.onShare?.(report);
  }

  async #makeDataset(job: Job, plan: FleetPlan, datasetId: string, signal: AbortSignal): Promise<void> {
    const { UnrecoverableError } = this.#bullmq;
    const { lake, codeVersion, memoryBytes } = this.#options;
    const dataset = plan.dataset(datasetId);
    if (dataset === undefined) throw new UnrecoverableError(`the plan ${plan.hash} has no dataset ${datasetId}`);
    const wasThere = await isDatasetMade(lake, plan, datasetId);
    const reason = await makeDataset({ lake, plan, codeVersion, memoryBytes, signal }, dataset);
    if (reason !== null) throw new UnrecoverableError(reason);
    this.#total.datasets += wasThere ? 0 : 1;
    const { jobs } = await missingJobs(lake, plan, datasetId);
    await this.#queue.add(
      jobs.filter(({ name }) => name === 'share'),
      job.opts.priority ?? 0,
    );
  }

  async #plan(hash: string): Promise<FleetPlan | null> {
    const known = this.#plans.get(hash);
    if (known !== undefined) return known;
    const plan = await readPlan(this.#options.lake, hash);
    if (plan !== null) this.#plans.set(hash, plan);
    return plan;
  }

  /** A shared folder may show a plan a while after it was stored; another lake never does. */
  async #putBackUnknown(job: Job, token: string | undefined, { data }: FleetJob): Promise<void> {
    this.#misses++;
    const { DelayedError, UnrecoverableError } = this.#bullmq;
    if (this.#misses >= putBackTimes) this.#ended.abort();
    if (job.attemptsStarted > putBackTimes) {
      throw new UnrecoverableError(`none of ${putBackTimes} tries found the plan ${data.plan} in its lake`);
    }
    await job.moveToDelayed(this.#options.now().getTime() + putBackMs, token);
    throw new DelayedError();
  }

  #foreignLake(): SpymasterError {
    const { lake } = this.#options;
    return new SpymasterError(
      'SWEEP_INVALID',
      `Cannot do the jobs of the queue: their plans are not in the lake ${lake.root}; start the worker with the lake that ` +
        '`npx spymaster submit` used.',
      { path: lake.root },
    );
  }

  /** Whether nothing is left of the plans that this worker met. */
  async #isDone(): Promise<boolean> {
    const { waiting, active, delayed } = await this.#queue.counts();
    if (waiting + active + delayed > 0 || this.#running.size > 0) {
      this.#lostSinceMs = null;
      return false;
    }
    const lost = await this.#lostShares();
    if (lost === 0) return true;
    const { notice } = this.#options;
    if (this.#lostSinceMs === null) {
      notice(`The queue is empty, but the lake lacks ${lost} shares of it; submit the experiment again.`);
      this.#lostSinceMs = performance.now();
    }
    if (performance.now() - this.#lostSinceMs < lostWaitMs) return false;
    throw new SpymasterError(
      'SWEEP_FAILED',
      `The queue is empty, but the lake lacks ${lost} shares of what it held: it has lost them. Submit the experiment again; ` +
        'what is done stays done.',
    );
  }

  /** Shares that the lake lacks and that no failed job stands for. */
  async #lostShares(): Promise<number> {
    const failed = new Set((await this.#queue.failed()).map(({ id }) => id));
    let lost = 0;
    for (const plan of this.#plans.values()) {
      if ((await new PlanFiles(this.#options.lake, plan.hash).stopReason()) !== null) continue;
      const done = await finishedShares(this.#options.lake, plan.hash);
      for (const share of plan.shares()) {
        if (done.has(share.id) || failed.has(shareJob(plan.hash, share).id)) continue;
        if (!failed.has(datasetJob(plan.hash, share.datasetId).id)) lost++;
      }
    }
    return lost;
  }

  async #failedJobs(): Promise<number> {
    if (this.#options.signal.aborted) return 0;
    return (await this.#queue.failed()).filter(({ job }) => job !== null && this.#plans.has(job.data.plan)).length;
  }
}

/** Errors that another try cannot mend. */
function isLasting({ code }: SpymasterError): boolean {
  return !['LAKE_NOT_WRITABLE', 'FILE_UNREADABLE', 'SYSTEM_FAILED', 'STORAGE_UNREACHABLE'].includes(code);
}

function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError';
}
