import { equal, match, ok } from 'node:assert/strict';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { curveColours } from '../../src/colours.ts';
import { present } from '../../src/errors.ts';
import { Lake } from '../../src/lake/index.ts';
import type { SweepPlan } from '../../src/sweep/index.ts';
import { temporaryFolder } from '../helpers/temporary_folder.ts';
import { drawUserSeries, promoteUserSignal, runUserSignal, specifyUserSignal } from '../helpers/user_signal_lake.ts';
import { ask, missingChromium, soon, until } from '../web/browser.ts';
import { type LakePage, openLakePage } from '../web/lake_page.ts';

const options = { skip: missingChromium };
const lake = new Lake(temporaryFolder('signal-page'));
const file = join(lake.signals, 'my_signal.ts');

let opened: LakePage;
let plan: SweepPlan;

before(async () => {
  if (missingChromium !== false) return;
  await specifyUserSignal(lake);
  drawUserSeries(lake);
  plan = await runUserSignal(lake);
  await promoteUserSignal(lake, plan.cells.at(0).runId, 'mine');
  opened = await openLakePage(lake, ['experiments', 'vacuum-pressure'], { width: 1400, height: 900 });
});
after(() => opened?.close());

test(
  'a signal of the user has a pane with its own series below the score, and their values in the signal panel',
  options,
  async () => {
    const { page, server } = opened;
    await page.goto(`${server.address}/vacuum-pressure.html?serving=mine`);
    await until(page, ({ playback }) => playback.connectionState.phase === 'streaming');
    await ask(page, ({ playback }) => playback.setSpeed(10));
    await until(page, ({ data }) => (data.session?.store.newest ?? 0) > 70);
    const keys = page.locator('.series .series-key');
    await soon(async () => equal((await keys.allInnerTexts()).at(-1)?.trim(), 'score'));
    // The signal gives its unbounded score, and leaves out every second one.
    const values = await ask(page, ({ data }) => {
      const { store } = data.session!;
      return Array.from({ length: 30 }, (_, at) => [store.bin('score', 40 + at), store.bin('series1', 40 + at)]);
    });
    const drawn = values.filter(([, value]) => !Number.isNaN(value)) as [number, number][];
    ok(drawn.length > 9 && drawn.length < 21, `${drawn.length} of 30 bins have a value`);
    for (const [score, value] of drawn) ok(Math.abs(Math.tanh(value / 3) - score) < 1e-9, `${score} and ${value}`);
    await soon(async () => ok((await linePixels(present(curveColours.dark[0]))) > 20));
    const section = page
      .getByRole('complementary', { name: 'Signal' })
      .locator('section', { hasText: 'Its own series' });
    await soon(async () => match((await section.innerText()).replaceAll(/\s+/g, ' '), /^Its own series score [−–\d]/i));
    equal(await section.getByRole('rowheader').getAttribute('title'), 'the score itself');
  },
);

/** Pixels of the last pane that have this colour. */
async function linePixels(colour: string): Promise<number> {
  const rgb = [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16));
  return await opened.page
    .locator('.series canvas')
    .last()
    .evaluate((element, [r, g, b]) => {
      const canvas = element as HTMLCanvasElement;
      const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
      let count = 0;
      for (let at = 0; at < data.length; at += 4) {
        if (data[at] === r && data[at + 1] === g && data[at + 2] === b) count++;
      }
      return count;
    }, rgb);
}

test(
  'a run shows the code that it evaluated with its hash, and warns where the file changed or is gone',
  options,
  async () => {
    const { page, server } = opened;
    const { runId } = plan.cells.at(0);
    const section = page.getByRole('region', { name: 'Source of the signal' });
    const shows = async (words: RegExp) => {
      await page.goto(`${server.address}/experiments.html?run=${runId}`);
      await section.waitFor();
      await soon(async () => match((await section.innerText()).replaceAll('\n', ' '), words));
    };
    const text = readFileSync(file, 'utf8');
    await shows(new RegExp(`my_signal\\.ts, source ${plan.signalSource?.slice(0, 12)} – the file is still this one`));
    equal(await section.locator('code').first().getAttribute('title'), plan.signalSource);
    equal(await section.getByRole('status').count(), 0);
    await section.getByText('my_signal.ts as it was').click();
    await soon(async () => equal(await section.locator('pre').innerText(), text));
    writeFileSync(file, `${text}// later\n`);
    await shows(/my_signal\.ts, or one that it imports, has changed since: below is the code that was evaluated/);
    await section.getByText('my_signal.ts as it was').click();
    await soon(async () => equal(await section.locator('pre').innerText(), text));
    rmSync(file);
    await shows(/my_signal\.ts is gone: below is the code/);
    writeFileSync(file, text);
    await shows(/the file is still this one/);
  },
);
