import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { type AnalysisReport, analyze, renderReport } from '../../src/analysis/index.ts';
import { captureWindow, defaultRuntimeConfig } from '../../src/config/index.ts';
import { runCommand } from '../helpers/run_command.ts';
import { launchBrowser, missingChromium, soon } from '../web/browser.ts';

const options = { skip: missingChromium };
const folder = mkdtempSync(join(tmpdir(), 'spymaster-report-'));
const hostile = '</script><script>globalThis.broken=1</script><img src=x onerror="globalThis.broken=1">&\'"\u2028';
let browser: Browser;
let report: AnalysisReport;

before(async () => {
  if (missingChromium !== false) return;
  browser = await launchBrowser({ webGl: false });
  const path = join(folder, 's.dbn');
  await runCommand('synth', '--out', path, '--minutes', '2', '--rate', '60');
  const runtime = { ...defaultRuntimeConfig, grid_radius_ticks: 6, symbol: 'MNQH6' };
  const capture = captureWindow('future_mbo', '2026-02-06', '09:25');
  const source = { path, sha256: null };
  const subject = {
    name: hostile,
    kind: 'file',
    runtime,
    date: '2026-02-06',
    capture,
    source,
    dataset: null,
    leftOut: null,
  } as const;
  const rules = { threshold: 0.1, tpTicks: 2, slTicks: 2, maxHoldBins: 50, cooldownBins: 5 };
  const measured = await analyze(subject, { codeVersion: hostile, rules }, {});
  const span = { cause: 'crossed', startNs: measured.subject.startNs + 1e9, bins: 20 } as const;
  const book = { ...measured.book, longestSpans: [span] };
  report = {
    ...measured,
    book,
    leftOut: hostile,
    anomalies: [hostile],
    subject: { ...measured.subject, symbol: hostile },
  };
});
after(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true });
});

/** The report, opened from a file in a browser without a network; what went wrong, and what was asked for besides. */
let page: Page;
const faults: string[] = [];

async function open(): Promise<void> {
  const file = pathToFileURL(join(folder, 'report.html'));
  writeFileSync(file, await renderReport(report));
  const viewport = { width: 1280, height: 900 };
  page = await (await browser.newContext({ viewport, colorScheme: 'light', offline: true })).newPage();
  page.on('console', (message) => faults.push(message.text()));
  page.on('pageerror', (error) => faults.push(error.message));
  page.on('request', (request) => {
    if (request.url() !== file.href) faults.push(request.url());
  });
  await page.goto(file.href);
}

test(
  'a report opens offline, asks for nothing, draws everything, and runs nothing that its data says',
  options,
  async () => {
    await open();
    equal(await page.evaluate('globalThis.broken'), undefined);
    await soon(async () => equal(await page.locator('h1').textContent(), hostile));
    equal(await page.title(), `${hostile} – session analysis`);
    await soon(async () => equal(await page.locator('img').count(), 0));
    await soon(async () => equal(await page.locator('.panel canvas').count(), 5));
    await soon(async () => ok((await page.locator('figure svg').count()) >= 12));
    const text = (await page.locator('main').textContent())!;
    ok(
      !/NaN|undefined|Infinity|\[object/.test(text),
      text.match(/.{40}(NaN|undefined|Infinity|\[object).{40}/s)?.[0] ?? '',
    );
    equal(await page.evaluate('document.documentElement.scrollWidth'), 1280);
    // Something is drawn: the canvases are not of one colour.
    await soon(async () => {
      const colours = await page.evaluate<number[]>(
        `[...document.querySelectorAll('.panel canvas')].map((c) => new Set(new Uint32Array(c.getContext('2d').getImageData(0, 0, c.width, c.height).data.buffer)).size)`,
      );
      ok(
        colours.every((count) => count > 10),
        String(colours),
      );
    });
    const spans = (await page.evaluate(
      `JSON.parse(document.getElementById('series').textContent).invalid`,
    )) as number[][];
    deepEqual(
      spans.map(([from, to]) => Math.round((to! - from!) * 1000)),
      [2000],
    );
    deepEqual(faults, []);
  },
);

test(
  'both schemes and the printed page have colours of their own, and no contrast or structure that axe objects to',
  options,
  async () => {
    const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
    await page.evaluate(axe);
    const grounds: string[] = [];
    const look = async (rules: string) => {
      grounds.push(await page.evaluate<string>('getComputedStyle(document.body).backgroundColor'));
      return page.evaluate<string[]>(
        `axe.run(${rules}).then(({ violations }) => violations.map(({ id, nodes }) => id + ' ' + nodes[0].target))`,
      );
    };
    deepEqual(await look(''), []);
    await page.emulateMedia({ colorScheme: 'dark' });
    deepEqual(await look("{ runOnly: ['color-contrast'] }"), []);
    await page.emulateMedia({ media: 'print' });
    grounds.push(await page.evaluate<string>('getComputedStyle(document.body).backgroundColor'));
    equal(new Set(grounds).size, 3);
    match(grounds[2]!, /255, 255, 255/);
    deepEqual(faults, []);
  },
);
