import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { CDPSession, Page } from 'playwright-core';
import { Lake } from '../src/lake/index.ts';
import { startServer } from '../src/server/index.ts';
import type { SweepRequest } from '../src/sweep/index.ts';
import { fixtureEvaluation, fixtureRequest } from '../test/helpers/lab_dataset.ts';
import { plantedDates } from '../test/helpers/planted_results.ts';
import { buildPage, launchBrowser, missingChromium } from '../test/web/browser.ts';
import type { PlantedReport } from './peers/judge_planted.ts';
import { mainThread, measured } from './support/browser_measures.ts';
import { type Bench, type BenchResult, ratioOf } from './support/harness.ts';

const seed = 20260206;
const peer = join(import.meta.dirname, 'peers', 'judge_planted.ts');
const experimentName = 'planted';

/**
 * A large experiment whose units are planted: 840 cells of 6 thresholds over 250 sessions. Its judgement and its document,
 * against the same over 25 sessions, and the page that shows it in a real browser.
 */
export const bench: Bench = async ({ tiny }) => {
  const folder = mkdtempSync(join(tmpdir(), 'spymaster-bench-document-'));
  try {
    const lake = join(folder, 'lake');
    const file = join(folder, 'document.json');
    const request = JSON.stringify(requestOf(tiny));
    const dates = plantedDates(tiny ? 12 : 250);
    const some = dates.slice(0, tiny ? 11 : 25);
    const run = async (what: 'plant' | 'judge', of: readonly string[]) =>
      (await promisify(execFile)(process.execPath, [peer, what, lake, request, file, ...of])).stdout;
    await run('plant', dates);
    const few = JSON.parse(await run('judge', some)) as PlantedReport;
    const many = JSON.parse(await run('judge', dates)) as PlantedReport;
    const results = reported(many, few, dates.length, some.length);
    if (missingChromium === false) {
      const body = readFileSync(file, 'utf8');
      results.push(...(await measurePage(new Lake(lake), body, many.hash, tiny)));
    }
    return results;
  } finally {
    rmSync(folder, { recursive: true });
  }
};

function requestOf(tiny: boolean): SweepRequest {
  const values = (count: number, step: number) => Array.from({ length: count }, (_, at) => 1 + at * step);
  const [scales, weights] = tiny ? [2, 3] : [28, 30];
  return fixtureRequest(50, {
    experimentName,
    scoringAxes: {},
    signalAxes: { derivative: { tanh_scale: values(scales, 0.01), d2_weight: values(weights, 0.02) } },
    tpTicks: [4],
    evaluation: { ...fixtureEvaluation, folds: 0 },
  });
}

function reported(many: PlantedReport, few: PlantedReport, sessions: number, fewSessions: number): BenchResult[] {
  const baselineName = `${fewSessions} sessions`;
  const result = (name: string, unit: string, value: number, baselineValue: number): BenchResult => ({
    ...{ name, unit, value, baselineName, baselineValue, ratio: ratioOf(unit, value, baselineValue), seed },
    ...{ resultHash: many.hash, baselineHash: few.hash },
    samples: { count: 1, best: value, median: value, wallMedian: value },
  });
  const perSession = (name: string, of: (report: PlantedReport) => number) =>
    result(name, 's/session', of(many) / sessions, of(few) / fewSessions);
  return [
    perSession(`judging ${many.units} units`, ({ judgeCpuS }) => judgeCpuS),
    perSession('document', ({ documentCpuS }) => documentCpuS),
    result('document, size', 'MB', many.bytes / 1e6, few.bytes / 1e6),
    result('document, size with gzip', 'MB', many.gzipBytes / 1e6, few.gzipBytes / 1e6),
    result('both, peak memory', 'MiB', many.peakRssBytes / 2 ** 20, few.peakRssBytes / 2 ** 20),
  ];
}

