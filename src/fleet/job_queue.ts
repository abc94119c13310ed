import type { Job, Queue } from 'bullmq';
import { z } from 'zod';
import { contentHash } from '../config/index.ts';
import { SpymasterError } from '../errors.ts';
import type { QueueConnection } from './queue_address.ts';
import { type Share, shareId } from './shares.ts';

/** Oldest Redis that the queue's scripts run on. */
const oldestRedis = [6, 2] as const;
const connectTimeoutMs = 5000;

const hash = z.string().regex(/^[0-9a-f]{32}$/);
const dataset = z.string().min(1).max(300);
const position = z.int().min(0);
const shareData = z.strictObject({ plan: hash, dataset, from: position, to: position });
const datasetData = z.strictObject({ plan: hash, dataset });

/** A range of a dataset's trials to run. */
export type ShareJob = z.output<typeof shareData>;
/** A dataset to make. */
export type DatasetJob = z.output<typeof datasetData>;
export type FleetJob =
  | { readonly kind: 'share'; readonly data: ShareJob }
  | { readonly kind: 'dataset'; readonly data: DatasetJob };

/** Id of the job that makes a dataset. */
export function datasetJobId({ plan, dataset: name }: DatasetJob): string {
  return `d-${contentHash({ plan, dataset: name }, 32)}`;
}

/** A job as it was queued; null for one whose data is no job of ours or does not hash to its id. */
export function parseJob(job: Pick<Job, 'id' | 'name' | 'data'>): FleetJob | null {
  const share = shareData.safeParse(job.data);
  if (job.name === 'share' && share.success) {
    const isOwn = job.id === shareId(share.data.plan, share.data.dataset, share.data);
    return isOwn ? { kind: 'share', data: share.data } : null;
  }
  const made = datasetData.safeParse(job.data);
  if (job.name !== 'dataset' || !made.success || job.id !== datasetJobId(made.data)) return null;
  return { kind: 'dataset', data: made.data };
}

/** A job to add. */
export interface NewJob {
  readonly name: 'share' | 'dataset';
  readonly id: string;
  readonly data: ShareJob | DatasetJob;
}

export const shareJob = (plan: string, { id, datasetId, from, to }: Share): NewJob => {
  return { name: 'share', id, data: { plan, dataset: datasetId, from, to } };
};

export const datasetJob = (plan: string, datasetId: string): NewJob => {
  const data = { plan, dataset: datasetId };
  return { name: 'dataset', id: datasetJobId(data), data };
};

/** How often a job that throws is tried, and how long it waits before the next time. */
const attempts = { attempts: 5, backoff: { type: 'exponential', delay: 2000 } } as const;
const addTogether = 500;

/** Name of the queue: of one version of the program, so that no other one's worker takes its jobs. */
export function queueName(codeVersion: string): string {
  return `spymaster-${codeVersion.replaceAll(/[^A-Za-z0-9.]+/g, '.')}`;
}

interface QueuePackages {
  readonly bullmq: typeof import('bullmq');
  readonly ioredis: Pick<typeof import('ioredis'), 'Redis'>;
}

/** BullMQ and its client. Throws PACKAGE_MISSING with what to install. */
export async function loadQueuePackages(): Promise<QueuePackages> {
  try {
    return { bullmq: await import('bullmq'), ioredis: await import('ioredis') };
  } catch (cause) {
    throw new SpymasterError(
      'PACKAGE_MISSING',
      'Cannot use a queue: its client is not installed; run npm install bullmq@6.7.0 ioredis@6.0.0 where Spymaster is installed.',
      {},
      cause,
    );
  }
}

/** Options of a connection for BullMQ: it tries again for ever once it was made. */
export function connectionOptions({ address: _, ...connection }: QueueConnection) {
  return {
    ...connection,
    maxRetriesPerRequest: null,
    connectTimeout: connectTimeoutMs,
    retryStrategy: (times: number) => Math.min(2000, 50 * 2 ** Math.min(times, 10)),
  };
}

/** Makes sure that there is a Redis that takes us. Throws QUEUE_UNREACHABLE, QUEUE_REFUSED. */
export async function checkRedis(connection: QueueConnection): Promise<void> {
  const { ioredis } = await loadQueuePackages();
  const { address, ...options } = connection;
  const client = new ioredis.Redis({
    ...{ ...options, lazyConnect: true, connectTimeout: connectTimeoutMs, maxRetriesPerRequest: 0 },
    retryStrategy: () => null,
  });
  let failure: NodeJS.ErrnoException | null = null;
  client.on('error', (error: Error) => {
    failure = error;
  });
  try {
    await client.connect();
    const info = await client.info('server');
    const version = /^redis_version:(\d+)\.(\d+)/m.exec(info)?.slice(1).map(Number) ?? [0, 0];
    const [major = 0, minor = 0] = version;
    if (major < oldestRedis[0] || (major === oldestRedis[0] && minor < oldestRedis[1])) {
      throw new SpymasterError(
        'QUEUE_REFUSED',
        `Cannot use the Redis at ${address}: expected version ${oldestRedis.join('.')} or newer, got ${major}.${minor}.`,
        { address },
      );
    }
  } catch (cause) {
    throw cause instanceof SpymasterError ? cause : connectError(address, failure ?? cause);
  } finally {
    client.disconnect();
  }
}

