import { notNull, SpymasterError } from '../../errors.ts';
import type { Lake } from '../../lake/index.ts';
import type { DatabentoApi } from './api.ts';
import { PassingFailure } from './api_error.ts';
import { fetchStream, isDamage } from './fetch_file.ts';
import { keepCondition } from './job_condition.ts';
import { findJob } from './jobs.ts';
import type { JobLedger } from './ledger.ts';
import type { PlannedSession } from './plan.ts';

interface OrderContext {
  readonly api: DatabentoApi;
  readonly ledger: JobLedger;
  readonly notice: (text: string) => void;
}

/** Orders one session: the intent first, then the job, whose id ends the intent. */
export async function orderJob({ api, ledger, notice }: OrderContext, session: PlannedSession): Promise<void> {
  const nowUtc = () => api.http.serverNow().toString();
  for (let attempt = 1; ; attempt++) {
    const key = ledger.begin(orderOf(session, 'intent', nowUtc()));
    try {
      const job = await api.submitJob(session.request);
      ledger.submitted(key, job.id, nowUtc());
      return;
    } catch (error) {
      if (error instanceof SpymasterError && (error.code === 'API_REFUSED' || isUnsent(error))) {
        ledger.withdraw(key, nowUtc());
      }
      if (!(error instanceof PassingFailure)) throw error;
      notice(`${error.message}: looking whether the job for ${session.date} was taken, before ordering it again.`);
      const found = await findJob(api, ledger, notNull(ledger.order(key)));
      if (found !== null) {
        ledger.submitted(key, found.id, nowUtc());
        return;
      }
      if (attempt >= api.http.timing.attempts) {
        ledger.withdraw(key, nowUtc());
        throw new SpymasterError(
          'API_UNREACHABLE',
          `Cannot order ${session.request.symbol} for ${session.date}: ${error.message}, ${attempt} times, and no job came ` +
            'of it. Run the command again later.',
          {},
          error,
        );
      }
    }
  }
}

/** Streams one session into its place; gives its size in bytes. */
export async function streamSession(
  {
    api,
    ledger,
    notice,
    lake,
    onBytes,
  }: OrderContext & { readonly lake: Lake; readonly onBytes: (bytes: number) => void },
  session: PlannedSession,
): Promise<number> {
  const nowUtc = () => api.http.serverNow().toString();
  const key = ledger.begin(orderOf(session, 'streaming', nowUtc()));
  const path = lake.path(...session.path.split('/'));
  let written: { sizeBytes: number; sha256: string };
  try {
    await keepCondition(lake, session);
    written = await fetchStream(api.http, api.rangeRequest(session.request), path, onBytes);
  } catch (error) {
    if (error instanceof SpymasterError && error.code === 'API_REFUSED') ledger.withdraw(key, nowUtc());
    if (error instanceof PassingFailure) throw cutStream(session, 'API_UNREACHABLE', error.message, error);
    if (isDamage(error)) throw cutStream(session, (error as SpymasterError).code, (error as Error).message, error);
    throw error;
  }
  ledger.placed(key, written.sizeBytes, written.sha256, nowUtc());
  notice(`${session.date} ${session.request.symbol}: streamed to ${session.path}.`);
  return written.sizeBytes;
}

function cutStream(
  { date, request }: PlannedSession,
  code: SpymasterError['code'],
  why: string,
  cause: unknown,
): SpymasterError {
  return new SpymasterError(
    code,
    `The stream of ${request.symbol} for ${date} did not come whole: ${why.replace(/\.$/, '')}. What was sent is billed and ` +
      'cannot be resumed: fetching it again is billed again. Run the command again to do so, or without --stream for a ' +
      'batch job, which resumes.',
    { date },
    cause,
  );
}

function orderOf(session: PlannedSession, state: 'intent' | 'streaming', nowUtc: string) {
  const { productType, date, request, path, costUsd, billableBytes } = session;
  return { productType, date, request, path, state, costUsd, billableBytes, orderedAtUtc: nowUtc };
}

/** Whether the retries ended with the server surely having taken nothing. */
function isUnsent(error: SpymasterError): boolean {
  return error.cause instanceof PassingFailure && !error.cause.mayHaveArrived;
}
