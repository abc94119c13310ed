import { deepEqual, equal, ok } from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { gridColumns } from '../../src/engine/index.ts';
import type { Terminal } from '../../web/vacuum-pressure/playback/terminal.ts';
import { ask, buildPage, drawn, heatPixels, launchBrowser, missingChromium, soon, until } from '../web/browser.ts';
import { fakeConfig, fakeUpdate } from '../web/fake_session.ts';

const options = { skip: missingChromium };
const address = 'http://archive.test';
const bins = 2600;
/** Cells of bins that are so many apart are equal. */
const period = 97;

let browser: Browser;
let pages: Awaited<ReturnType<typeof buildPage>>;
before(async () => {
  if (missingChromium !== false) return;
  [pages, browser] = await Promise.all([buildPage('vacuum-pressure'), launchBrowser()]);
});
after(async () => {
  await browser?.close();
  pages?.remove();
});

/** Gives the page a session of `bins` bins, all of whose real columns hold `seq mod period + row`. */
function receive([configText, updateText, columns, bins, period]: readonly [
  string,
  string,
  readonly (readonly [string, string])[],
  number,
  number,
]): void {
  const { terminal } = globalThis as unknown as { terminal: Terminal };
  const config = JSON.parse(configText);
  terminal.playback.connection({ phase: 'streaming', said: null });
  terminal.playback.config(config);
  const rows: number = config.grid_rows;
  for (let seq = 0; seq < bins; seq++) {
    const startNs = 1_770_388_260_000_000_000n + BigInt(seq) * 100_000_000n;
    const update = { ...JSON.parse(updateText), bin_seq: seq, event_id: seq };
    Object.assign(update, { bin_start_ns: String(startNs), ts_ns: String(startNs + 100_000_000n) });
    update.bin_end_ns = update.ts_ns;
    const made = columns.map(([name, type]) => {
      const values = Array.from({ length: rows }, (_, row) => (type === 'float64' ? (seq % period) + row : 0));
      return [name, type === 'int64' ? new BigInt64Array(rows) : Float64Array.from(values)];
    });
    terminal.playback.bin(update, { rows, columns: Object.fromEntries(made) });
  }
}

async function open(page: Page): Promise<void> {
  await page.route(`${address}/**`, (route) =>
    route.fulfill({ path: join(pages.webRoot, new URL(route.request().url()).pathname) }),
  );
  await page.route(`${address}/v1/**`, (route) => route.fulfill({ status: 404, json: { code: 'X', error: 'None.' } }));
  await page.routeWebSocket(/stream/, () => {});
  await page.goto(`${address}/vacuum-pressure.html?serving=none`);
  await page.evaluate(receive, [
    JSON.stringify(fakeConfig()),
    JSON.stringify(fakeUpdate(0)),
    gridColumns,
    bins,
    period,
  ] as const);
}

test(
  'cells of older bins are put aside, and are there again when one points at them or chooses their layer',
  options,
  async () => {
    const page = await browser.newPage({ viewport: { width: 960, height: 600 } });
    await open(page);
    await ask(page, (terminal) => {
      terminal.settings.change({
        ...{ readout: 'full', layer: 'flow_score' },
        scales: { v_add: { map: 'rose-cyan', cutoffs: 'value', low: 0, high: 110, gamma: 1, contrast: 1 } },
      });
    });
    await until(page, ({ data }) => !data.session!.store.hasCells('v_add', 300));
    const [rested, kept] = await ask(page, ({ data: { session } }) => [
      session!.store.hasCells('rest_depth', 300),
      session!.store.hasCells('flow_score', 300),
    ]);
    deepEqual([rested, kept], [false, true]);

    const point = async (seq: number) => {
      await ask(
        page,
        (terminal, left) =>
          terminal.chart.setView({ ...terminal.chart.view, left, top: 106, binsPerPx: 1 / 8, ticksPerPx: 1 / 16 }),
        seq,
      );
      await ask(page, ({ chart }) => chart.pointAt([4, 16 * 4 + 2]));
    };
    await point(300);
    await until(page, ({ data }) => data.session!.store.hasCells('v_add', 300));
    const told = await ask(page, ({ data: { session }, chart: { crosshair } }) =>
      session!.store.value('v_add', 300, Math.floor(crosshair!.price + 0.5)),
    );
    await soon(async () => {
      const texts = await page.locator('.readout dd').allTextContents();
      ok(
        texts.some((text) => text.startsWith(`+${told.toFixed(2)} `)),
        texts.join(),
      );
    });

    await ask(page, (terminal) => terminal.settings.change({ layer: 'v_add' }));
    await until(page, ({ data }) => data.session!.store.hasCells('v_add', 900));
    equal(await ask(page, ({ data }) => data.session!.store.hasCells('a_add', 900)), false);
    const pixelsAt = async (seq: number) => {
      await point(seq);
      await drawn(page);
      return heatPixels(page, [
        [4, 90],
        [84, 90],
        [164, 90],
      ]);
    };
    const recent = await pixelsAt(900 + 15 * period);
    deepEqual(await pixelsAt(900), recent);
    ok(new Set(recent.map(String)).size > 1, 'the values have colours');
  },
);

test('what a page put aside goes with it, or, left by a crash, when the next one opens', options, async () => {
  const page = await (await browser.newContext()).newPage();
  const count = () => page.evaluate(async () => (await indexedDB.databases()).length);
  const leave = () =>
    page.evaluate(
      () =>
        new Promise<void>((resolve) => {
          const opening = indexedDB.open('spymaster-cells-left');
          opening.onsuccess = () => {
            opening.result.close();
            resolve();
          };
        }),
    );
  for (let visit = 0; visit < 2; visit++) {
    await open(page);
    await until(page, ({ data }) => !data.session!.store.hasCells('v_add', 300));
    if (visit === 0) await leave();
  }
  await soon(async () => equal(await count(), 1));
  await page.route(`${address}/nothing.html`, (route) => route.fulfill({ contentType: 'text/html', body: '<p>' }));
  await page.goto(`${address}/nothing.html`);
  await soon(async () => equal(await count(), 0));
});
