import { deepEqual, equal, ok } from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { type Server, startServer } from '../../src/server/index.ts';
import type { SweepPlan } from '../../src/sweep/index.ts';
import type { ExperimentDocumentResponse, Outcomes } from '../../src/wire/index.ts';
import { count, signed } from '../../web/experiments/model/format.ts';
import { stripTrials, stripWords } from '../../web/experiments/model/heat_strip.ts';
import { tradesOf } from '../../web/experiments/model/moments.ts';
import { sessionsOf, sessionWords } from '../../web/experiments/model/sessions.ts';
import { walkForwardWords } from '../../web/experiments/model/walk_forward.ts';
import { createExperimentsLake, type ExperimentsLake } from '../helpers/experiments_lake.ts';
import { fixtureJudgement } from '../helpers/lab_dataset.ts';
import { addAxe, buildPage, launchBrowser, missingChromium, newPage, soon } from '../web/browser.ts';

const options = { skip: missingChromium };
const dates = Array.from({ length: 12 }, (_, index) => `2026-03-${String(index + 2).padStart(2, '0')}`);

let pages: Awaited<ReturnType<typeof buildPage>>;
let fixture: ExperimentsLake;
let plan: SweepPlan;
let document: ExperimentDocumentResponse;
let server: Server;
let browser: Browser;
let page: Page;

before(async () => {
  if (missingChromium !== false) return;
  [pages, fixture, browser] = await Promise.all([
    buildPage('experiments'),
    createExperimentsLake(),
    launchBrowser({ webGl: false }),
  ]);
  const judgement = { ...fixtureJudgement, split: { trainSessions: 4, testSessions: 2, anchored: false } };
  plan = await fixture.sweepSessions(dates, { experimentName: 'twelve', tpTicks: [4], judgement });
  server = await startServer({ lake: fixture.lake, host: '127.0.0.1', port: 0, webRoot: pages.webRoot });
  const answer = await fetch(`${server.address}/v1/experiments/document?experiment=twelve`);
  document = (await answer.json()) as ExperimentDocumentResponse;
  page = await newPage(browser, { viewport: { width: 1280, height: 800 }, colorScheme: 'dark' });
});

after(async () => {
  await browser?.close();
  await server?.close();
  fixture?.remove();
  pages?.remove();
});

const open = async (query: string) => {
  await page.goto(`${server.address}/experiments.html${query}`);
  await page.waitForSelector('.grid-row, .sweep, .compare');
};
const one = async (selector: string) => (await page.locator(selector).allTextContents())[0];

test(
  'a run has a bar for each session; the chosen one has its trades below, a click opens its stream',
  options,
  async () => {
    const { runId } = plan.cells.at(0);
    await open(`?run=${runId}&at=0.5`);
    const sessions = sessionsOf(document, runId, 0.5);
    deepEqual(
      sessions.map(({ date }) => date),
      dates,
    );
    const slider = page.getByRole('slider', { name: 'Session' });
    await slider.waitFor();
    await soon(async () =>
      deepEqual(
        await page.locator('.session-bar').evaluateAll((bars) => bars.map((bar) => bar.classList[1])),
        sessions.map(({ netTicks }) => (netTicks! > 0 ? 'gains' : netTicks! < 0 ? 'loses' : 'even')),
      ),
    );
    const shows = async (index: number) => {
      const session = sessions[index]!;
      await soon(async () => equal(await slider.getAttribute('aria-valuetext'), sessionWords(session)));
      const figures = page.locator('.detail', { hasText: `${count(session.signals)} trades at` });
      await figures.getByText(`Equity at threshold 0.5 on ${session.date}`).waitFor();
      await soon(async () => ok((await one('.detail'))!.includes(`${signed(session.netTicks, 1)} ticks net`)));
    };
    await shows(0);
    await slider.focus();
    await page.keyboard.press('End');
    await shows(11);
    await soon(async () => equal(new URL(page.url()).searchParams.get('session'), dates[11]));
    await page.keyboard.press('ArrowLeft');
    await shows(10);
    const { x, y, width, height } = (await slider.boundingBox())!;
    await page.mouse.move(x + (width * 2.5) / 12, y + height / 2);
    await soon(async () => ok((await one('.session-readout'))?.startsWith(sessionWords(sessions[2]!))));
    const opened = () => page.waitForURL(`**/vacuum-pressure.html?serving=${runId}.20260304.t0.5#trade=first`);
    await page.mouse.down();
    await page.mouse.up();
    await opened();
    // Back at the runs, the session that was opened is the chosen one.
    await page.goBack();
    await slider.waitFor();
    await shows(2);
    await page.getByRole('link', { name: 'Open on the heatmap' }).click();
    await opened();
    await page.goBack();
    await slider.waitFor();
    await shows(2);
  },
);

