import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { CDPSession, Page } from 'playwright-core';
import { randomSource } from '../src/statistics/index.ts';
import { type TableResponse, tableFields } from '../src/wire/index.ts';
import { buildPage, drawn, launchBrowser, missingChromium } from '../test/web/browser.ts';
import { mainThread, measured, scriptKb } from './support/browser_measures.ts';
import { type Bench, type BenchResult, hashOf } from './support/harness.ts';

const seed = 11;
const address = 'http://experiments.bench';

const result = (name: string, unit: string, values: readonly number[], hash: string) =>
  measured(`experiments, ${name}`, unit, values, hash, seed);

/**
 * The results browser over a table of 10,000 runs in a real browser: bytes to open it, time until runs are seen, what a
 * scrolled frame, a sort and a search cost its main thread (CPU time), and memory.
 */
export const bench: Bench = async ({ tiny }) => {
  const pages = await buildPage('experiments');
  try {
    const { kb, hash } = scriptKb(pages.webRoot, 'experiments');
    const results = [result('JavaScript sent, gzip', 'kB', [kb], hash)];
    if (missingChromium === false) results.push(...(await measurePage(pages.webRoot, tiny)));
    return results;
  } finally {
    pages.remove();
  }
};

async function measurePage(webRoot: string, tiny: boolean): Promise<BenchResult[]> {
  const count = tiny ? 200 : 10_000;
  const body = JSON.stringify(madeUpTable(count));
  const hash = hashOf(body);
  const browser = await launchBrowser();
  try {
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    await page.addInitScript(noteFirstRows);
    await page.route(`${address}/**`, (route) =>
      route.fulfill({ path: join(webRoot, new URL(route.request().url()).pathname) }),
    );
    await page.route(`${address}/v1/experiments/table?*`, (route) =>
      route.fulfill({ body, contentType: 'application/json' }),
    );
    await page.route(`${address}/v1/experiments/events`, (route) => route.fulfill({ status: 204 }));
    await page.route(`${address}/v1/changes`, (route) => route.fulfill({ json: { changes: 'off' } }));
    await page.route(`${address}/v1/sweeps`, (route) =>
      route.fulfill({ json: { starting: [], running: [], ended: [] } }),
    );
    const seen: number[] = [];
    for (let run = 0; run < (tiny ? 1 : 5); run++) {
      await page.goto(`${address}/experiments.html`);
      await page.waitForSelector('.grid-row');
      seen.push(await page.evaluate(firstRowsMs));
    }
    const session = await page.context().newCDPSession(page);
    await session.send('Performance.enable', { timeDomain: 'threadTicks' });
    const { script, frame } = await scrolled(page, session, tiny ? 1 : 7, tiny ? 5 : 120);
    const sort = await costs(page, session, tiny ? 1 : 6, (_, run) =>
      page
        .locator('.grid-head button', { hasText: run % 2 === 0 ? 'Signals/h' : 'Net PnL, ticks' })
        .first()
        .click(),
    );
    const search = await costs(page, session, tiny ? 1 : 6, (_, run) =>
      page.getByLabel('Search runs').fill(run % 2 === 0 ? 'tp_rate>0.5 momentum' : 'd2_weight<=0.5'),
    );
    await page.getByLabel('Search runs').fill('');
    await session.send('HeapProfiler.collectGarbage');
    const megabytes = (await mainThread(session, 'JSHeapUsedSize')) / 1e6;
    return [
      result(`${count} runs sent, gzip`, 'kB', [gzipSync(body, { level: 2 }).length / 1000], hash),
      result('first runs seen', 'ms', seen, hash),
      result('script while scrolling', 'ms/frame', script, hash),
      result('scrolled frame, 95 %', 'ms', frame, hash),
      result('sorted, main thread', 'ms', sort, hash),
      result('searched, main thread', 'ms', search, hash),
      result('memory', 'MB', [megabytes], hash),
    ];
  } finally {
    await browser.close();
  }
}

/** CPU time of scripts per frame, and the time that 19 of 20 frames keep within, in runs of scrolling through the table. */
async function scrolled(page: Page, session: CDPSession, runs: number, frames: number) {
  const [script, frame]: [number[], number[]] = [[], []];
  for (let run = 0; run < runs; run++) {
    const before = await mainThread(session, 'ScriptDuration');
    const times = await page.evaluate(scroll, frames);
    script.push(((await mainThread(session, 'ScriptDuration')) - before) / frames);
    frame.push(times.toSorted((a, b) => a - b)[Math.floor(0.95 * times.length)]!);
  }
  return { script, frame };
}

