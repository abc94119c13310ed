import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type { Page } from 'playwright-core';
import { formatLatencyUs } from '../../src/format.ts';
import type { Server } from '../../src/server/index.ts';
import { readExecution } from '../../src/sweep/index.ts';
import {
  type Outcomes,
  type RunExecution,
  type RunOrders,
  runExecutionSchema,
  runOrdersSchema,
} from '../../src/wire/index.ts';
import { curvesOf, type ExecutionPoint, latenciesOf } from '../../web/experiments/model/execution.ts';
import { percent, signed } from '../../web/experiments/model/format.ts';
import { formatFixed, formatPriceNumber } from '../../web/shared/numbers.ts';
import { palettes } from '../../web/shared/theme.ts';
import { ordersByTrade, orderWords } from '../../web/vacuum-pressure/session/trade_orders.ts';
import { runCommand } from '../helpers/run_command.ts';
import { createTwoDaysLake, type TwoDaysLake } from '../helpers/two_days_lake.ts';
import { addAxe, ask, axeFindings, missingChromium, soon, until } from '../web/browser.ts';
import { type LakePage, openLakePage } from '../web/lake_page.ts';

const options = { skip: missingChromium };
const session = '2026-02-06';

let opened: LakePage;
let days: TwoDaysLake;
let server: Server;
let page: Page;
let runId: string;

before(async () => {
  if (missingChromium !== false) return;
  days = await createTwoDaysLake();
  runId = days.runIds[1]!;
  const { code, err } = await runCommand(
    ...['execute', '--run-id', runId, '--entry', 'join', '--no-curve', '--lake-root', days.lake.root],
  );
  equal(code, 0, err);
  opened = await openLakePage(days.lake, ['experiments', 'vacuum-pressure'], { width: 1280, height: 800 });
  ({ server, page } = opened);
});

after(async () => {
  await opened?.close();
  days?.remove();
});

const ordersOf = async (id: string): Promise<RunOrders> => {
  const { threshold } = (await readExecution(days.lake, runId))!;
  const query = `threshold=${threshold}&session=${session}`;
  const answer = await fetch(`${server.address}/v1/experiments/runs/${id}/orders?${query}`);
  return runOrdersSchema.parse(await answer.json());
};

test('orders of a run that was not executed are none, and a session has a date', options, async () => {
  equal((await ordersOf(days.runIds[0]!)).executed, null);
  const answer = await fetch(`${server.address}/v1/experiments/runs/${runId}/orders?threshold=1&session=friday`);
  equal(answer.status, 422);
});

/** Pixels of the drawing in exactly the colour of what is ours. */
const oursPixels = (colour: string) =>
  page.locator('.overlay-canvas').evaluate((element, hex) => {
    const canvas = element as HTMLCanvasElement;
    const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
    const rgb = [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16));
    let count = 0;
    for (let at = 0; at < data.length; at += 4) if (rgb.every((value, i) => data[at + i] === value)) count++;
    return count;
  }, colour);
const shown = (on: boolean) =>
  ask(page, ({ settings }, orders) => settings.change({ overlays: { ...settings.current.overlays, orders } }), on);

/** Whether more is drawn in our colour with the overlay of our orders. */
async function areDrawn(): Promise<void> {
  const { ours } = palettes.dark;
  await soon(async () => {
    await shown(true);
    const on = await settled(() => oursPixels(ours));
    await shown(false);
    const off = await settled(() => oursPixels(ours));
    ok(on > off + 20, `${on} pixels with the orders, ${off} without`);
  });
}

/** A number once it stays. */
async function settled(read: () => Promise<number>): Promise<number> {
  for (let last = Number.NaN; ; ) {
    await delay(150);
    const now = await read();
    if (now === last) return now;
    last = now;
  }
}

