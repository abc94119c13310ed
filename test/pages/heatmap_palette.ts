import { deepEqual, equal, ok } from 'node:assert/strict';
import { test } from 'node:test';
import { addAxe, ask, axeFindings, missingChromium, soon, until } from '../web/browser.ts';
import { heatmapSuite } from '../web/heatmap_suite.ts';

const options = { skip: missingChromium };
const suite = heatmapSuite({ width: 1280, height: 800 });

test(
  'a price of the chart alerts, and the palette finds panels, speeds, layouts and times by name',
  options,
  async () => {
    const page = await suite.newPage({});
    await page.goto(`${suite.server.address}/vacuum-pressure.html?serving=demo`);
    await until(page, (terminal) => (terminal.data.session?.store.count ?? 0) > 20);
    await page.locator('.heat').click({ button: 'right', position: { x: 300, y: 200 } });
    await page.getByRole('menuitem', { name: /^Alert at \d/ }).click();
    equal(await ask(page, (terminal) => terminal.alerts.shownPrices.length), 1);
    await soon(async () => equal(await page.locator('.chart-menu').isVisible(), false));
    await page.keyboard.press('a');
    await addAxe(page);
    const sheet = page.getByRole('group', { name: 'Alerts' });
    await soon(async () => ok((await sheet.innerText()).includes('No alert yet.')));
    // An event of the feed that the price waits for, as the stream would bring it.
    await ask(page, ({ alerts, data }) => {
      const [first] = alerts.prices;
      const price_int = String(Math.round((first?.price ?? 0) * 1e9));
      const bin_seq = 100_000;
      const ts_ns = String(data.endNs(0));
      const bin = { bin_seq, ts_ns, state_model_name: '', state_model_score: 0, book_valid: true };
      alerts.bin({ ...bin, state_model_ready: false, state_model_firing: 0 });
      const trade = { kind: 'trade', side: 'bid', price_int, size: 1, event: 1, ts_ns, detail: {} } as never;
      alerts.events({ type: 'order_events', bin_seq, events: [trade] });
    });
    await soon(async () => ok(/the market trades at .* · replay/.test(await sheet.innerText())));
    ok((await page.locator('.notice-text').innerText()).startsWith('Alert (replay): the market trades at'));
    deepEqual(await axeFindings(page), []);
    await page.keyboard.press('Escape');

    const choose = async (text: string, key = 'Enter') => {
      await page.keyboard.press('k');
      await page.getByRole('combobox', { name: 'Name of a command' }).fill(text);
      await page.keyboard.press(key);
      await soon(async () => equal(await page.locator('.palette').isVisible(), false));
    };
    await choose('ladder');
    equal(await ask(page, (terminal) => terminal.settings.current.panels.ladder), true);
    await choose('speed 50');
    equal(await ask(page, (terminal) => terminal.playback.speed), 50);
    await choose('layout clean');
    equal(await ask(page, (terminal) => terminal.settings.current.panels.signal), false);
    await choose('layer pressure', 'Escape');
    equal(await ask(page, (terminal) => terminal.settings.current.layer), 'rest_depth');
    await choose('layer pressure');
    equal(await ask(page, (terminal) => terminal.settings.current.layer), 'pressure_variant');
    await page.keyboard.press('k');
    await page.getByRole('combobox', { name: 'Name of a command' }).fill('version');
    await soon(async () => ok((await page.locator('.palette-row').first().innerText()).includes('demo MNQH6')));
    deepEqual(await axeFindings(page), []);
    await page.keyboard.press('Escape');
    await soon(async () => equal(await page.locator('.palette').isVisible(), false));
    await page.keyboard.press('?');
    await soon(async () => equal(await page.locator('dialog.help').isVisible(), true));
    await page.context().close();
  },
);
