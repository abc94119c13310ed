import { join } from 'node:path';
import type { CDPSession, Page } from 'playwright-core';
import { featureColumns } from '../src/orders/index.ts';
import { OverviewBuilder, type SessionOverview } from '../src/wire/index.ts';
import { ask, buildPage, drawn, launchBrowser, missingChromium } from '../test/web/browser.ts';
import { fakeConfig } from '../test/web/fake_session.ts';
import { overlayNames, panelNames } from '../web/vacuum-pressure/viewport/settings.ts';
import { drawingTime, mainThread, measured, scriptKb, scriptMemory } from './support/browser_measures.ts';
import { type Bench, type BenchResult, hashOf } from './support/harness.ts';
import { showEverything } from './support/page_channels.ts';

const seed = 7;
const address = 'http://page.bench';
const radius = 50;

/**
 * The heatmap page in a real browser: what a bin and a panned frame cost its main thread (CPU time, so that others' load
 * changes it least), what a full session takes of the page's memory, and what is sent to open it. Pixels are made by the processor
 * here, in another process, which is counted by itself: on a graphics card they cost the page nothing.
 */
export const bench: Bench = async ({ tiny }) => {
  const pages = await buildPage('vacuum-pressure');
  try {
    const { kb, hash } = scriptKb(pages.webRoot, 'vacuum-pressure');
    const results = [result('JavaScript sent, gzip', 'kB', [kb], hash)];
    if (missingChromium === false) {
      results.push(...(await measurePage(pages.webRoot, tiny)));
      results.push(...(await measureEverything(pages.webRoot, tiny)));
      results.push(...(await measureDrawing(pages.webRoot, tiny)));
    }
    return results;
  } finally {
    pages.remove();
  }
};

/** A measurement of the page. */
const result = (name: string, unit: string, values: readonly number[], hash: string) =>
  measured(`page, ${name}`, unit, values, hash, seed);

/** The page on a made stream, its CPU times, and how many bins of a session it is to have. */
interface OpenPage {
  readonly page: Page;
  readonly session: CDPSession;
  /** Of the browser itself. */
  readonly browser: CDPSession;
  readonly bins: number;
}

/** Opens the page on a made stream for as long as `measure` takes. */
async function opened(
  webRoot: string,
  tiny: boolean,
  measure: (open: OpenPage) => Promise<BenchResult[]>,
  viewport = { width: 1280, height: 800 },
): Promise<BenchResult[]> {
  const browser = await launchBrowser();
  try {
    const page = await browser.newPage({ viewport });
    const bins = tiny ? 300 : 36_000;
    await page.route(`${address}/**`, (route) =>
      route.fulfill({ path: join(webRoot, new URL(route.request().url()).pathname) }),
    );
    // Nothing is known of the made stream but its overview and that no rule watches it.
    await page.route(`${address}/v1/**`, (route) =>
      route.fulfill({ status: 404, json: { code: 'SERVING_UNKNOWN', error: 'No such stream.' } }),
    );
    await page.route(`${address}/v1/servings/*/overview`, (route) => route.fulfill({ json: overview(bins + 1000) }));
    await page.route(`${address}/v1/alerts`, (route) => route.fulfill({ json: { alerts: [] } }));
    await page.routeWebSocket(/stream/, () => {});
    await page.goto(`${address}/vacuum-pressure.html?serving=bench`);
    const session = await page.context().newCDPSession(page);
    await session.send('Performance.enable', { timeDomain: 'threadTicks' });
    await page.evaluate(installSource, [JSON.stringify(fakeConfig({ grid_radius_ticks: radius })), seed] as const);
    return await measure({ page, session, browser: await browser.newBrowserCDPSession(), bins });
  } finally {
    await browser.close();
  }
}

/** With everything shown at once, and every bin with its book, an event and its features. */
function measureEverything(webRoot: string, tiny: boolean): Promise<BenchResult[]> {
  return opened(webRoot, tiny, async ({ page, session, bins }) => {
    await page.evaluate(showEverything, [overlayNames, panelNames, featureColumns.map(([name]) => name)]);
    await page.evaluate(feed, [bins, 0] as const);
    await drawn(page);
    // Old bins are put aside.
    await page.waitForTimeout(tiny ? 0 : 5000);
    const megabytes = (await scriptMemory(session)) / 1e6;
    const hash = hashOf(String(await ask(page, (terminal) => terminal.data.session!.features.latest!.values.cvd)));
    const perFrame = await panned(page, session, tiny ? 1 : 5, tiny ? 3 : 8);
    const perBin = await streamed(page, session, tiny ? 1 : 5, tiny ? 5 : 30, bins, 'ScriptDuration');
    return [
      result('all shown: script, panning', 'ms/frame', perFrame, hash),
      result('all shown: script, new bins', 'ms/bin', perBin, hash),
      result(`all shown: memory of ${bins} bins`, 'MB', [megabytes], hash),
    ];
  });
}

