import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { SpymasterError } from '../../errors.ts';
import type { Lake } from '../../lake/index.ts';
import { type DatabentoApi, detailsIn, isJobOf, type JobState } from './api.ts';
import type { JobLedger, Order } from './ledger.ts';

/** Days that the vendor keeps a job's files. */
export const keptDays = 30;

/** Where the bytes of a job's file gather until they are whole. */
export function partPath(lake: Lake, jobId: string): string {
  const name = createHash('sha256').update(jobId).digest('hex').slice(0, 16);
  return lake.path('raw', 'source=databento', 'partial', `${name}.part`);
}

/** Bytes of a job's file that have come so far. */
export async function partBytes(lake: Lake, jobId: string): Promise<number> {
  return (await stat(partPath(lake, jobId)).catch(() => null))?.size ?? 0;
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
  const { settleMs, pollMs, maxPollMs } = api.http.timing;
  const ordered = Temporal.Instant.from(intent.orderedAtUtc);
  const taken = new Set(ledger.orders().map(({ jobId }) => jobId));
  for (let waitMs = pollMs; ; waitMs = Math.min(maxPollMs, waitMs * 1.5)) {
    // The clock is read before the list: only a list that was asked for after the wait proves anything.
    const askedMs = api.http.serverNow().epochMilliseconds;
    for (const row of await api.listJobs(ordered.subtract({ minutes: 10 }))) {
      if (taken.has(row.id)) continue;
      const details = detailsIn(row) ?? (await api.jobDetails(row.id));
      if (isJobOf(details, intent.request)) return row;
      taken.add(row.id);
    }
    const leftMs = settleMs - (askedMs - ordered.epochMilliseconds);
    if (leftMs <= 0) return null;
    // An order by a clock that was ahead must not make this wait longer than a job takes to be listed.
    await api.http.pause(Math.max(pollMs, Math.min(waitMs, leftMs, settleMs)));
  }
}

/**
 * The state of each order's job, from the lists, or one by one for those that these lack; `not found` for a job that the
 * server does not know.
 */
export async function statesOf(api: DatabentoApi, orders: readonly Order[]): Promise<Map<string, string>> {
  const first = orders.map(({ orderedAtUtc }) => Temporal.Instant.from(orderedAtUtc)).sort(Temporal.Instant.compare)[0];
  const states = new Map<string, string>();
  if (first === undefined) return states;
  for (const { id, state } of await api.listJobs(first.subtract({ minutes: 10 }))) states.set(id, state);
  for (const { jobId } of orders) {
    if (jobId !== null && !states.has(jobId)) states.set(jobId, await stateOf(api, jobId));
  }
  return states;
}

async function stateOf(api: DatabentoApi, jobId: string): Promise<string> {
  try {
    return (await api.jobState(jobId)).state;
  } catch (error) {
    if (error instanceof SpymasterError && error.fields.status === 404) return 'not found';
    throw error;
  }
}
