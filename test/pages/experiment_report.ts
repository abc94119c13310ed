import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { type ReportDocument, renderExperimentReport } from '../../src/sweep/index.ts';
import { madeDocument } from '../helpers/made_document.ts';
import { launchBrowser, missingChromium, soon } from '../web/browser.ts';

const options = { skip: missingChromium };
const folder = mkdtempSync(join(tmpdir(), 'spymaster-experiment-report-'));
const hostile = '</script><script>globalThis.broken=1</script><img src=x onerror="globalThis.broken=1">&\'"\u2028';
const faults: string[] = [];
let browser: Browser;

before(async () => {
  if (missingChromium === false) browser = await launchBrowser({ webGl: false });
});
after(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true });
});

/** The report of a document, opened from a file in a browser without a network; what goes wrong lands in `faults`. */
async function open(document: ReportDocument, codeVersion = 'test'): Promise<Page> {
  const file = pathToFileURL(join(folder, 'q1.html'));
  writeFileSync(file, await renderExperimentReport(document, codeVersion));
  const viewport = { width: 1280, height: 800 };
  const page = await (await browser.newContext({ viewport, colorScheme: 'light', offline: true })).newPage();
  page.on('console', (message) => faults.push(message.text()));
  page.on('pageerror', (error) => faults.push(error.message));
  page.on('request', (request) => {
    if (request.url() !== file.href) faults.push(request.url());
  });
  await page.goto(file.href);
  return page;
}

const textOf = async (page: Page, selector: string) => (await page.locator(selector).textContent()) ?? '';

