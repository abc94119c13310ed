import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { setTimeout as delay } from 'node:timers/promises';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import type { Terminal } from '../../web/vacuum-pressure/playback/terminal.ts';
import type { BuiltPages } from './build_pages.ts';

const executablePath = process.env.CHROMIUM_PATH ?? '/usr/bin/chromium';
/** Why tests in a browser are skipped, or false. */
export const missingChromium = existsSync(executablePath)
  ? false
  : `they need Chromium at ${executablePath} (CHROMIUM_PATH)`;

/** Nothing that phones home. */
const flags = [
  '--headless=new',
  '--no-sandbox',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
  '--disable-quic',
];

/** WebGL2 by the processor, which then draws all else that way too: the heatmap needs it, and other pages take half as long without. */
const webGlFlags = ['--use-angle=swiftshader', '--enable-unsafe-swiftshader'];

/** How long a page is waited for. It takes a fraction of this: a busy machine shall not fail a test. */
const patienceMs = 120_000;

export async function launchBrowser({ webGl = true } = {}): Promise<Browser> {
  const args = [...flags, ...(webGl ? webGlFlags : ['--disable-gpu'])];
  const browser = await chromium.launch({ executablePath, args, timeout: patienceMs });
  browser.on('context', (context) => context.setDefaultTimeout(patienceMs));
  return browser;
}

/** A page in a context of its own; an error in it fails the test. */
export async function newPage(browser: Browser, options: BrowserContextOptions): Promise<Page> {
  const page = await (await browser.newContext(options)).newPage();
  page.on('pageerror', (error) => {
    throw error;
  });
  return page;
}

/** Where `npm run test:pages` has built all pages for all of its files (pages_setup.ts). */
export const builtPagesVariable = 'SPYMASTER_BUILT_PAGES';

/** Built pages, these at least: those of the whole run, or for a file that runs alone in a folder of its own. */
export async function buildPage(...names: string[]): Promise<BuiltPages> {
  const webRoot = process.env[builtPagesVariable];
  if (webRoot !== undefined) return { webRoot, remove: () => {} };
  const { buildPages } = await import('./build_pages.ts');
  return await buildPages(names);
}

/** Runs `read` with the page's terminal; `argument` must be JSON. */
export async function ask<Result, Argument = undefined>(
  page: Page,
  read: (terminal: Terminal, argument: Argument) => Result,
  argument?: Argument,
): Promise<Result> {
  const script = `(async () => (${read.toString()})(globalThis.terminal, ${JSON.stringify(argument) ?? 'undefined'}))()`;
  return (await page.evaluate(script)) as Result;
}

/** Waits until `holds` is true of the page's terminal, and is seen. */
export async function until<Argument = undefined>(
  page: Page,
  holds: (terminal: Terminal, argument: Argument) => boolean,
  argument?: Argument,
  timeout = patienceMs,
): Promise<void> {
  const call = `(${holds.toString()})(globalThis.terminal, ${JSON.stringify(argument) ?? 'undefined'})`;
  const expression = `globalThis.terminal !== undefined && ${call}`;
  await eventually(page, expression, timeout);
  await drawn(page);
}

/**
 * Waits until an expression is true in the page. Playwright's own `waitForFunction` evaluates texts in the page, which its
 * content policy forbids.
 */
export async function eventually(page: Page, expression: string, timeout = patienceMs): Promise<void> {
  const endMs = performance.now() + timeout;
  while (!(await page.evaluate(`Boolean(${expression})`))) {
    if (performance.now() > endMs) throw new Error(`not so within ${timeout} ms: ${expression}`);
    await delay(20);
  }
}

/** Asserts again until `check` holds: what is on the page follows what it knows by some frames, on a busy machine by many. */
export async function soon(check: () => Promise<void>, timeout = patienceMs): Promise<void> {
  const endMs = performance.now() + timeout;
  for (;;)
    try {
      await check();
      return;
    } catch (error) {
      if (performance.now() > endMs) throw error;
      await delay(20);
    }
}

/** Serious and critical violations that axe finds in a page that has it. */
export const axeFindings = (page: Page): Promise<string[]> =>
  page.evaluate(async () => {
    const { axe } = globalThis as unknown as { axe: typeof import('axe-core') };
    const { violations } = await axe.run({ resultTypes: ['violations'] });
    return violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .map(
        ({ id, nodes }) => `${id}: ${nodes.map(({ html, failureSummary }) => `${html} ${failureSummary}`).join(' | ')}`,
      );
  });

/** Puts axe into a page; as a script tag its content policy would refuse it. */
export async function addAxe(page: Page): Promise<void> {
  await page.evaluate(readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8'));
}

/** Waits until everything that is due has been drawn. */
export async function drawn(page: Page): Promise<void> {
  await page.evaluate(
    () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(undefined)))),
  );
}

/** RGB of the heatmap at CSS pixels, read back from the graphics card. */
export async function heatPixels(page: Page, points: readonly (readonly [number, number])[]): Promise<number[][]> {
  await drawn(page);
  return page.evaluate((at) => {
    const canvas = document.querySelector<HTMLCanvasElement>('.heat-canvas')!;
    const gl = canvas.getContext('webgl2')!;
    const pixel = new Uint8Array(4);
    return at.map(([x, y]) => {
      const ratio = canvas.width / canvas.clientWidth;
      gl.readPixels(
        Math.floor(x! * ratio),
        canvas.height - 1 - Math.floor(y! * ratio),
        1,
        1,
        gl.RGBA,
        gl.UNSIGNED_BYTE,
        pixel,
      );
      return [...pixel.subarray(0, 3)];
    });
  }, points);
}
