import { plural } from '../../format.ts';
import { clockTime, type Html, html, table, thinCount } from '../../report/index.ts';
import type { ExperimentDocument } from '../experiment_document.ts';
import type { ReportDocument } from './session_feeds.ts';
import { ticks } from './trials_section.ts';

/** Which days the experiment was asked of, and which not. */
export function planSection(document: ReportDocument): Html {
  const { sessions, rolls, left_out: leftOut, holdout } = document;
  const rolled = new Map(rolls.map((roll) => [roll.date, roll]));
  const numbers = (...titles: string[]) => titles.map((title) => ({ title, isNumber: true }));
  const rows = sessions.map((session) => {
    const roll = rolled.get(session.date);
    return {
      cells: [
        session.date,
        session.symbol,
        roll === undefined ? '' : `from ${roll.from}`,
        `${hourText(session.start_utc)} to ${hourText(session.end_utc)}`,
        session.best_signals === null ? '–' : thinCount(session.best_signals),
        ticks(session.best_net_ticks),
        session.dataset_id,
      ],
    };
  });
  return html`<section aria-labelledby="plan"><h2 id="plan">Sessions</h2>
<p class="lead">${thinCount(sessions.length)} sessions, ${rolls.length === 0 ? 'no roll' : `rolls on ${rolls.map(({ date }) => date).join(', ')}`}, ${leftOut.length === 0 ? 'no day left out' : `${thinCount(leftOut.length)} left out`}. Trades and ticks are those of the best trial.${holdoutText(holdout)}</p>
<div class="cards wide">${table('Contracts and windows', [{ title: 'date' }, { title: 'contract' }, { title: 'roll' }, { title: 'New York time' }, ...numbers('trades', 'net, ticks'), { title: 'dataset' }], rows)}
${
  leftOut.length === 0
    ? null
    : table(
        'Days left out',
        [{ title: 'date' }, { title: 'reason' }],
        leftOut.map(({ date, reason }) => ({ cells: [date, reason] })),
      )
}
${feedTable(document)}</div></section>`;
}

/** What the sessions' feeds had wrong with them; those without anomalies are not listed. */
function feedTable({ sessions }: ReportDocument): Html {
  const rows = sessions.flatMap(({ date, anomalies }) => {
    if (anomalies?.length === 0) return [];
    return [{ cells: [date, anomalies === null ? 'the lake no longer has its dataset' : anomalies.join('; ')] }];
  });
  if (rows.length === 0) return html`<p>No session’s feed has an anomaly.</p>`;
  return html`<div class="feeds">${table('Anomalies of the feeds', [{ title: 'date' }, { title: 'anomalies' }], rows)}
<p class="lead">${thinCount(sessions.length - rows.length)} of ${thinCount(sessions.length)} sessions have none.</p></div>`;
}

function holdoutText(holdout: ExperimentDocument['holdout']): string {
  if (holdout === null) return '';
  const { dates, openings } = holdout;
  const opened = openings === 0 ? 'never opened' : `opened ${plural(openings, 'time')}`;
  return ` Holdout: ${plural(dates.length, 'session')}, ${dates[0] ?? '–'} to ${dates.at(-1) ?? '–'}, ${opened}.`;
}

function hourText(utc: string): string {
  return clockTime(Temporal.Instant.from(utc).epochNanoseconds, 0).slice(0, 5);
}
