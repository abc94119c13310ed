import type { DownloadPlan } from '../databento/historical/index.ts';
import { formatBytes, formatCount, joinWords, plural } from '../format.ts';
import type { ContractSource, PlannedSession, SessionPlan, SizeEstimate } from '../sessions/index.ts';
import { dollars } from './download_text.ts';
import { formatTable } from './table.ts';

/** What missing files cost: a download's plan where something is missing and the vendor was asked, or why it was not. */
export interface MissingCost {
  readonly download: DownloadPlan | null;
  readonly unknown: string | null;
}

const sources: Readonly<Record<ContractSource, string>> = {
  fixed: '',
  volume: 'by volume',
  vendor: 'by volume, from Databento',
  single: 'alone on file the session before',
  fallback: "the pipeline's",
  dataset: '',
};

/** The sessions as rows of JSON. */
export function sessionsJson({ experiment, sessions }: SessionPlan): object {
  return { experiment, n_sessions: sessions.length, sessions: sessions.map(sessionJson) };
}

function sessionJson(session: PlannedSession): object {
  const { date, symbol, contractSource, window, earlyClose, datasetId, isMade, rawFile, bins, isHoldout } = session;
  return {
    ...{ date, symbol, contract_source: contractSource, ...window, early_close: earlyClose, bins },
    ...{ dataset_id: datasetId, dataset_made: isMade, raw_file: rawFile, holdout: isHoldout },
  };
}

/** The whole plan as JSON. */
export function sessionsPlanJson(plan: SessionPlan, sizes: SizeEstimate, { download, unknown }: MissingCost): object {
  const { skipped, missing, missingRule, rolls, holdout, final, notes, calendar, contract } = plan;
  return {
    ...sessionsJson(plan),
    ...{ calendar, contract, skipped },
    missing: missing.map(({ date, symbol, fileDate, reason }) => ({ date, symbol, file_date: fileDate, reason })),
    ...{ missing_rule: missingRule, rolls, holdout, final, notes },
    datasets_to_make: sizes,
    download_cost_usd: download?.costUsd ?? null,
    download_bytes: download?.billableBytes ?? null,
    download_unknown: unknown,
  };
}

/** The sessions as a table, a line each. */
export function sessionsText({ sessions, experiment, missing, skipped }: SessionPlan): string {
  if (sessions.length === 0) return `${experiment} has no session; \`sessions plan\` shows why.`;
  const table = formatTable(
    [
      { title: 'session' },
      { title: 'contract' },
      { title: 'window' },
      { title: 'bins', align: 'right' },
      { title: 'raw file' },
      { title: 'dataset' },
      { title: 'note' },
    ],
    sessions.map((session) => [
      session.date,
      session.symbol,
      `${session.window.start_time}-${session.window.end_time}`,
      formatCount(session.bins),
      session.rawFile === null ? 'none' : session.rawFile.slice(session.rawFile.lastIndexOf('/') + 1),
      session.isMade ? 'made' : 'to be made',
      noteOf(session),
    ]),
  );
  const locked = sessions.filter(({ isHoldout }) => isHoldout).length;
  const end = locked === 0 ? '' : `, ${formatCount(locked)} of them locked as holdout`;
  const others = [
    ...(skipped.length === 0 ? [] : [`${plural(skipped.length, 'day')} left out`]),
    ...(missing.length === 0 ? [] : [`${formatCount(missing.length)} missing`]),
  ];
  const rest = others.length === 0 ? '' : `; ${others.join(', ')}`;
  return `${table}\n${plural(sessions.length, 'session')}${end}${rest}.`;
}

function noteOf({ earlyClose, contractSource, isHoldout }: PlannedSession): string {
  return [...(earlyClose === null ? [] : [earlyClose]), sources[contractSource], ...(isHoldout ? ['holdout'] : [])]
    .filter((part) => part !== '')
    .join('; ');
}

/** The whole plan as text. */
export function sessionsPlanText(plan: SessionPlan, sizes: SizeEstimate, cost: MissingCost): string {
  const { skipped, missing, missingRule, rolls, holdout, final, notes } = plan;
  const list = (title: string, lines: readonly string[]) =>
    lines.length === 0 ? [] : [`${title}:`, ...lines.map((line) => `  ${line}`)];
  return [
    sessionsText(plan),
    ...list(
      'Left out',
      skipped.map(({ date, reason }) => `${date}  ${reason}`),
    ),
    ...list(
      'Rolls',
      rolls.map(({ date, from, to }) => `${date}  ${from} to ${to}`),
    ),
    ...list(
      missingRule === 'fail' ? 'Missing (the experiment cannot run without)' : 'Missing (left out)',
      missing.map(({ date, reason }) => `${date}  ${reason}`),
    ),
    ...list('Holdout, locked', holdout.length === 0 ? [] : [joinWords(holdout)]),
    ...(final === null ? [] : [`Verdicts are interim before ${final}.`]),
    ...notes,
    sizesText(sizes),
    ...costText(plan, cost),
  ].join('\n');
}

function sizesText({ datasets, bytes, basis }: SizeEstimate): string {
  if (datasets === 0) return 'No dataset is to be made.';
  const size =
    basis === 'similar' ? `about ${formatBytes(bytes)}, as similar ones take` : `at most ${formatBytes(bytes)}`;
  return `To be made: ${plural(datasets, 'dataset')}, ${size}.`;
}

function costText({ missing }: SessionPlan, { download, unknown }: MissingCost): string[] {
  if (missing.length === 0 && unknown === null) return [];
  if (unknown !== null) {
    const why = unknown.replace(/\.$/, '');
    return missing.length === 0
      ? [`Databento was not asked which contracts were most traded: ${why}.`]
      : [`What the missing files would cost is not known: ${why}.`];
  }
  if (download === null) return [];
  const { sessions, costUsd, billableBytes } = download;
  const count = sessions.filter(({ state }) => state === 'to_buy').length;
  const paid = sessions.filter(({ state }) => state === 'paid').length;
  const others = sessions.filter(({ state }) => state !== 'to_buy' && state !== 'paid');
  return [
    `To download: ${plural(count, 'session')}, ${formatBytes(billableBytes)} uncompressed, ${dollars(costUsd)} at Databento` +
      `${paid === 0 ? '' : `, and ${plural(paid, 'paid session')} to fetch`}.`,
    ...others.map(
      ({ date, request, note, state }) =>
        `  ${date} ${request.symbol}: ${state.replaceAll('_', ' ')}${note === '' ? '' : `, ${note}`}`,
    ),
  ];
}
