import { deepEqual, equal, ok } from 'node:assert/strict';
import { test } from 'node:test';
import type { Page } from 'playwright-core';
import { ask, drawn, missingChromium, soon, until } from '../web/browser.ts';
import { heatmapSuite } from '../web/heatmap_suite.ts';

const options = { skip: missingChromium };
const suite = heatmapSuite();

/** A page of a first visit, in a window of some size, that has received some bins and stands still. */
async function firstVisit(width: number, height: number): Promise<Page> {
  const page = await suite.newPage({}, { viewport: { width, height } });
  await page.goto(`${suite.server.address}/vacuum-pressure.html?serving=demo`);
  await until(page, (terminal) => (terminal.data.session?.store.count ?? 0) > 20);
  await ask(page, (terminal) => terminal.playback.pause());
  return page;
}

const boxOf = async (page: Page, selector: string) => (await page.locator(selector).first().boundingBox())!;

test('1280 by 800 shows map, axis, one pane, transport and status without scrolling', options, async () => {
  const page = await firstVisit(1280, 800);
  deepEqual(
    await page.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.scrollHeight]),
    [1280, 800],
  );
  for (const part of ['.heat', '.depth', '.price-axis', '.time-axis', '.series .uplot', '.replay-bar', '.status-bar']) {
    const { x, y, width, height } = await boxOf(page, part);
    ok(width > 20 && height > 10 && x >= 0 && y >= 0 && x + width <= 1280 && y + height <= 800, part);
  }
  await soon(async () => equal(await page.locator('.series .uplot').count(), 1));
  await soon(async () => equal(await page.locator('.force').isVisible(), false));
  equal(await ask(page, ({ settings }) => settings.current.layer), 'rest_depth');
  const { width } = await boxOf(page, '.heat');
  ok(width > 0.6 * 1280, `the map is ${width} px wide`);
  await page.close();
});

test('2560 by 1440 gives the map three quarters of its width', options, async () => {
  const page = await firstVisit(2560, 1440);
  await soon(async () => equal(await page.locator('.force').isVisible(), true));
  const { width } = await boxOf(page, '.heat');
  ok(width >= 0.75 * 2560, `the map is ${width} px wide`);
  await page.close();
});

test('labels of the axes make way for those of spot and crosshair', options, async () => {
  const page = await firstVisit(1280, 800);
  const heat = await boxOf(page, '.heat');
  for (const [x, y] of [
    [0.5, 0.31],
    [0.37, 0.35],
    [0.21, 0.52],
  ] as const) {
    await page.mouse.move(heat.x + x * heat.width, heat.y + y * heat.height);
    await drawn(page);
    const covered = await page.evaluate(() => {
      const shown = (selector: string) =>
        [...document.querySelectorAll<HTMLElement>(selector)].filter(
          (element) => !element.hidden && element.style.visibility !== 'hidden',
        );
      const text = (element: HTMLElement) => {
        const range = document.createRange();
        range.selectNodeContents(element);
        return range.getBoundingClientRect();
      };
      return shown('.price-tag, .time-tag').flatMap((tag) => {
        const box = tag.getBoundingClientRect();
        return shown('.price-label, .time-label')
          .map((label) => [label.textContent, text(label)] as const)
          .filter(([, at]) => at.left < box.right && box.left < at.right && at.top < box.bottom && box.top < at.bottom)
          .map(([label]) => `${label} below ${tag.textContent}`);
      });
    });
    deepEqual(covered, []);
  }
  await page.close();
});

test('words say what they mean: layers, panels and the glossary of the help sheet', options, async () => {
  const page = await firstVisit(1280, 800);
  await soon(async () =>
    equal(await page.locator('.tool-bar select').first().getAttribute('title'), 'displayed quantity at a price'),
  );
  const titles = await page
    .locator('.signal-panel .term')
    .evaluateAll((terms) => terms.map((term) => term.getAttribute('title') ?? ''));
  ok(titles.length > 8 && titles.every((title) => title.length > 10), titles.join());
  await page.keyboard.press('?');
  await page.getByText('Glossary: what').click();
  await page.locator('.glossary dt', { hasText: 'flow score' }).waitFor();
  await page.close();
});
