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
    await until(page, (terminal) => terminal.alerts.shownPrices.length === 1);
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
    await soon(async () =>
      ok((await page.locator('.notice-text').innerText()).startsWith('Alert (replay): the market trades at')),
    );
    deepEqual(await axeFindings(page), []);
    await page.keyboard.press('Escape');
    await sheet.waitFor({ state: 'hidden' });

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

/** What a page of `hearingPage` keeps. */
interface Heard {
  readonly samples: readonly number[] | null;
  readonly notified: readonly { title: string; body?: string; tag?: string }[];
}

/** Runs in the page before its scripts: sound is rendered into `heard.samples`, and notifications are noted besides. */
function listen(): void {
  const heard: { samples: number[] | null; notified: object[] } = { samples: null, notified: [] };
  const Shown = globalThis.Notification;
  class Rendered extends OfflineAudioContext {
    constructor() {
      super(1, 22_050, 44_100);
    }
    override async resume(): Promise<void> {
      // The tones are connected after the call, in the same task.
      await null;
      const rendered = await this.startRendering();
      heard.samples = [...rendered.getChannelData(0)];
    }
  }
  class Noted extends Shown {
    constructor(title: string, options?: NotificationOptions) {
      super(title, options);
      heard.notified.push({ title, ...options });
    }
  }
  Object.assign(globalThis, { AudioContext: Rendered, Notification: Noted, heard });
}

/** Share of the loudness of `samples`, a tone of one frequency being 1, that is at `hz`. */
function shareAt(samples: readonly number[], hz: number): number {
  let [re, im, power] = [0, 0, 0];
  samples.forEach((sample, i) => {
    re += sample * Math.cos((2 * Math.PI * hz * i) / 44_100);
    im += sample * Math.sin((2 * Math.PI * hz * i) / 44_100);
    power += sample ** 2;
  });
  return (2 * (re ** 2 + im ** 2)) / (samples.length * power);
}

test('an alert is heard as two rising tones without a click, and told by a notification', options, async () => {
  const page = await suite.newPage({});
  await page.context().grantPermissions(['notifications']);
  await page.addInitScript(listen);
  await page.goto(`${suite.server.address}/vacuum-pressure.html?serving=demo`);
  await until(page, (terminal) => (terminal.data.session?.store.count ?? 0) > 0);
  const alert = { key: 'k1', text: 'the market trades at 100.25', symbol: 'MNQH6', replay: true };
  const raise = () =>
    page.evaluate((each) => {
      const { terminal } = globalThis as unknown as { terminal: { alerts: { onAlert(alert: object): void } } };
      terminal.alerts.onAlert(each);
    }, alert);
  const heard = () => page.evaluate(() => (globalThis as unknown as { heard: Heard }).heard);
  await ask(page, (terminal) => terminal.settings.change({ alertSound: false }));
  await raise();
  await soon(async () => equal((await heard()).notified.length, 1));
  deepEqual(await heard(), {
    samples: null,
    notified: [{ title: 'MNQH6 (replay)', body: 'the market trades at 100.25', tag: 'k1' }],
  });
  await ask(page, (terminal) => terminal.settings.change({ alertSound: true }));
  await raise();
  await soon(async () => ok((await heard()).samples !== null));
  const samples = (await heard()).samples ?? [];
  const toneSamples = 0.09 * 44_100;
  const [first, second] = [samples.slice(0, toneSamples), samples.slice(toneSamples, 2 * toneSamples)];
  for (const [tone, hz] of [
    [first, 880],
    [second, 1175],
  ] as const) {
    ok(shareAt(tone, hz) > 0.7, `${hz} Hz has ${shareAt(tone, hz)} of its tone`);
    const peak = Math.max(...tone.map(Math.abs));
    ok(peak > 0.15 && peak <= 0.2001, `loud as ${peak}`);
  }
  ok(samples.slice(2 * toneSamples + 1).every((sample) => sample === 0));
  // The steepest of a sine of 1175 Hz at this loudness; a click would be a larger step.
  const steepest = 0.2 * ((2 * Math.PI * 1175) / 44_100);
  ok(samples.every((sample, i) => i === 0 || Math.abs(sample - (samples[i - 1] ?? 0)) <= steepest * 1.1));
  await page.context().close();
});
