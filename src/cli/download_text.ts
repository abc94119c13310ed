import type { DownloadPlan, DownloadResult, PlannedSession, SessionState } from '../databento/historical/index.ts';
import { formatBytes, plural } from '../format.ts';
import { formatTable } from './table.ts';

export function planJson({ sessions, costUsd, billableBytes, conditionsUnknown }: DownloadPlan): object {
  const row = ({
    date,
    request,
    state,
    path,
    costUsd: cost,
    billableBytes: bytes,
    condition,
    note,
  }: PlannedSession) => {
    return { date, symbol: request.symbol, state, path, cost_usd: cost, billable_bytes: bytes, condition, note };
  };
  return {
    cost_usd: costUsd,
    billable_bytes: billableBytes,
    sessions: sessions.map(row),
    conditions_unknown: conditionsUnknown,
  };
}

export function resultJson({ downloaded, failed }: DownloadResult): object {
  return {
    downloaded: downloaded.map(({ sizeBytes, jobId, ...rest }) => ({ ...rest, size_bytes: sizeBytes, job_id: jobId })),
    failed: failed.map(({ jobId, ...rest }) => ({ ...rest, job_id: jobId })),
  };
}

const labels: Readonly<Record<SessionState, string>> = {
  to_buy: 'to buy',
  paid: 'paid, to fetch',
  present: 'in the lake',
  no_data: 'no data',
  not_yet: 'not available yet',
  not_licensed: 'not licensed',
  unsettled: 'not clear',
};

export function planText({ sessions, costUsd, billableBytes, conditionsUnknown }: DownloadPlan): string {
  if (sessions.length === 0) return 'No session: these days are all weekends.';
  const table = formatTable(
    [
      { title: 'session' },
      { title: 'symbol' },
      { title: 'state' },
      { title: 'size', align: 'right' },
      { title: 'cost', align: 'right' },
      { title: 'note' },
    ],
    sessions.map((session) => [
      session.date,
      session.request.symbol,
      labels[session.state],
      session.billableBytes === 0 ? '' : formatBytes(session.billableBytes),
      session.state === 'to_buy' ? dollars(session.costUsd) : '',
      noteOf(session),
    ]),
  );
  const count = sessions.filter(({ state }) => state === 'to_buy').length;
  const total =
    count === 0
      ? 'Nothing to buy.'
      : `To buy: ${plural(count, 'session')}, ${formatBytes(billableBytes)} uncompressed, ${dollars(costUsd)}.`;
  const unknown = conditionsUnknown === null ? [] : [`The condition of these days is not known: ${conditionsUnknown}`];
  return [table, ...unknown, total].join('\n');
}

/** The note of a session, and what Databento says of its day unless that is as it should be. */
function noteOf({ condition, note }: PlannedSession): string {
  const isUsual = condition === null || condition === 'available' || note.includes(condition);
  return [...(isUsual ? [] : [`data ${condition}`]), ...(note === '' ? [] : [note])].join('; ');
}

/** What came, and what did not and why. */
export function resultText({ downloaded, failed }: DownloadResult): string {
  const placed = downloaded.filter(({ state }) => state === 'placed');
  const bytes = placed.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  const lines: string[] = [];
  if (placed.length > 0) {
    lines.push(`Downloaded and verified ${plural(placed.length, 'session')}, ${formatBytes(bytes)}:`);
    lines.push(...placed.map(({ path }) => `  ${path}`));
  }
  if (failed.length > 0) {
    lines.push(`${plural(failed.length, 'session')} failed:`);
    lines.push(...failed.map(({ date, symbol, message }) => `  ${date} ${symbol}: ${message}`));
  }
  return lines.length === 0 ? 'No session had data.' : lines.join('\n');
}

export function dollars(amount: number): string {
  return `$${amount.toFixed(amount < 0.1 ? 4 : 2)}`;
}