async function measurePage(lake: Lake, body: string, hash: string, tiny: boolean): Promise<BenchResult[]> {
  const result = (name: string, unit: string, values: readonly number[]) =>
    measured(`its page, ${name}`, unit, values, hash, seed);
  const pages = await buildPage('experiments');
  const browser = await launchBrowser({ webGl: false });
  const server = await startServer({ lake, host: '127.0.0.1', port: 0, webRoot: pages.webRoot });
  try {
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    await page.addInitScript(noteStrip);
    await page.route('**/v1/experiments/document?*', (route) =>
      route.fulfill({ body, contentType: 'application/json' }),
    );
    const session = await page.context().newCDPSession(page);
    await session.send('Performance.enable', { timeDomain: 'threadTicks' });
    const [painted, script]: [number[], number[]] = [[], []];
    for (let run = 0; run < (tiny ? 1 : 5); run++) {
      await page.goto(`${server.address}/experiments.html?view=runs`);
      await page.waitForSelector('.grid-row');
      const before = await mainThread(session, 'TaskDuration');
      await page.keyboard.press('2');
      await page.waitForSelector('.strip-box canvas');
      painted.push(await page.evaluate(stripMs));
      script.push((await mainThread(session, 'TaskDuration')) - before);
    }
    const frames = tiny ? 5 : 120;
    const costs = async (act: (page: Page, frames: number) => Promise<void>) => {
      const values: number[] = [];
      for (let run = 0; run < (tiny ? 1 : 5); run++) {
        values.push(await scriptPerFrame(session, frames, () => act(page, frames)));
      }
      return values;
    };
    const strip = await costs((shown, count) => shown.evaluate(scroll, ['.strip-box', count] as const));
    const pointer = await costs(pointAcross);
    const whole = await costs((shown, count) => shown.evaluate(scroll, ['.sweep', count] as const));
    await session.send('HeapProfiler.collectGarbage');
    return [
      result('answer to first paint', 'ms', painted),
      result('opened, main thread', 'ms', script),
      result('strip scrolled, script', 'ms/frame', strip),
      result('pointer over it, script', 'ms/frame', pointer),
      result('page scrolled, script', 'ms/frame', whole),
      result('memory', 'MB', [(await mainThread(session, 'JSHeapUsedSize')) / 1e6]),
    ];
  } finally {
    await browser.close();
    await server.close();
    pages.remove();
  }
}

/** CPU time of scripts a frame while something goes on for so many frames. */
async function scriptPerFrame(session: CDPSession, frames: number, act: () => Promise<void>): Promise<number> {
  const before = await mainThread(session, 'ScriptDuration');
  await act();
  return ((await mainThread(session, 'ScriptDuration')) - before) / frames;
}

interface Noted {
  strip: Promise<number>;
}

function noteStrip(): void {
  (globalThis as unknown as Noted).strip = new Promise((done) => {
    const answered = () =>
      performance.getEntriesByType('resource').find(({ name }) => name.includes('/v1/experiments/document?'));
    const look = () => {
      if (document.querySelector('.strip-box canvas') === null) requestAnimationFrame(look);
      else {
        const entry = answered() as PerformanceResourceTiming;
        requestAnimationFrame(() => done(performance.now() - entry.responseEnd));
      }
    };
    requestAnimationFrame(look);
  });
}

/** Milliseconds from the end of the document's answer to the frame after the first with the strip. */
const stripMs = () => (globalThis as unknown as Noted).strip;

async function scroll([selector, frames]: readonly [string, number]): Promise<void> {
  const box = document.querySelector(selector)!;
  const step = (box.scrollHeight - box.clientHeight) / frames;
  for (let frame = 0; frame < frames; frame++) {
    box.scrollTop = frame * step;
    await new Promise((done) => requestAnimationFrame(done));
  }
}

/** Moves the pointer over the strip, a place a frame. */
async function pointAcross(page: Page, frames: number): Promise<void> {
  await page.locator('.strip-box').scrollIntoViewIfNeeded();
  const { x, y, width, height } = (await page.locator('.strip-box').boundingBox())!;
  for (let frame = 0; frame < frames; frame++) {
    const share = (frame + 0.5) / frames;
    await page.mouse.move(x + share * width, y + ((7 * share) % 1) * height);
  }
}