/** The page shows no value that stands for none, and no number in scientific notation but p-values. */
async function assertClean(page: Page): Promise<void> {
  const text = await page.locator('main').innerText();
  deepEqual(text.match(/.{0,40}(NaN|undefined|Infinity|null|\[object|\d\.\d+e-|\.\d{5,}).{0,40}/s)?.[0] ?? null, null);
  deepEqual(faults, []);
}

/** Number of colours of a canvas below `selector`. */
const coloursIn = (page: Page, selector: string) =>
  page.evaluate<number>(
    `(() => { const c = document.querySelector('${selector} canvas'); return new Set(new Uint32Array(c.getContext('2d').getImageData(0, 0, c.width, c.height).data.buffer)).size; })()`,
  );

test(
  'a report says the verdict first, draws curves, days and trials, and reads out what is pointed at',
  options,
  async () => {
    const page = await open(madeDocument(60, 32));
    equal(await textOf(page, 'h1'), 'made');
    const { y } = (await page.locator('.headline').boundingBox())!;
    ok(y < 150, `the verdict stands at ${y}`);
    equal(await textOf(page, '.headline'), 'interim: too few days');
    match(await textOf(page, '.verdict'), /adjusted p 0\.012.*could have shown 0\.42 ticks/s);
    for (const id of ['equity', 'days', 'strip']) {
      await soon(async () => ok((await coloursIn(page, `#${id}`)) > 3, id));
    }
    equal(await page.evaluate('document.documentElement.scrollWidth'), 1280);

    await page.locator('#days .u-over').hover();
    await soon(async () =>
      match(await textOf(page, '#days .u-legend'), /2026-0\d-\d\d.*net.*[+−]?\d+\.00.*trades.*100/s),
    );
    await page.locator('#equity .u-over').hover();
    await soon(async () =>
      match(await textOf(page, '#equity .u-legend'), /upper end.*lower end.*walk-forward.*in sample/s),
    );

    await page.locator('#strip').focus();
    await page.keyboard.press('ArrowDown');
    await soon(async () => equal(await textOf(page, '#strip-cell'), '#1 00000000 at 0.1 · 2026-01-05: did not run'));
    await page.keyboard.press('ArrowRight');
    await soon(async () =>
      match(
        await textOf(page, '#strip-cell'),
        /^#1 00000000 at 0\.1 · 2026-01-06: [+−]\d+\.00 ticks in 100 trades \([+−]\d\.\d\d a trade\)$/,
      ),
    );
    const box = (await page.locator('#strip canvas').boundingBox())!;
    await page.mouse.move(box.x + box.width - 2, box.y + 2);
    await soon(async () => match(await textOf(page, '#strip-cell'), /^#1 00000000 at 0\.1 · 2026-02-17: /));

    match(await textOf(page, 'main'), /in 12\.0 % of them \(PBO\), and loses money there in 31\.0 %/);
    match(await textOf(page, 'main'), /as the best of 42 independent trials would have; 59 were counted/);
    match(
      await textOf(page, 'main'),
      /32 sessions, rolls on 2026-01-27, 1 left out\. Trades .*Holdout: 2 sessions, 2026-12-28 to 2026-12-29, opened 1 time\./,
    );
    match(await textOf(page, 'main'), /2026-02-16holiday/);
    match(
      await textOf(page, '.feeds'),
      /2026-01-082 fills.*2026-01-09the lake no longer has its dataset.*30 of 32 sessions have none/s,
    );
    match(await textOf(page, 'main'), /MNQM6from MNQH609:30 to 16:00/);
    await assertClean(page);
  },
);

test('trials are listed by p, and sort by a click on a head; those without a value come last', options, async () => {
  const page = await open(madeDocument(60, 32));
  const rows = page.locator('.trials tbody tr');
  await soon(async () => equal(await rows.count(), 50));
  match(await textOf(page, '.trials .lead'), /The 50 of 60 with the most evidence are listed/);
  await soon(async () => equal(await rows.first().locator('th').textContent(), '00000000'));
  await soon(async () => equal(await rows.locator('svg.mark').count(), 50));
  const first = (await rows.first().locator('td').allTextContents()).join(' ');
  match(
    first,
    /2\u202f400 \+0\.60 \+0\.30 to \+0\.90 {2}3e-4 3e-4 3e-4 yes 3 4 400 \+0\.30 – – 0\.200 < 1e-4 \+0\.30 1\u202f300 \+0\.60 1\u202f100 – 1\.00/,
  );
  await soon(async () => equal(await page.locator('.trials tbody tr:not(.muted)').count(), 1));

  const net = page.getByRole('button', { name: 'net, ticks' });
  const column = async () =>
    await page.evaluate<string[]>(
      `[...document.querySelectorAll('.trials tbody tr')].map((row) => row.cells[4].dataset.key)`,
    );
  await net.click();
  await page.locator('th[aria-sort=ascending]').waitFor();
  const rising = (await column()).map(Number);
  deepEqual(
    rising,
    rising.toSorted((a, b) => a - b),
  );
  await soon(async () => equal(await page.locator('th[aria-sort=ascending]').count(), 1));
  await net.click();
  await soon(async () => deepEqual((await column()).map(Number), rising.toReversed()));
  await page.getByRole('button', { name: 'short net' }).click();
  await assertClean(page);
});

test(
  'a large search is capped, and says so; without costs, a walk-forward or a tested trial the page says that',
  options,
  async () => {
    const large = await open(madeDocument(1620, 250));
    match(await textOf(large, 'main'), /The 400 of 1\u202f620 with the most evidence are drawn/);
    await soon(async () => ok((await coloursIn(large, '#strip')) > 100));
    await assertClean(large);

    const made = madeDocument(3, 8);
    const trials = made.trials.map((trial) => ({ ...trial, p_profit: null, survives: null, is_tested: false }));
    const bare = await open({
      ...made,
      ...{ trials, best: null, survivors: [], walk_forward: null, rolls: [], left_out: [], scope: 'within these days' },
      holdout: null,
      ...{ costs: { spread: 'none', commissionTicks: 0 }, is_before_costs: true },
      family: { ...made.family, spa_p: null, luck_sharpe: null, luck_trials: null, overfitting: null },
    });
    await soon(async () => equal(await bare.locator('.tag').count(), 2));
    match(await textOf(bare, 'main'), /No walk-forward: 8 sessions leave none to test/);
    match(await textOf(bare, 'main'), /Every number of this page is before costs/);
    await soon(async () => equal(await bare.locator('#equity').count(), 0));
    await assertClean(bare);
  },
);

test(
  'no text of the data is run or breaks the page, and axe objects to nothing in either scheme',
  options,
  async () => {
    const made = madeDocument(8, 12);
    const trials = made.trials.map((trial) => ({
      ...trial,
      run_id: hostile,
      parameters: { [hostile]: hostile, a: trial.threshold },
    }));
    const page = await open(
      {
        ...made,
        ...{ trials, experiment_name: hostile, signal_name: hostile },
        verdict: { ...made.verdict, headline: hostile, sentence: hostile, sensitivity: hostile },
        sessions: made.sessions.map((session) => ({
          ...session,
          symbol: hostile,
          dataset_id: hostile,
          anomalies: [hostile],
        })),
        left_out: [{ date: hostile, reason: hostile }],
        scope: hostile,
      },
      hostile,
    );
    equal(await page.evaluate('globalThis.broken'), undefined);
    await soon(async () => equal(await page.locator('img').count(), 0));
    equal(await page.title(), `${hostile} – experiment`);
    equal(await textOf(page, 'h1'), hostile);
    const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
    const objections = async (target: Page, rules: string) =>
      await target.evaluate<string[]>(
        `axe.run(${rules}).then(({ violations }) => violations.map(({ id, nodes }) => id + ' ' + nodes[0].target))`,
      );
    const plain = await open(madeDocument(8, 12));
    await plain.evaluate(axe);
    deepEqual(await objections(plain, ''), []);
    await plain.emulateMedia({ colorScheme: 'dark' });
    deepEqual(await objections(plain, "{ runOnly: ['color-contrast'] }"), []);
    deepEqual(faults, []);
  },
);
