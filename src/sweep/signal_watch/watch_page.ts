import { html, renderPage } from '../../report/index.ts';
import { watchClient } from './watch_client.ts';
import type { WatchedRun, WatchedSession } from './watched_signal.ts';

/** What the page of a watched signal is told: the newest run that worked, and what is wrong with the file since. */
export interface WatchState {
  /** Saves seen, the first reading of the file included. */
  readonly save: number;
  readonly run: WatchedRun | null;
  /** When `run` was made, ISO 8601 in UTC. */
  readonly ranAtUtc: string | null;
  readonly error: string | null;
}

/** The page of a watched signal; it asks `./state` for what it shows, and follows `./events`. */
export function renderWatchPage(name: string, session: WatchedSession): Promise<string> {
  const { datasetId, date, symbol } = session;
  return renderPage({
    title: `${name} – watched`,
    body: html`<header><h1>${name}</h1>
<p class="lead">on ${symbol} of ${date}, dataset ${datasetId}; runs again at each save</p>
<p id="state" role="status">Waiting for the first run …</p>
<pre id="error" role="alert" hidden></pre></header>
<figure aria-label="Mid price and firings"><h3>Mid price, with firings</h3><div id="price"></div></figure>
<figure aria-label="Score"><h3>Score, with its threshold</h3><div id="score"></div>
<div id="own"></div>
<figcaption>Drag over a time to look closer, double-click to see all. Firings as a sweep counts them, without warm-up or cooldown.</figcaption></figure>`,
    data: {},
    script: watchClient,
    asksServer: true,
    extraStyle:
      '#error{background:var(--shade);border:1px solid var(--bad);border-radius:8px;padding:12px 16px;white-space:pre-wrap}',
  });
}

/** What the page draws, as JSON: a number a bin is short, scores to six digits. */
export function watchStateJson(session: WatchedSession, { save, run, ranAtUtc, error }: WatchState): string {
  const short = (value: number) => (Number.isNaN(value) ? null : Number(value.toPrecision(6)));
  const { startOfDayMs, cellWidthMs, mids } = session;
  return JSON.stringify({
    ...{ save, error, ran_at_utc: ranAtUtc, start_ms: startOfDayMs, cell_ms: cellWidthMs },
    run:
      run === null
        ? null
        : {
            ...{ source_hash: run.hash, about: run.about, threshold: run.threshold, warm_up_bins: run.warmUpBins },
            took_ms: Math.round(run.tookMs),
            mids,
            scores: Array.from(run.scores, short),
            thresholds: Array.from(run.thresholds, short),
            firings: run.firings,
            series: run.series.map(({ name, values }) => ({ name, values: Array.from(values, short) })),
          },
  });
}