function measurePage(webRoot: string, tiny: boolean): Promise<BenchResult[]> {
  return opened(webRoot, tiny, async ({ page, session, bins }) => {
    await page.evaluate(feed, [bins, 0] as const);
    await drawn(page);
    const hash = await page.evaluate(() =>
      String((globalThis as unknown as Source).terminal.data.session!.store.newest),
    );
    // What is out of sight is made ready in breaks, and old bins are put aside.
    await page.waitForTimeout(tiny ? 0 : 5000);
    const megabytes = (await scriptMemory(session)) / 1e6;
    const perFrame = await panned(page, session, tiny ? 1 : 5, tiny ? 3 : 8);
    const perLayer = await switched(page, session, tiny ? 1 : 3);
    const perBin = await streamed(page, session, tiny ? 1 : 5, tiny ? 5 : 30, bins);
    return [
      result('script, panning a whole session', 'ms/frame', perFrame, hashOf(hash)),
      result('main thread, a layer switched', 'ms', perLayer, hashOf(hash)),
      result('main thread while streaming', 'ms/bin', perBin, hashOf(hash)),
      result(`memory of ${bins} bins`, 'MB', [megabytes], hashOf(hash)),
    ];
  });
}

/** On a wide screen without a graphics card: what the process takes that makes the pixels. */
function measureDrawing(webRoot: string, tiny: boolean): Promise<BenchResult[]> {
  const measure = async ({ page, browser }: OpenPage) => {
    await page.evaluate(feed, [tiny ? 300 : 2000, 0] as const);
    await ask(page, ({ chart }) => chart.followAgain());
    await drawn(page);
    const [runs, frames] = tiny ? [1, 2] : [5, 8];
    const perFrame = await measuredDrawing(page, browser, runs, frames, pan);
    const hash = hashOf(await ask(page, ({ chart }) => JSON.stringify(chart.view)));
    await ask(page, ({ chart }) => chart.followAgain());
    const perBin = await measuredDrawing(page, browser, runs, frames, takeBins);
    return [
      result('pixels by the processor, 2560 px wide, panning', 'ms/frame', perFrame, hash),
      result('pixels by the processor, 2560 px wide, new bins', 'ms/bin', perBin, hash),
    ];
  };
  return opened(webRoot, tiny, measure, { width: 2560, height: 1300 });
}

/** CPU time of drawing per frame, of runs of `frames` that a function of the page makes. */
async function measuredDrawing(
  page: Page,
  browser: CDPSession,
  runs: number,
  frames: number,
  make: (frames: number) => Promise<void>,
): Promise<number[]> {
  const values: number[] = [];
  for (let run = 0; run <= runs; run++) {
    const before = await drawingTime(browser);
    await page.evaluate(make, frames);
    await drawn(page);
    // The first one warms up.
    if (run > 0) values.push(((await drawingTime(browser)) - before) / frames);
  }
  return values;
}

/** The overview of the whole session; the scrubber's background. */
function overview(bins: number): SessionOverview {
  const builder = new OverviewBuilder();
  for (let seq = 0; seq < bins; seq++) {
    builder.add({
      midPrice: 21_500 + Math.round(20 * Math.sin(seq / 900)) / 4,
      hasBid: true,
      hasAsk: true,
      eventCount: 200,
      bookValid: true,
    });
  }
  const session = { serving_id: 'srv_demo', start_ns: '1770387900000000000', cell_width_ms: 100 };
  return builder.overview(session, { is_complete: true, failure: null });
}

/** CPU time of scripts per frame, in runs of panning back and forth with the whole session in view. */
async function panned(page: Page, session: CDPSession, runs: number, frames: number): Promise<number[]> {
  await ask(page, (terminal) => {
    const bins = terminal.data.session!.store.newest + 1;
    terminal.chart.setView({
      ...terminal.chart.view,
      left: 0,
      binsPerPx: Math.min(64, bins / terminal.chart.view.widthPx),
    });
  });
  await drawn(page);
  const values: number[] = [];
  for (let run = 0; run < runs; run++) {
    const before = await mainThread(session, 'ScriptDuration');
    await page.evaluate(pan, frames);
    values.push(((await mainThread(session, 'ScriptDuration')) - before) / frames);
  }
  return values;
}

/** CPU time of the main thread from the choice of a layer to its picture, with the whole session in view. */
async function switched(page: Page, session: CDPSession, runs: number): Promise<number[]> {
  const values: number[] = [];
  for (const layer of (['add_mass', 'rest_depth', 'pressure_variant'] as const).slice(0, runs)) {
    const before = await mainThread(session, 'TaskDuration');
    await ask(page, (terminal, to) => terminal.settings.change({ layer: to }), layer);
    await drawn(page);
    values.push((await mainThread(session, 'TaskDuration')) - before);
  }
  await ask(page, (terminal) => terminal.settings.change({ layer: 'flow_score' }));
  await drawn(page);
  return values;
}

/** CPU time per bin, of the main thread or of its scripts alone, at the market's own pace times ten. */
async function streamed(
  page: Page,
  session: CDPSession,
  runs: number,
  count: number,
  next: number,
  of: 'TaskDuration' | 'ScriptDuration' = 'TaskDuration',
): Promise<number[]> {
  await ask(page, (terminal) => {
    terminal.chart.setView({ ...terminal.chart.view, binsPerPx: 0.25 });
    terminal.chart.followAgain();
  });
  const values: number[] = [];
  for (let run = 0; run < runs; run++) {
    const before = await mainThread(session, of);
    await page.evaluate(feed, [next + (run + 1) * count, 10] as const);
    values.push(((await mainThread(session, of)) - before) / count);
  }
  return values;
}

