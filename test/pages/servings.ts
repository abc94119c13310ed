import { deepEqual, equal, match } from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { ServingRegistry } from '../../src/lake/index.ts';
import { type Server, startServer } from '../../src/server/index.ts';
import { createServingLake, type ServingLake, servingSpec } from '../helpers/serving_lake.ts';
import { addAxe, buildPage, launchBrowser, missingChromium, soon, until } from '../web/browser.ts';

const options = { skip: missingChromium };
let lake: ServingLake;
let server: Server;
let browser: Browser;
let removePages = () => {};

before(async () => {
  if (missingChromium !== false) return;
  lake = createServingLake(5);
  using registry = new ServingRegistry(lake.lake);
  registry.publish(servingSpec('srv_other_00000002_00000002'), {
    now: () => '2026-02-08T00:00:00Z',
    alias: 'another',
  });
  const [pages, launched] = await Promise.all([buildPage('index', 'vacuum-pressure', 'experiments'), launchBrowser()]);
  removePages = pages.remove;
  browser = launched;
  server = await startServer({ lake: lake.lake, host: '127.0.0.1', port: 0, webRoot: pages.webRoot });
});

after(async () => {
  await browser?.close();
  await server?.close();
  removePages();
  lake?.remove();
});

async function open(path: string) {
  const page = await browser.newPage();
  await page.goto(server.address + path);
  return page;
}

test(
  'the first page lists servings and says how to get experiments; links lead to the pages and back',
  options,
  async () => {
    const page = await open('/');
    const links = page.locator('.serving-links li span:first-child a');
    await links.first().waitFor();
    await soon(async () => deepEqual((await links.allInnerTexts()).toSorted(), ['another', 'demo']));
    await soon(async () =>
      match(await page.locator('main').innerText(), /MNQH6 2026-02-06, from 09:31 New York time · signal derivative/),
    );
    await page.getByText('npx spymaster run configs/experiments/sweep_derivative.yaml').waitFor();
    await addAxe(page);
    const found = await page.evaluate(async () => {
      const { axe } = globalThis as unknown as { axe: typeof import('axe-core') };
      return (await axe.run()).violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
    });
    deepEqual(found, []);
    await links.getByText('demo', { exact: true }).click();
    await until(page, (terminal) => (terminal?.data.session?.store.count ?? 0) > 0);
    await page.getByRole('link', { name: 'Experiments' }).click();
    await page.getByRole('heading', { name: 'Experiments' }).waitFor();
    await soon(async () => match(page.url(), /experiments\.html\?experiment=demo$/));
    await page.getByRole('link', { name: 'Servings' }).click();
    await links.first().waitFor();
    await page.close();
  },
);

test('an unknown serving has links, the nearest name first, and nothing that cannot help', options, async () => {
  const page = await open('/vacuum-pressure.html?serving=demmo');
  const links = page.locator('.notice .serving-links li span:first-child a');
  await links.first().waitFor();
  await soon(async () => deepEqual(await links.allInnerTexts(), ['demo', 'another']));
  await soon(async () => equal(await page.getByRole('button', { name: 'Connect now' }).count(), 0));
  await links.first().click();
  await until(page, (terminal) => (terminal?.data.session?.store.count ?? 0) > 0);
  await page.close();
});

test('the heatmap page without a serving lists those that there are', options, async () => {
  const page = await open('/vacuum-pressure.html');
  await page.getByRole('link', { name: 'another' }).click();
  await until(page, (terminal) => (terminal?.data.session?.store.count ?? 0) > 0);
  await page.close();
});
