import { deepEqual, equal, ok } from 'node:assert/strict';
import { test } from 'node:test';
import type { Page } from 'playwright-core';
import { xOf } from '../../web/vacuum-pressure/viewport/viewport.ts';
import { ask, drawn, heatPixels, missingChromium, soon, until } from '../web/browser.ts';
import { heatmapSuite, viewOf } from '../web/heatmap_suite.ts';

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
  for (const part of ['.heat', '.depth', '.price-axis', '.time-axis', '.series-plot', '.replay-bar', '.status-bar']) {
    await soon(async () => {
      const { x, y, width, height } = await boxOf(page, part);
      ok(width > 20 && height > 10 && x >= 0 && y >= 0 && x + width <= 1280 && y + height <= 800, part);
    });
  }
  await soon(async () => equal(await page.locator('.series-plot').count(), 1));
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

test('the hatchings in view are named, and are as dense as what is hatched', options, async () => {
  const page = await firstVisit(1280, 800);
  const last = await ask(page, (terminal) => terminal.data.session!.store.newest);
  await ask(page, ({ chart, playback }) => {
    chart.setZoom({ ...chart.view, binsPerPx: 1 / 16 });
    playback.seek(290);
  });
  await until(page, (terminal) => terminal.data.session!.store.has(290));
  const oldest = await ask(
    page,
    ({ data }, from) => {
      let seq = from + 1;
      while (!data.session!.store.has(seq)) seq++;
      return seq;
    },
    last,
  );
  ok(oldest > last + 40, `bins ${last + 1} to ${oldest} were not received`);
  await ask(page, ({ chart }) => chart.setView({ ...chart.view, left: -60, binsPerPx: 0.5 }));
  await page.getByLabel('Hatchings in view').locator('li').nth(2).waitFor();
  await soon(async () =>
    deepEqual(await page.getByLabel('Hatchings in view').locator('li').allTextContents(), [
      'no bins: before the start, or after the newest',
      'bins that were not received',
      'book not valid',
    ]),
  );
  const view = await viewOf(page);
  /** Distances between the lines of a hatching, from a row of pixels that starts at a bin. */
  const distances = async (seq: number) => {
    const from = Math.ceil(xOf(view, seq));
    const row = await heatPixels(
      page,
      Array.from({ length: 64 }, (_, at) => [from + at, 40] as const),
    );
    const ground = row.map(String).sort()[32]!;
    const lines = row.flatMap((pixel, at) => (String(pixel) === ground ? [] : [at]));
    return [...new Set(lines.slice(1).map((at, index) => at - lines[index]!))];
  };
  deepEqual(await distances(-50), [16]);
  deepEqual(await distances(last + 2), [9]);
  await page.close();
});

test('words say what they mean: layers, panels and the glossary of the help sheet', options, async () => {
  const page = await firstVisit(1280, 800);
  await soon(async () =>
    equal(await page.locator('.tool-bar select').first().getAttribute('title'), 'displayed quantity at a price'),
  );
  await soon(async () => {
    const titles = await page
      .locator('.signal-panel .term')
      .evaluateAll((terms) => terms.map((term) => term.getAttribute('title') ?? ''));
    ok(titles.length > 8 && titles.every((title) => title.length > 10), titles.join());
  });
  await page.keyboard.press('?');
  await page.getByText('Glossary: what').click();
  await page.locator('.glossary dt', { hasText: 'flow score' }).waitFor();
  await page.close();
});