test('the trades of a session are a list that scrolls, and lead to their moments', options, async () => {
  const { runId } = plan.cells.at(0);
  await open(`?run=${runId}&at=0.1&session=${dates[1]}`);
  const list = page.getByRole('region', { name: / trades$/ });
  await list.waitFor();
  const answer = await fetch(
    `${server.address}/v1/experiments/runs/${runId}/outcomes?threshold=0.1&session=${dates[1]}`,
  );
  const outcomes = (await answer.json()) as Outcomes;
  const tradeAt = tradesOf(outcomes)!;
  const total = outcomes.bin.length;
  ok(total > 40, `${total} trades`);
  await soon(async () => ok((await list.locator('tbody a').count()) < 30, 'rows out of view have no elements'));
  await soon(async () => equal(await list.locator('tbody a').first().getAttribute('href'), tradeAt(0).href));
  await list.evaluate((box) => {
    box.scrollTop = box.scrollHeight;
  });
  await list.locator(`a[href="${tradeAt(total - 1).href}"]`).waitFor();
  await page.getByRole('combobox', { name: 'Session' }).selectOption(dates[3]!);
  await page.getByText(`Equity at threshold 0.1 on ${dates[3]}`).waitFor();
  await soon(async () => equal(new URL(page.url()).searchParams.get('session'), dates[3]));
});

test('a run of one session has no bars, and its folds', options, async () => {
  await open(`?run=${fixture.plan.cells.at(0).runId}`);
  await page.getByText('Walk-forward folds at').waitFor();
  await page.getByText(/trades at .* ticks of costs/).waitFor();
  await soon(async () => equal(await page.locator('.session-bars').count(), 0));
});

test('keys are the page’s after a box was ticked: marks, arrows, views', options, async () => {
  await open('');
  const boxes = page.locator('.grid-row input[type=checkbox]');
  await boxes.nth(0).click();
  await boxes.nth(1).click();
  await page.keyboard.press('End');
  await page.keyboard.press('ArrowUp');
  await page.locator('.detail').first().waitFor();
  await page.keyboard.press('3');
  await page.locator('.compare').waitFor();
  await soon(async () => equal(new URL(page.url()).searchParams.getAll('mark').length, 2));
});

test('runs over several sessions are compared on their first, which is named', options, async () => {
  const [first, second] = plan.cells;
  await open(`?view=compare&mark=${first!.runId}&mark=${second!.runId}`);
  await page.getByText(`at its best threshold, of several sessions the first, ${dates[0]}`).waitFor();
});

const sweep = () => `?view=sweep&sweep=${encodeURIComponent(`twelve · derivative · ${dates[0]}`)}`;

test('the walk-forward has its curve, its numbers and the trials that it chose', options, async () => {
  await open(sweep());
  const walk = document.walk_forward!;
  equal(walk.test_sessions, 8);
  const section = page.getByRole('region', { name: 'Walk-forward' });
  await section.getByRole('img', { name: walkForwardWords(walk) }).waitFor();
  await section.getByText('Choices').click();
  await soon(async () => equal(await section.locator('tbody tr').count(), walk.stretches.length));
  await section.locator('tbody button').first().click();
  const { run_id, threshold } = walk.stretches.find((stretch) => stretch.run_id !== null)!;
  await soon(async () => {
    const { searchParams } = new URL(page.url());
    deepEqual([searchParams.get('run'), searchParams.get('at')], [run_id, String(threshold)]);
  });
});