/** CPU time of the main thread, everything included, from an action to what it shows. */
async function costs(
  page: Page,
  session: CDPSession,
  runs: number,
  act: (page: Page, run: number) => Promise<void>,
): Promise<number[]> {
  const values: number[] = [];
  for (let run = 0; run < runs; run++) {
    const before = await mainThread(session, 'TaskDuration');
    await act(page, run);
    await drawn(page);
    values.push((await mainThread(session, 'TaskDuration')) - before);
  }
  return values;
}

interface Noted {
  firstRows: Promise<number>;
}

function noteFirstRows(): void {
  (globalThis as unknown as Noted).firstRows = new Promise((done) => {
    const look = () => {
      if (document.querySelector('.grid-row') === null) requestAnimationFrame(look);
      else requestAnimationFrame(() => done(performance.now()));
    };
    requestAnimationFrame(look);
  });
}

/** Milliseconds from the start of the navigation to the frame after the first with runs. */
const firstRowsMs = () => (globalThis as unknown as Noted).firstRows;

async function scroll(frames: number): Promise<number[]> {
  const grid = document.querySelector('.grid')!;
  const nextFrame = () => new Promise<number>((done) => requestAnimationFrame(done));
  const times: number[] = [];
  let last = await nextFrame();
  for (let frame = 0; frame < frames; frame++) {
    grid.scrollTop += 84;
    const now = await nextFrame();
    times.push(now - last);
    last = now;
  }
  return times;
}

/** Runs of made-up results, as unlike each other as real ones are. */
function madeUpTable(count: number): TableResponse {
  const random = randomSource(seed);
  const unit = () => random.below(1_000_003) / 1_000_003;
  const oneOf = <T>(values: readonly T[]) => values[random.below(values.length)]!;
  const hex = () =>
    random
      .below(2 ** 32)
      .toString(16)
      .padStart(8, '0');
  const values: Readonly<Record<string, () => string | number>> = {
    run_id: () => hex() + hex() + hex() + hex(),
    timestamp_utc: () => `2026-02-06T15:${10 + random.below(50)}:${10 + random.below(50)}.${100 + random.below(900)}Z`,
    signal_name: () => oneOf(['derivative', 'ads', 'momentum']),
    dataset_id: () =>
      oneOf(['mnqh6_20260206_0929_1002__mnq_open__dd459e9d', 'mnqh6_20260209_0929_1002__null__1a2b3c4d']),
    experiment_name: () => oneOf(['sweep_open', 'sweep_close']),
    serving_spec_name: () => 'mnq_open',
    threshold_kind: () => 'score',
    scoring_json: () => '{"tanh_scale":3,"zscore_window_bins":300}',
    signal_params_json: () =>
      JSON.stringify({
        d2_weight: oneOf([0, 0.25, 0.5, 1]),
        tanh_scale: oneOf([2, 3]),
        zscore_window_bins: oneOf([120, 240, 480]),
      }),
    threshold: () => oneOf([0.1, 0.2, 0.3, 0.4, 0.5, 0.6]),
    n_signals: () => 5 + random.below(900),
    n_up: () => random.below(450),
    n_down: () => random.below(450),
    eval_tp_ticks: () => oneOf([4, 8, 12]),
    eval_sl_ticks: () => oneOf([4, 8]),
    cooldown_bins: () => oneOf([10, 30, 60]),
    eval_min_signals: () => 20,
    p_value: () => (1 + random.below(2000)) / 2000,
  };
  const columns = tableFields.map((field) => {
    const made = Array.from({ length: count }, values[field] ?? unit);
    const texts = [...new Set(made)];
    if (typeof made[0] !== 'string' || texts.length * 2 > count) return [field, made] as const;
    const places = new Map(texts.map((text, index) => [text, index]));
    return [field, { texts: texts as string[], at: made.map((text) => places.get(text)!) }] as const;
  });
  return {
    cursor: 'made.1',
    is_whole: true,
    columns: Object.fromEntries(columns),
    removed: [],
    served: {},
    filters: { signals: ['ads', 'derivative', 'momentum'], datasets: [] },
    family: { runs: count, tests: count * 6 },
    sweeps: [],
  };
}
