import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Page } from 'playwright-core';
import { colours } from '../../src/colours.ts';
import type { Server } from '../../src/server/index.ts';
import type { Outcomes, ServingInfo } from '../../src/wire/index.ts';
import { createTwoDaysLake, type TwoDaysLake } from '../helpers/two_days_lake.ts';
import { missingChromium, soon, until } from '../web/browser.ts';
import { type LakePage, openLakePage } from '../web/lake_page.ts';

const options = { skip: missingChromium };

let opened: LakePage;
let fixture: TwoDaysLake;
let server: Server;
let page: Page;
let runId: string;

before(async () => {
  if (missingChromium !== false) return;
  fixture = await createTwoDaysLake();
  opened = await openLakePage(fixture.lake, ['vacuum-pressure'], { width: 1700, height: 950 });
  ({ server, page } = opened);
  runId = fixture.runIds[0]!;
});

after(async () => {
  await opened?.close();
  fixture?.remove();
});

const get = async <T>(path: string) => (await (await fetch(`${server.address}${path}`)).json()) as T;
const open = (hash: string, serving = `${runId.slice(0, 8)}.20260206`) =>
  page.goto(`${server.address}/vacuum-pressure.html?serving=${serving}${hash}`);
const chip = () => page.getByRole('region', { name: 'Trade', exact: true });

/** Pixels of the overlay that have the colour of our own trades. */
const ourPixels = () =>
  page.locator('.overlay-canvas').evaluate(
    (element, [r, g, b]) => {
      const canvas = element as HTMLCanvasElement;
      const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
      let count = 0;
      for (let at = 0; at < data.length; at += 4) {
        if (data[at] === r && data[at + 1] === g && data[at + 2] === b && data[at + 3] === 255) count++;
      }
      return count;
    },
    [1, 3, 5].map((at) => Number.parseInt(colours.dark.ours.slice(at, at + 2), 16)),
  );

test('a link to the first trade of a day draws it, says how it ended, and leads back to its run', options, async () => {
  const info = await get<ServingInfo>(`/v1/servings/${runId}.20260206`);
  const outcomes = await get<Outcomes>(
    `/v1/experiments/runs/${runId}/outcomes?threshold=${info.threshold}&session=2026-02-06`,
  );
  await open('#trade=first');
  await chip().waitFor();
  await soon(async () => {
    const words = await chip().innerText();
    match(words, new RegExp(outcomes.side[0] === 1 ? 'long' : 'short'));
    match(words, new RegExp(`1 of ${outcomes.bin.length} on 2026-02-06`));
  });
  // The stream jumps to the entry.
  await until(
    page,
    ({ chart, data }, seq) => chart.momentSeq === seq && data.session?.store.has(seq) === true,
    outcomes.entry_bin[0]!,
  );
  await page.getByRole('button', { name: 'Pause' }).click();
  let drawn = 0;
  await soon(async () => {
    drawn = await ourPixels();
    ok(drawn > 60, `${drawn} pixels have the colour of our trades`);
  });
  await chip().getByRole('button', { name: 'Dismiss the trade' }).click();
  await chip().waitFor({ state: 'detached' });
  // The marks of the trade are gone with one of the next pictures.
  await soon(async () => {
    const left = await ourPixels();
    ok(left <= drawn - 60, `${left} of ${drawn} pixels are left`);
  });
  const evidence = page.getByRole('region', { name: 'Evidence' });
  await soon(async () => match(await evidence.innerText(), new RegExp(`Verdict ${info.evidence!.verdict}`)));
  await soon(async () => match(await evidence.innerText(), new RegExp(`in ${outcomes.bin.length} trades`)));
  await soon(async () =>
    equal(
      await evidence.getByRole('link').getAttribute('href'),
      `/experiments.html?run=${runId}&at=${info.threshold}&session=2026-02-06`,
    ),
  );
});

test('a link to another trade shows that one, and its neighbours are a click away', options, async () => {
  const info = await get<ServingInfo>(`/v1/servings/${runId}.20260205`);
  const path = `/v1/experiments/runs/${runId}/outcomes?threshold=${info.threshold}&session=2026-02-05`;
  const { bin, entry_bin, start_ms } = await get<Outcomes>(path);
  const ns = BigInt(start_ms!) * 1_000_000n + BigInt(entry_bin[3]! + 1) * 100_000_000n;
  await open(`#t=${ns}&trade=${bin[3]}`, `${runId}.20260205.t${info.threshold}`);
  await chip().getByText(`4 of ${bin.length} on 2026-02-05`).waitFor();
  await chip().getByRole('button', { name: 'Next trade' }).click();
  await chip().getByText(`5 of ${bin.length} on 2026-02-05`).waitFor();
});

test('a trade that is not there, and a session that is not, are said', options, async () => {
  await open('#trade=1');
  await page.getByText('The trade of the link is missing: the session has no such trade').waitFor();
  await soon(async () => deepEqual(await chip().count(), 0));
  await open('', `${runId}.20260207`);
  await page.getByText(/Cannot stream 2026-02-07 of the run .* it was evaluated on 2026-02-05, 2026-02-06/).waitFor();
});
