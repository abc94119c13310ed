import { deepEqual, equal, ok } from 'node:assert/strict';
import { test } from 'node:test';
import type { Page } from 'playwright-core';
import { addAxe, ask, axeFindings, missingChromium, soon, until } from '../web/browser.ts';
import { heatmapSuite } from '../web/heatmap_suite.ts';

const options = { skip: missingChromium };
const suite = heatmapSuite();

/** A first visit on a phone that has received some bins and stands still. */
async function phone(): Promise<Page> {
  const page = await suite.newPage({}, { viewport: { width: 390, height: 844 }, hasTouch: true });
  await page.goto(`${suite.server.address}/vacuum-pressure.html?serving=demo`);
  await until(page, (terminal) => (terminal.data.session?.store.count ?? 0) > 20);
  await ask(page, (terminal) => terminal.playback.pause());
  return page;
}

const opener = (page: Page, name: string) => page.getByRole('button', { name, exact: true });
const focusId = (page: Page) => page.evaluate(() => document.activeElement?.id);
/** Opaque pixels of a panel's canvas. */
const inked = (page: Page, panel: string) =>
  page.locator(`${panel} canvas`).evaluate((element) => {
    const { width, height } = element as HTMLCanvasElement;
    const bytes = (element as HTMLCanvasElement).getContext('2d')!.getImageData(0, 0, width, height).data;
    return bytes.filter((value, at) => at % 4 === 3 && value > 0).length;
  });

test('panels are sheets over the chart on a phone, one at a time, opened and closed by touch', options, async () => {
  const page = await phone();
  const map = (await page.locator('.heat').boundingBox())!;
  for (const panel of ['.signal-panel', '.depth', '.force']) equal(await page.locator(panel).isVisible(), false, panel);
  await opener(page, 'Signal').tap();
  await page.locator('.signal-panel').waitFor();
  await opener(page, 'Depth').tap();
  await page.locator('.depth').waitFor();
  await page.locator('.signal-panel').waitFor({ state: 'hidden' });
  await soon(async () => ok((await inked(page, '.depth')) > 500));
  await opener(page, 'Book').tap();
  await soon(async () => ok((await inked(page, '.force')) > 500));
  await page.locator('.book-summary').waitFor();
  // A sheet lies over the map, level with its prices, and takes nothing from it.
  await soon(async () => {
    deepEqual(await page.locator('.heat').boundingBox(), map);
    const sheet = (await page.locator('.force').boundingBox())!;
    deepEqual([sheet.y, sheet.height], [map.y, map.height]);
    ok(sheet.width < map.width);
  });
  await page.getByRole('button', { name: 'Close Book' }).tap();
  await soon(async () => equal(await page.locator('.force').isVisible(), false));
  await page.context().close();
});

test('sheets and the rest of the tools go by keys, and axe finds nothing serious in them', options, async () => {
  const page = await phone();
  await addAxe(page);
  for (const [name, theme] of [
    ['Signal', 'dark'],
    ['Depth', 'light'],
    ['Book', 'dark'],
  ] as const) {
    await ask(page, (terminal, to) => terminal.settings.change({ theme: to }), theme);
    await opener(page, name).focus();
    await page.keyboard.press('Enter');
    await page.waitForFunction((label) => document.activeElement?.ariaLabel === label, `Close ${name}`);
    await soon(async () => equal(await opener(page, name).getAttribute('aria-expanded'), 'true'));
    deepEqual(await axeFindings(page), [], `${name}, ${theme}`);
    await page.keyboard.press('Escape');
    await soon(async () => equal(await focusId(page), `open-${name.toLowerCase()}`));
    await soon(async () => equal(await opener(page, name).getAttribute('aria-expanded'), 'false'));
  }
  const overlays = page.getByRole('button', { name: 'Overlays' });
  equal(await overlays.isVisible(), false);
  await opener(page, 'More').focus();
  await page.keyboard.press('Enter');
  await overlays.waitFor();
  deepEqual(await axeFindings(page), [], 'More');
  await overlays.click();
  await soon(async () => equal(await overlays.getAttribute('aria-expanded'), 'true'));
  await page.keyboard.press('Escape');
  await soon(async () => equal(await overlays.getAttribute('aria-expanded'), 'false'));
  equal(await overlays.isVisible(), true);
  await page.keyboard.press('Escape');
  await soon(async () => equal(await overlays.isVisible(), false));
  await soon(async () => equal(await page.evaluate(() => document.activeElement?.textContent), 'More'));
  await page.context().close();
});

test('in a wide window panels stand beside the chart again, and no sheet is left', options, async () => {
  const page = await phone();
  await opener(page, 'Book').tap();
  await page.locator('.force').waitFor();
  await page.setViewportSize({ width: 1280, height: 800 });
  await soon(async () => equal(await page.locator('.force').isVisible(), false));
  await soon(async () => equal(await page.locator('.signal-panel').isVisible(), true));
  await page.locator('.sheet-buttons').waitFor({ state: 'hidden' });
  await soon(async () => equal(await page.locator('.sheet-head').count(), 0));
  await page.context().close();
});
