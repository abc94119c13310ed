import { deepEqual, equal, ok } from 'node:assert/strict';
import { test } from 'node:test';
import { addAxe, ask, axeFindings, missingChromium, soon, until } from '../web/browser.ts';
import { heatmapSuite } from '../web/heatmap_suite.ts';

const options = { skip: missingChromium };
const suite = heatmapSuite({ width: 1400, height: 800 });

test(
  'ladder, tape, proof and layouts go by keys and clicks, and axe finds nothing serious in them',
  options,
  async () => {
    const page = await suite.newPage({});
    await page.goto(`${suite.server.address}/vacuum-pressure.html?serving=demo`);
    await until(page, (terminal) => (terminal.data.session?.store.count ?? 0) > 20);
    await ask(page, (terminal) => terminal.playback.setSpeed('max'));
    await until(page, (terminal) => (terminal.data.session?.store.head ?? 0) > 250);
    await addAxe(page);
    const shown = (selector: string, is: boolean) =>
      soon(async () => equal(await page.locator(selector).isVisible(), is, selector));
    await page.keyboard.press('d');
    await shown('.ladder', true);
    await soon(async () => {
      const ink = await page.locator('.ladder canvas').evaluate((element) => {
        const { width, height } = element as HTMLCanvasElement;
        const { data } = (element as HTMLCanvasElement).getContext('2d')!.getImageData(0, 0, width, height);
        return data.filter((value, at) => at % 4 === 3 && value > 0).length;
      });
      ok(ink > 2000, `${ink} pixels of the ladder are drawn`);
    });
    await page.keyboard.press('v');
    await until(page, (terminal) => terminal.ladder.resetSeq > 200);
    await page.keyboard.press('t');
    await shown('.tape', true);
    await page.locator('.tape-row').first().click();
    await shown('.proof', true);
    await soon(async () => {
      const proof = await ask(page, (terminal) => terminal.proof.event!);
      const text = await page.locator('.proof').innerText();
      ok(proof.sequences.every((sequence) => text.includes(String(sequence))));
      ok(proof.order_ids.every((id) => text.includes(id)));
    });
    deepEqual(await axeFindings(page), []);
    await page.getByLabel('Smallest size on the tape').fill('1000000');
    await page.getByLabel('Smallest size on the tape').press('Enter');
    await soon(async () => equal(await page.locator('.tape-row').count(), 0));
    await page.getByRole('button', { name: 'Close the event' }).click();
    await shown('.proof', false);
    await page.locator('.heat').focus();
    await page.keyboard.press('h');
    await until(page, (terminal) => terminal.settings.current.chartKind === 'footprint');
    await shown('.heat-canvas', false);
    await page.keyboard.press('l');
    await page.getByRole('button', { name: 'Clean', exact: true }).click();
    for (const panel of ['.ladder', '.tape', '.signal-panel']) await shown(panel, false);
    await shown('.heat-canvas', true);
    await page.context().close();
  },
);

test('a link brings a layout, which the page takes and names', options, async () => {
  const page = await suite.newPage({});
  const address = `${suite.server.address}/vacuum-pressure.html?serving=demo`;
  await page.goto(address);
  await until(page, (terminal) => (terminal.data.session?.store.count ?? 0) > 5);
  await page.keyboard.press('d');
  await page.keyboard.press('l');
  await page.getByLabel('Name of the layout').fill('With ladder');
  await page.getByRole('button', { name: 'Save as shown' }).click();
  await page.getByRole('button', { name: 'Copy a link to this layout' }).click();
  await soon(async () => ok(page.url().includes('layout=')));
  const other = await suite.newPage({});
  await other.goto(page.url());
  await until(other, (terminal) => terminal.settings.current.panels.ladder);
  await soon(async () => ok((await other.locator('.notice-text').innerText()).includes('With ladder')));
  await page.context().close();
  await other.context().close();
});