/** Why there is no connection, in a sentence. */
function connectError(address: string, cause: unknown): SpymasterError {
  const { message = String(cause), code = '' } = cause as NodeJS.ErrnoException;
  if (/NOAUTH|WRONGPASS|AUTH|NOPERM/i.test(message)) {
    return new SpymasterError(
      'QUEUE_REFUSED',
      `Cannot use the Redis at ${address}: it refuses the password; set SPYMASTER_REDIS_PASSWORD, and SPYMASTER_REDIS_USERNAME ` +
        'where it has users.',
      { address },
      cause,
    );
  }
  if (/CERT|LEAF_SIGNATURE/.test(code)) {
    return new SpymasterError(
      'QUEUE_REFUSED',
      `Cannot use the Redis at ${address}: its certificate is not trusted (${message.split('\n')[0]}); name the file of its authority in ` +
        'NODE_EXTRA_CA_CERTS, and the host as the certificate does.',
      { address },
      cause,
    );
  }
  return new SpymasterError(
    'QUEUE_UNREACHABLE',
    `Cannot reach the Redis at ${address}: ${message.split('\n')[0]}. Start one (redis-server), or name another; rediss:// is for a port ` +
      'with TLS, redis:// for one without.',
    { address },
    cause,
  );
}

/** What stands before a worker's own name in that of its connection. */
const clientMark = ':w:';

/** The name by which a worker is known to the queue: Redis takes none with a space. */
export function queueWorkerName(worker: string, codeVersion: string): string {
  return [worker, codeVersion, `${process.platform}-${process.arch}`].join('/').replaceAll(/[^!-~]|:/g, '-');
}

/** Jobs of a queue in each state. */
export interface QueueCounts {
  readonly waiting: number;
  readonly active: number;
  readonly delayed: number;
  readonly failed: number;
}

/** The queue of one version of the program: says who does what next. Losing it loses no result. */
export class JobQueue implements AsyncDisposable {
  readonly #queue: Queue;

  private constructor(queue: Queue) {
    this.#queue = queue;
  }

  /** Throws PACKAGE_MISSING, QUEUE_UNREACHABLE and QUEUE_REFUSED. */
  static async open(connection: QueueConnection, codeVersion: string): Promise<JobQueue> {
    await checkRedis(connection);
    const { bullmq } = await loadQueuePackages();
    const queue = new bullmq.Queue(queueName(codeVersion), { connection: connectionOptions(connection) });
    // A lost connection is made again; what matters fails by itself.
    queue.on('error', () => {});
    await queue.waitUntilReady();
    return new JobQueue(queue);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#queue.close();
  }

  /** Adds jobs that are not there; those that failed before are tried anew. Gives how many were added or tried anew. */
  async add(jobs: readonly NewJob[], priority: number): Promise<number> {
    const before = await this.#ids();
    const failed = new Set((await this.failed()).map(({ id }) => id));
    let added = 0;
    for (let at = 0; at < jobs.length; at += addTogether) {
      const some = jobs.slice(at, at + addTogether).filter(({ id }) => !before.has(id) || failed.has(id));
      // A job whose id stands among the failed ones would be ignored.
      for (const { id } of some) if (failed.has(id)) await this.#queue.remove(id);
      await this.#queue.addBulk(
        some.map(({ name, id, data }) => ({
          ...{ name, data },
          opts: { jobId: id, ...attempts, removeOnComplete: true, ...(priority === 0 ? {} : { priority }) },
        })),
      );
      added += some.length;
    }
    return added;
  }

  /** Ids of the jobs that wait or run. */
  async #ids(): Promise<Set<string>> {
    const backend = await this.#queue.getJobs(['waiting', 'active', 'delayed', 'prioritized', 'failed']);
    return new Set(backend.flatMap((job) => (job?.id === undefined ? [] : [job.id])));
  }

  /** Jobs that failed for good, with their reasons. */
  async failed(): Promise<{ readonly id: string; readonly job: FleetJob | null; readonly reason: string }[]> {
    const jobs = await this.#queue.getJobs(['failed']);
    return jobs.flatMap((job) => {
      return job?.id === undefined ? [] : [{ id: job.id, job: parseJob(job), reason: job.failedReason }];
    });
  }

  async counts(): Promise<QueueCounts> {
    const {
      waiting = 0,
      prioritized = 0,
      active = 0,
      delayed = 0,
      failed = 0,
    } = await this.#queue.getJobCounts('waiting', 'prioritized', 'active', 'delayed', 'failed');
    return { waiting: waiting + prioritized, active, delayed, failed };
  }

  /** The workers that are connected, each with its version and platform. */
  async workers(): Promise<string[]> {
    const clients = await this.#queue.getWorkers();
    const names = clients.map(({ rawname = '' }) => rawname.split(clientMark)[1] ?? '');
    return [...new Set(names)]
      .filter((name) => name !== '')
      .map((name) => name.replaceAll('/', ' '))
      .sort();
  }

  /** Takes the jobs of a plan away that do not run; gives how many. */
  async removePlan(plan: string): Promise<number> {
    const jobs = await this.#queue.getJobs(['waiting', 'delayed', 'prioritized', 'failed']);
    let removed = 0;
    for (const job of jobs) {
      const parsed = job === undefined ? null : parseJob(job);
      if (parsed?.data.plan !== plan || job?.id === undefined) continue;
      removed += await this.#queue.remove(job.id);
    }
    return removed;
  }
}
