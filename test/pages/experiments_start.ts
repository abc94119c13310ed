import { deepEqual, equal, match } from 'node:assert/strict';
import { cpSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { runCommand } from '../../src/cli/serve.ts';
import { type Server, startServer } from '../../src/server/index.ts';
import { createExperimentsLake, type ExperimentsLake } from '../helpers/experiments_lake.ts';
import { runCommand as runCli } from '../helpers/run_command.ts';
import { addAxe, buildPage, launchBrowser, missingChromium, newPage, soon } from '../web/browser.ts';

/* What the page changes: specs, sweeps and what is published, with real processes. */

const options = { skip: missingChromium };

let pages: Awaited<ReturnType<typeof buildPage>>;
let fixture: ExperimentsLake;
let server: Server;
let browser: Browser;
let page: Page;
let specFolder: string;

before(async () => {
  if (missingChromium !== false) return;
  [pages, fixture, browser] = await Promise.all([
    buildPage('experiments'),
    createExperimentsLake(),
    launchBrowser({ webGl: false }),
  ]);
  const { lake } = fixture;
  cpSync('configs', join(lake.root, 'configs'), { recursive: true });
  specFolder = join(lake.root, 'configs', 'experiments');
  const raw = lake.rawFolder('future_mbo', 'MNQH6');
  mkdirSync(raw, { recursive: true });
  const file = join(raw, 'mnqh6-20260206.mbo.dbn.zst');
  await runCli('synth', '--out', file, '--profile', 'open', '--minutes', '15', '--rate', '60');
  server = await startServer({ lake, host: '127.0.0.1', port: 0, webRoot: pages.webRoot, specFolder, runCommand });
  page = await newPage(browser, { viewport: { width: 1280, height: 800 } });
});

after(async () => {
  await browser?.close();
  await server?.close();
  fixture?.remove();
  pages?.remove();
});

const open = (query: string, token = '') => page.goto(`${server.address}/experiments.html${query}${token}`);
/** What axe finds that keeps somebody from using the view. */
async function seriousViolations(): Promise<string[]> {
  await addAxe(page);
  return await page.evaluate(async () => {
    const { axe } = globalThis as unknown as { axe: typeof import('axe-core') };
    const { violations } = await axe.run('main', { resultTypes: ['violations'] });
    return violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
  });
}
const button = (name: string) => page.getByRole('button', { name, exact: true });

test('without the token nothing is changed; the page takes it and says when it is another', options, async () => {
  await open('?view=start&spec=sweep_derivative');
  const field = page.locator('.notice input');
  await field.fill('guessed');
  await button('Enter').click();
  await soon(async () =>
    match((await page.locator('.notice [role=alert]').textContent()) ?? '', /not the token of this server/),
  );
  await soon(async () => equal(await page.locator('.spec-editor textarea').getAttribute('readonly'), ''));
  await field.fill(`${server.address}/experiments.html#token=${server.changeToken}`);
  await button('Enter').click();
  await page.waitForSelector('.plan dl');
  await soon(async () => equal(await page.locator('.notice').count(), 0));
});

test('a spec is edited with its errors, saved under another name, run, and seen when it ended', options, async () => {
  const editor = page.locator('.spec-editor textarea');
  const text = await editor.inputValue();
  await editor.fill(text.replace('tp_ticks: [4, 8]', 'tp_ticks: [-4, 8]'));
  await page.waitForSelector('.gutter .at-error');
  const line = text.split('\n').findIndex((one) => one.includes('tp_ticks')) + 1;
  await soon(async () => equal(await page.locator('.gutter .at-error').textContent(), String(line)));
  await soon(async () =>
    match(
      (await page.locator('#spec-state').textContent()) ?? '',
      /sweep_derivative\.yaml:\d+:\d+: eval\.tp_ticks\[0\] is -4/,
    ),
  );
  await soon(async () => equal(await button('Run').isDisabled(), true));
  // What was edited outlives the page.
  await page.reload();
  await page.waitForSelector('.gutter .at-error');
  await editor.fill(text.replace('name: sweep_derivative', 'name: mine'));
  await button('Save as mine').click();
  await page.waitForFunction(() => location.search.includes('spec=mine'));
  equal(readFileSync(join(specFolder, 'mine.yaml'), 'utf8'), text.replace('name: sweep_derivative', 'name: mine'));
  deepEqual(await seriousViolations(), []);
  await button('Run').click();
  await page.waitForSelector('.sweeps-panel li:has-text("mine")');
  await soon(async () =>
    match((await page.locator('.sweeps-panel li').first().textContent()) ?? '', /^mine done .*, 16 evaluated, output$/),
  );
});

test('a run is promoted with a reason, and its alias rolled back', options, async () => {
  for (const [index, reason] of ['first', 'second'].entries()) {
    const { runId } = fixture.plan.cells.at(index);
    await open(`?run=${runId}`);
    // Its best threshold is known with the table.
    await page.waitForSelector('.grid-row');
    await page.locator('.promote summary').click();
    await page.waitForSelector('.promote li');
    await page.getByRole('textbox', { name: 'Alias' }).fill('live');
    await page.getByLabel('Reason').fill(reason);
    await soon(async () =>
      equal(await button('Promote').isDisabled(), true, 'what is known against it is accepted first'),
    );
    await page.getByLabel('publish it all the same').check();
    await button('Promote').click();
    await page.waitForSelector('.promote [role=status]');
    await page.waitForSelector('.detail :text("served as live")');
    await soon(async () =>
      equal(await page.locator('.promote [role=status]').count(), 1, 'the answer stays when the run is loaded anew'),
    );
  }
  await open('?view=published');
  await page.waitForSelector('[aria-label=Comparison] td');
  await button('Roll back to it').click();
  await page.locator('.rollback input').fill('the first was better');
  await button('Roll back').click();
  await page.waitForSelector('td:has-text("the first was better")');
  await soon(async () =>
    deepEqual(await page.locator('.alias table').first().locator('tbody td:nth-child(4)').allTextContents(), [
      ...['the first was better', 'second', 'first'],
    ]),
  );
  deepEqual(await seriousViolations(), []);
});