test(
  'the strip shows every trial on every session, by pointer and by keys, and opens its trades',
  options,
  async () => {
    await open(sweep());
    const trials = stripTrials(document, new Set(document.trials.map(({ run_id }) => run_id)));
    const strip = page.getByRole('application', { name: /^Trials by session/ });
    await strip.waitFor();
    const readout = () => one('.strip-readout');
    await strip.focus();
    const reads = (words: string) => soon(async () => equal(await readout(), words));
    await reads(stripWords(trials[0]!, 0, dates[0]!));
    for (const key of ['ArrowDown', 'ArrowRight', 'ArrowRight']) await page.keyboard.press(key);
    await reads(stripWords(trials[1]!, 2, dates[2]!));
    await page.keyboard.press('End');
    await reads(stripWords(trials.at(-1)!, 2, dates[2]!));
    // Pixels have the colours of their signs: blue gains, orange loses.
    await page.keyboard.press('Home');
    await reads(stripWords(trials[0]!, 2, dates[2]!));
    const pixelSides = () =>
      page.locator('.strip-box canvas').evaluate((element, sessions) => {
        const canvas = element as HTMLCanvasElement;
        const context = canvas.getContext('2d')!;
        return Array.from({ length: sessions }, (_, at) => {
          const [r, , b] = context.getImageData(((at + 0.5) * canvas.width) / sessions, 4, 1, 1).data;
          return Math.sign(b! - r!);
        });
      }, dates.length);
    const sides = trials[0]!.session_net_ticks.map((net) => (Math.abs(net!) < 5 ? 0 : Math.sign(net!)));
    ok(sides.filter((side) => side !== 0).length > 6);
    await soon(async () => {
      const pixels = await pixelSides();
      for (const [at, side] of sides.entries()) if (side !== 0) equal(pixels[at], side, `session ${at}`);
    });
    await page.keyboard.press('Enter');
    await soon(async () => {
      const { searchParams } = new URL(page.url());
      deepEqual(
        ['run', 'at', 'session'].map((name) => searchParams.get(name)),
        [trials[0]!.run_id, String(trials[0]!.threshold), dates[2]],
      );
    });
  },
);

test('of thousands of trials the strip draws those in view, down to the last', options, async () => {
  const trials = Array.from({ length: 5000 }, (_, index) => ({
    ...document.trials[index % document.trials.length]!,
    ...{ threshold: index, p_adjusted: null, q_value: null },
    ...{ mean_net_pnl_ticks_low: -index, mean_net_pnl_ticks: -index },
  }));
  const body = JSON.stringify({ ...document, trials });
  await page.route('**/v1/experiments/document?*', (route) => route.fulfill({ body, contentType: 'application/json' }));
  await open(sweep());
  const strip = page.getByRole('application', { name: /^Trials by session/ });
  await page.getByText('5 000 trials down').waitFor();
  await strip.focus();
  await page.keyboard.press('End');
  await soon(async () => equal(await one('.strip-readout'), stripWords(trials.at(-1)!, 0, dates[0]!)));
  await soon(async () => {
    const [seen, whole, drawn] = await strip.evaluate((box) => [
      box.scrollTop + box.clientHeight,
      box.scrollHeight,
      box.querySelector('canvas')!.clientHeight,
    ]);
    equal(seen, whole, 'the last row is in view');
    ok(drawn! <= 360, 'the canvas is no larger than its box');
  });
  await page.unroute('**/v1/experiments/document?*');
});

test('axe finds nothing serious in the sessions of a run and of a sweep, dark or light', options, async () => {
  await open(`${sweep()}&run=${plan.cells.at(0).runId}`);
  await page.locator('.session-bars').waitFor();
  await page.locator('.strip-box').waitFor();
  await addAxe(page);
  for (const theme of ['Light', 'Dark']) {
    await page.getByRole('button', { name: theme, exact: true }).click();
    const found = await page.evaluate(async () => {
      const { axe } = globalThis as unknown as { axe: typeof import('axe-core') };
      const { violations } = await axe.run('.workspace', { resultTypes: ['violations'] });
      return violations
        .filter(({ impact }) => impact === 'serious' || impact === 'critical')
        .map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html.slice(0, 160)).join(' ')}`);
    });
    deepEqual(found, [], theme);
  }
});
