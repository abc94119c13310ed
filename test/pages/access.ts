import { deepEqual, equal, match } from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { zstdCompressSync } from 'node:zlib';
import type { Browser, Page } from 'playwright-core';
import { type Server, startServer } from '../../src/server/index.ts';
import { createServingLake, type ServingLake } from '../helpers/serving_lake.ts';
import { buildPage, eventually, launchBrowser, missingChromium, until } from '../web/browser.ts';
import { dropFiles } from '../web/drop_files.ts';

const options = { skip: missingChromium };

let lake: ServingLake;
let server: Server;
let browser: Browser;
let address: string;
const removals: (() => void)[] = [];

before(async () => {
  if (missingChromium !== false) return;
  lake = createServingLake(10);
  const pages = await buildPage('vacuum-pressure', 'experiments');
  removals.push(pages.remove, () => lake.remove());
  browser = await launchBrowser();
  // As others reach it: with a token, over a name that is an address.
  server = await startServer({ lake: lake.lake, host: '0.0.0.0', port: 0, allowRemote: true, webRoot: pages.webRoot });
  address = server.address.replace('0.0.0.0', '127.0.0.1');
});

after(async () => {
  await browser?.close();
  await server?.close();
  for (const remove of removals) remove();
});

/** A page without cookies that keeps what its content policy blocked. */
async function open(path: string): Promise<{ page: Page; blocked: () => Promise<string[]> }> {
  // Small: pixels are made by the processor here.
  const context = await browser.newContext({ viewport: { width: 640, height: 400 } });
  const page = await context.newPage();
  await page.addInitScript(() => {
    const seen: string[] = [];
    Object.assign(globalThis, { blocked: seen });
    addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) =>
      seen.push(`${violatedDirective} ${blockedURI}`),
    );
  });
  await page.goto(`${address}${path}`);
  return { page, blocked: () => page.evaluate(() => (globalThis as unknown as { blocked: string[] }).blocked) };
}

test('a page takes the token of its address, streams with it, and keeps it out of the address', options, async () => {
  const { page, blocked } = await open(`/vacuum-pressure.html?serving=demo#token=${server.token}`);
  await until(page, (terminal) => (terminal.data.session?.store.count ?? 0) > 3);
  equal(new URL(page.url()).hash, '');
  await page.reload();
  await until(page, (terminal) => (terminal.data.session?.store.count ?? 0) > 3);
  deepEqual(await blocked(), []);
  await page.goto(`${address}/experiments.html`);
  await page
    .getByText(/no runs|npx spymaster run/i)
    .first()
    .waitFor();
  deepEqual(await blocked(), []);
  await page.context().close();
});

test('a page without the token, or with another, says what is missing', options, async () => {
  for (const fragment of ['', '#token=guessed']) {
    const { page } = await open(`/experiments.html${fragment}`);
    await page
      .getByText(/This server asks for its token/)
      .first()
      .waitFor();
    await page.goto(`${address}/vacuum-pressure.html?serving=demo`);
    await page
      .getByText(/This server asks for its token/)
      .first()
      .waitFor();
    await page.context().close();
  }
});

test(
  'files are replayed in the browser, and inline scripts are not run, under the content policy',
  options,
  async () => {
    const { page, blocked } = await open('/vacuum-pressure.html');
    const { stream_dt, stream_start_time, ...runtime } = lake.spec.runtime_snapshot;
    const config = Buffer.from(JSON.stringify({ runtime, stream_dt, stream_start_time }));
    const files = [
      {
        name: 'glbx-mdp3-20260206.mbo.dbn.zst',
        bytes: zstdCompressSync(readFileSync(lake.rawFile)),
      },
      { name: 'replay.json', bytes: config },
    ];
    await dropFiles(page, files);
    await page.click('button:has-text("Replay"):enabled');
    await until(page, (terminal) => (terminal.data.session?.store.count ?? 0) > 3);
    deepEqual(await blocked(), []);
    await page.evaluate(() => {
      const script = document.createElement('script');
      script.textContent = 'globalThis.wasRun = true';
      document.body.append(script);
    });
    await eventually(page, 'globalThis.blocked.length > 0');
    equal(await page.evaluate(() => 'wasRun' in globalThis), false);
    match((await blocked())[0]!, /^script-src-elem inline/);
    await page.context().close();
  },
);

test('the documentation of the API works under its content policy', options, async () => {
  const { page, blocked } = await open(`/vacuum-pressure.html#token=${server.token}`);
  await eventually(page, "location.hash === ''");
  await page.goto(`${address}/docs/`);
  await page.getByText('/v1/experiments/table').first().waitFor();
  deepEqual(await blocked(), []);
  await page.context().close();
});