test('a trade of an executed run has its orders, their place in the queue and their fills', options, async () => {
  const orders = await ordersOf(runId);
  const { threshold, assumed } = orders.executed!;
  // The first trade that was filled after it had stood behind others.
  const trade = orders.executed!.orders.find(
    ({ role, fills, ahead_at_arrival: ahead }) => role === 'entry' && fills.length > 0 && ahead > 0,
  )!.trade;
  const outcomes = `${server.address}/v1/experiments/runs/${runId}/outcomes?threshold=${threshold}&session=${session}`;
  const { bin, executed, mid_gain_ticks, cost_ticks } = (await (await fetch(outcomes)).json()) as Outcomes;
  const serving = `${runId}.${session.replaceAll('-', '')}.t${threshold}`;
  await page.goto(`${server.address}/vacuum-pressure.html?serving=${serving}#trade=${bin[trade]}`);
  const items = page.getByRole('list', { name: 'Orders in the real queue' }).getByRole('listitem');
  await items.first().waitFor();
  const price = (value: number) => formatPriceNumber(value, 2);
  const words = (ordersByTrade(orders).get(trade) ?? []).map((order) => orderWords(order, price));
  const told = `Executed joins, 5 ms of latency. Assumed: ${assumed.join('; ')}.`;
  await soon(async () => deepEqual(await items.allInnerTexts(), [...words, told]));
  match(words[0]!, /^entry: limit [\d,.]+, \d+ ahead; filled 1 @ [\d,.]+ by \w+ after/);
  const atMid = mid_gain_ticks[trade]! - cost_ticks[trade]!;
  await soon(async () => {
    const chip = (await page.getByRole('region', { name: 'Trade' }).innerText()).replaceAll('\n', ' ');
    ok(chip.includes(`${formatFixed(executed!.net_ticks[trade]!, 2)} ticks net at the mid`), chip);
    ok(chip.includes(`, ${formatFixed(atMid, 2)}`), chip);
  });
  await until(page, ({ chart, data }) => data.session?.store.has(chart.momentSeq ?? -1) === true);
  await page.getByRole('button', { name: 'Pause' }).click();
  await areDrawn();
});

test('a stream of an executed run shows its orders without a trade, at its own threshold alone', options, async () => {
  const { threshold, orders } = (await ordersOf(runId)).executed!;
  const name = (at: number) => `${runId}.${session.replaceAll('-', '')}.t${at}`;
  await page.goto(`${server.address}/vacuum-pressure.html?serving=${name(threshold)}`);
  await until(
    page,
    ({ facts }, count) => facts.ordersByTrade.size === count,
    new Set(orders.map((one) => one.trade)).size,
  );
  const lastMs = orders[0]!.arrival_ms + 3000;
  await until(page, ({ data, chart }) => data.session !== null && chart.view.widthPx > 0);
  await ask(page, ({ data, playback }, ms) => playback.seek(Math.floor(data.timeOf(ms))), lastMs);
  await until(page, ({ data }, ms) => data.session?.store.has(Math.floor(data.timeOf(ms))) === true, lastMs);
  await page.getByRole('button', { name: 'Pause' }).click();
  await areDrawn();
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
  await soon(async () => ok((await section.textContent())?.includes(command)));
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
    const joins = curves.find(({ label }) => label === 'join')?.points as ExecutionPoint[];
    const expected = latenciesOf(execution).map((us, place) => {
      const { missed, orders } = joins[place] as ExecutionPoint;
      const net = curves.map(({ points }) => signed(points[place]?.mean_net_pnl_ticks ?? null, 2));
      return [formatLatencyUs(us), ...net, percent(missed / orders, 0)];
    });
    await soon(async () => {
      const rows = await section.locator('tbody tr').allInnerTexts();
      deepEqual(
        rows.map((row) => row.split('\t')),
        expected,
      );
    });
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
  await soon(async () =>
    match(
      await trades.innerText(),
      /In the real book, as executed last: by market, 5 ms, size 1; .* Assumed: no impact/,
    ),
  );
  const [head, first] = await trades.getByRole('row').allInnerTexts();
  deepEqual(head?.split('\t').slice(4, 7), ['Net', 'At the mid', 'Outcome']);
  const answer = await fetch(`${server.address}/v1/experiments/runs/${runId}/outcomes?threshold=${threshold}`);
  const { executed, mid_gain_ticks, cost_ticks } = (await answer.json()) as Outcomes;
  const cells = first?.split('\t') ?? [];
  deepEqual(cells.slice(2, 4).map(Number), [executed?.entry_price[0], executed?.exit_price[0]]);
  const atMid = (mid_gain_ticks[0] as number) - (cost_ticks[0] as number);
  deepEqual(cells.slice(4, 6), [signed(executed?.net_ticks[0] ?? null, 2), signed(atMid, 2)]);
});
