import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { formatLatencyUs } from '../../src/format.ts';
import { type Server, startServer } from '../../src/server/index.ts';
import { type Outcomes, type RunExecution, runExecutionSchema } from '../../src/wire/index.ts';
import { curvesOf, type ExecutionPoint, latenciesOf } from '../../web/experiments/model/execution.ts';
import { percent, signed } from '../../web/experiments/model/format.ts';
import { runCommand } from '../helpers/run_command.ts';
import { createTwoDaysLake, type TwoDaysLake } from '../helpers/two_days_lake.ts';
import { addAxe, axeFindings, buildPage, launchBrowser, missingChromium, newPage } from '../web/browser.ts';

const options = { skip: missingChromium };

let pages: Awaited<ReturnType<typeof buildPage>>;
let days: TwoDaysLake;
let server: Server;
let browser: Browser;
let page: Page;

before(async () => {
  if (missingChromium !== false) return;
  [pages, days, browser] = await Promise.all([
    buildPage('experiments'),
    createTwoDaysLake(),
    launchBrowser({ webGl: false }),
  ]);
  server = await startServer({ lake: days.lake, host: '127.0.0.1', port: 0, webRoot: pages.webRoot });
  page = await newPage(browser, { viewport: { width: 1280, height: 800 }, colorScheme: 'dark' });
});

after(async () => {
  await browser?.close();
  await server?.close();
  days?.remove();
  pages?.remove();
});

const executionOf = async (runId: string): Promise<RunExecution> => {
  const answer = await fetch(`${server.address}/v1/experiments/runs/${runId}/execution`);
  return runExecutionSchema.parse(await answer.json());
};
const open = async (runId: string) => {
  await page.goto(`${server.address}/experiments.html?run=${runId}`);
  await page.locator('.execution h3').waitFor();
};

test('a run that was not executed has the command that executes it', options, async () => {
  const [runId] = days.runIds as [string];
  const { execution, execute_command: command } = await executionOf(runId);
  equal(execution, null);
  await open(runId);
  const section = page.getByRole('region', { name: 'Execution' });
  await section.getByText('has not been executed').waitFor();
  ok((await section.textContent())?.includes(command));
  const words = command.split(' ').slice(2);
  const { code, err } = await runCommand(...words);
  equal(code, 0, err);
});

test(
  'an executed run has its curve over latency by kind of entry, with and without met, beside the mid',
  options,
  async () => {
    const [runId] = days.runIds as [string];
    const execution = (await executionOf(runId)).execution as NonNullable<RunExecution['execution']>;
    deepEqual(latenciesOf(execution), [0, 100, 1000, 10_000, 100_000]);
    const curves = curvesOf(execution);
    await open(runId);
    const section = page.getByRole('region', { name: 'Execution' });
    await section.locator('.plot canvas').waitFor();
    const rows = await section.locator('tbody tr').allInnerTexts();
    const joins = curves.find(({ label }) => label === 'join')?.points as ExecutionPoint[];
    deepEqual(
      rows.map((row) => row.split('\t')),
      latenciesOf(execution).map((us, place) => {
        const { missed, orders } = joins[place] as ExecutionPoint;
        const net = curves.map(({ points }) => signed(points[place]?.mean_net_pnl_ticks ?? null, 2));
        return [formatLatencyUs(us), ...net, percent(missed / orders, 0)];
      }),
    );
    const caption = (await section.locator('figcaption').textContent()) ?? '';
    ok(caption.includes(`at the mid: ${signed(execution.mid.mean_net_pnl_ticks, 2)}`), caption);
    const text = (await section.textContent()) ?? '';
    for (const assumed of execution.assumed) ok(text.includes(assumed), assumed);
    match(text, /carries no p-values/);
    equal(/\bp\b *[=<]/.test(text), false);
    await addAxe(page);
    deepEqual(await axeFindings(page), []);
  },
);

test('the trades of an executed run are those of the real book, with the mid beside them', options, async () => {
  const [runId] = days.runIds as [string];
  const { threshold } = (await executionOf(runId)).execution as NonNullable<RunExecution['execution']>;
  await page.goto(`${server.address}/experiments.html?run=${runId}&threshold=${threshold}`);
  const trades = page.getByRole('region', { name: 'Trades', exact: true });
  await trades.getByRole('row').nth(1).waitFor();
  match(await trades.innerText(), /In the real book, as executed last: by market, 5 ms, size 1; .* Assumed: no impact/);
  const [head, first] = await trades.getByRole('row').allInnerTexts();
  deepEqual(head?.split('\t').slice(4, 7), ['Net', 'At the mid', 'Outcome']);
  const answer = await fetch(`${server.address}/v1/experiments/runs/${runId}/outcomes?threshold=${threshold}`);
  const { executed, mid_gain_ticks, cost_ticks } = (await answer.json()) as Outcomes;
  const cells = first?.split('\t') ?? [];
  deepEqual(cells.slice(2, 4).map(Number), [executed?.entry_price[0], executed?.exit_price[0]]);
  const atMid = (mid_gain_ticks[0] as number) - (cost_ticks[0] as number);
  deepEqual(cells.slice(4, 6), [signed(executed?.net_ticks[0] ?? null, 2), signed(atMid, 2)]);
});