// What follows runs in the page.

interface Source {
  terminal: import('../web/vacuum-pressure/playback/terminal.ts').Terminal;
  /** Takes in bin `seq`. */
  takeBin: (seq: number) => void;
}

/** Makes bins of a seeded walk from a few frames that are used again and again. */
function installSource([configText, start]: readonly [string, number]): void {
  const globals = globalThis as unknown as Source;
  const { terminal } = globals;
  const config = JSON.parse(configText);
  terminal.playback.connection({ phase: 'streaming', said: null });
  terminal.playback.config(config);
  let state = start;
  const random = () => {
    state = (state * 1_103_515_245 + 12_345) & 0x7fffffff;
    return state / 0x7fffffff;
  };
  const rows: number = config.grid_rows;
  const frames = Array.from({ length: 61 }, () => {
    const columns = Object.fromEntries(
      (config.grid_schema_fields as string[]).map((name) => {
        if (name === 'last_event_id') return [name, new BigInt64Array(rows)];
        if (/state|flag|sign|microstate/.test(name)) return [name, new Int8Array(rows)];
        if (name === 'k') return [name, Int32Array.from({ length: rows }, (_, row) => row - (rows - 1) / 2)];
        if (name.endsWith('ticks')) return [name, new Int32Array(rows)];
        // A trade now and then at the touch; the rest of the book has none.
        if (name === 'fill_mass') return [name, new Float64Array(rows)];
        const scale = /depth|mass|variant/.test(name) ? 50 : 1;
        return [name, Float64Array.from({ length: rows }, () => (scale === 1 ? 2 * random() - 1 : scale * random()))];
      }),
    );
    return { rows, columns } as unknown as Parameters<typeof terminal.playback.bin>[1];
  });
  let tick = 86_000;
  globals.takeBin = (seq) => {
    const frame = frames[seq % frames.length]!;
    frame.columns.fill_mass.fill(0).fill(seq % 5 === 0 ? 1 + (seq % 7) : 0, (rows - 1) / 2, (rows + 3) / 2);
    if (random() < 0.3) tick += random() < 0.5 ? 1 : -1;
    const startNs = 1_770_387_900_000_000_000n + BigInt(seq) * 100_000_000n;
    const wave = Math.sin(seq / 40);
    terminal.playback.bin(
      {
        type: 'grid_update',
        ts_ns: String(startNs + 100_000_000n),
        bin_seq: seq,
        bin_start_ns: String(startNs),
        bin_end_ns: String(startNs + 100_000_000n),
        bin_event_count: 200,
        event_id: 200 * seq,
        mid_price: (tick + 0.5) * 0.25,
        spot_ref_price_int: String(tick * 250_000_000),
        best_bid_price_int: String(tick * 250_000_000),
        best_ask_price_int: String((tick + 1) * 250_000_000),
        has_bid: true,
        has_ask: true,
        book_valid: seq % 1000 > 5,
        state_model_name: 'derivative',
        state_model_score: wave,
        state_model_ready: true,
        state_model_sample_count: seq,
        state_model_base: wave,
        state_model_firing: 0,
        state_model_threshold: 0.15,
        state_model_d1: wave,
        state_model_d2: wave,
        state_model_d3: wave,
        state_model_z1: wave,
        state_model_z2: wave,
        state_model_z3: wave,
        state_model_bull_intensity: (1 + wave) / 2,
        state_model_bear_intensity: (1 - wave) / 2,
        state_model_mixed_intensity: 0.2,
        state_model_dominant_state5_code: 1,
      },
      frame,
    );
  };
}

/** Takes in bins up to `end`, one every `everyMs`; 0: as fast as they can be made. */
async function feed([end, everyMs]: readonly [number, number]): Promise<void> {
  const { terminal, takeBin } = globalThis as unknown as Source;
  for (let seq = terminal.data.session!.store.newest + 1; seq < end; seq++) {
    takeBin(seq);
    if (everyMs > 0 || seq % 500 === 0) await new Promise((done) => setTimeout(done, everyMs));
  }
}

async function pan(frames: number): Promise<void> {
  const { terminal } = globalThis as unknown as Source;
  for (let frame = 0; frame < frames; frame++) {
    const { view } = terminal.chart;
    const by = (frame % 2 === 0 ? 1 : -1) * 40 * view.binsPerPx;
    terminal.chart.setView({ ...view, left: view.left + by });
    await new Promise((done) => requestAnimationFrame(done));
  }
}

/** Takes in a bin a frame. */
async function takeBins(frames: number): Promise<void> {
  const { terminal, takeBin } = globalThis as unknown as Source;
  for (let frame = 0; frame < frames; frame++) {
    takeBin(terminal.data.session!.store.newest + 1);
    await new Promise((done) => requestAnimationFrame(done));
  }
}
