import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { createRequire } from 'node:module';
import { after, before, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { type Server, startServer } from '../../src/server/index.ts';
import { createGridFrameDecoder } from '../../src/wire/index.ts';
import { colourTable } from '../../web/shared/colour/colour_maps.ts';
import { type ColourScale, colourIndex } from '../../web/vacuum-pressure/model/colour_scale.ts';
import { priceAt, timeAt, type Viewport, xOf, yOf } from '../../web/vacuum-pressure/model/viewport.ts';
import { missingShared } from '../golden.ts';
import { createServingLake, type ServingLake } from '../serving_lake.ts';
import { StreamClient } from '../stream_client.ts';
import { ask, buildPage, drawn, heatPixels, launchBrowser, missingChromium, until } from './browser.ts';
import { createRealLake } from './real_lake.ts';

// One file, though a long one: a build of the page, a browser and a played session serve all of its tests.

const options = { skip: missingChromium };
/** Small, and the chart alone: pixels are made by the processor here. */
const viewport = { width: 960, height: 600 };
const settings = { panels: { depth: false, signal: false, series: false, replay: true } };
const bins = 300;
const rows = 21;
const scale: ColourScale = { kind: 'diverging', low: 0, high: 1, gamma: 1, contrast: 1 };
const colours = colourTable('orange-blue', 'dark');

let pages: Awaited<ReturnType<typeof buildPage>>;
let lake: ServingLake;
let server: Server;
let browser: Browser;
/** Flow score by bin and row, and the tick of row 0, as the server sent them. */
const sent: { score: Float64Array; baseTick: number }[] = [];

const serve = (port = 0) => startServer({ lake: lake.lake, host: '127.0.0.1', port, webRoot: pages.webRoot });

before(async () => {
  if (missingChromium !== false) return;
  [pages, lake, browser] = [await buildPage('vacuum-pressure'), createServingLake(bins / 10), await launchBrowser()];
  server = await serve();
  const client = new StreamClient(`${server.address.replace('http', 'ws')}/v1/vacuum-pressure/stream?serving=demo`);
  await client.opened();
  client.control('speed', { speed: 'max' });
  await client.closed;
  const decode = createGridFrameDecoder(rows);
  for (const { text, frame } of client.bins) {
    const spotInt = Number((JSON.parse(text) as { spot_ref_price_int: string }).spot_ref_price_int);
    const score = decode(Uint8Array.from(frame)).columns.flow_score;
    sent.push({ score, baseTick: spotInt / 250_000_000 - (rows - 1) / 2 });
  }
  equal(sent.length, bins);
});

after(async () => {
  await browser?.close();
  await server?.close();
  lake?.remove();
  pages?.remove();
});

async function newPage(): Promise<Page> {
  const context = await browser.newContext({ viewport, colorScheme: 'dark' });
  await context.addInitScript(
    (stored) => localStorage.setItem('spymaster.vacuum-pressure', stored),
    JSON.stringify(settings),
  );
  const page = await context.newPage();
  page.on('pageerror', (error) => {
    throw error;
  });
  return page;
}

async function open(query = '?serving=demo', hash = ''): Promise<Page> {
  const page = await newPage();
  await page.goto(`${server.address}/vacuum-pressure.html${query}${hash}`);
  return page;
}

let wholePage: Page | undefined;
/** A page that has received the whole session; tests that only look at it share it. */
async function openWhole(): Promise<Page> {
  if (wholePage === undefined) {
    wholePage = await open();
    await until(wholePage, (terminal) => terminal.connectionState.phase === 'streaming');
    await ask(wholePage, (terminal) => terminal.setSpeed('max'));
    await until(wholePage, (terminal, count) => terminal.session?.store.count === count, bins);
    await withoutHatching(wholePage);
  }
  await ask(wholePage, (terminal) => {
    terminal.setView({ ...terminal.view, binsPerPx: 1 / 4, ticksPerPx: 1 / 9 });
    terminal.followAgain();
  });
  return wholePage;
}

/** Whether a pixel has the colour of a value; single precision may round to the colour next to it. */
function isColourOf(value: number, pixel: readonly number[]): boolean {
  const at = colourIndex(scale, value);
  return [at - 1, at, at + 1].some((near) => String(colours.subarray(near * 4, near * 4 + 3)) === String(pixel));
}
/** The hatching of invalid books is drawn over the colours. */
const withoutHatching = (page: Page) =>
  ask(page, (terminal) => terminal.change({ overlays: { ...terminal.settings.overlays, invalid: false } }));
const viewOf = (page: Page) => ask(page, ({ view }) => view);

test('pixels are the colours of the values that were sent', options, async () => {
  const page = await openWhole();
  await ask(page, (terminal) =>
    terminal.setView({ ...terminal.view, left: 200, binsPerPx: 1 / 8, ticksPerPx: 1 / 16 }),
  );
  await drawn(page);
  const view = await viewOf(page);
  const cells: { seq: number; row: number }[] = [];
  for (let seq = 205; seq < 260; seq += 6) for (let row = 2; row < rows - 2; row += 3) cells.push({ seq, row });
  const visible = cells.filter(({ seq, row }) => {
    const y = yOf(view, sent[seq]!.baseTick + row);
    return y > 10 && y < view.heightPx - 10 && xOf(view, seq + 1) < view.widthPx;
  });
  ok(visible.length >= 12, `${visible.length} cells are in view`);
  const got = await heatPixels(
    page,
    visible.map(({ seq, row }) => [xOf(view, seq + 0.5), yOf(view, sent[seq]!.baseTick + row)]),
  );
  const wrong = visible.filter(({ seq, row }, index) => {
    return !isColourOf(sent[seq]!.score[row]!, got[index]!);
  });
  deepEqual(wrong, []);
  ok(new Set(got.map(String)).size > 5, 'the picture has many colours');
});

test('zoomed out, a pixel shows the largest of all values below it', options, async () => {
  const page = await openWhole();
  for (const [binsPerPx, ticksPerPx] of [
    [2, 0.25],
    [5, 0.5],
    [20, 2],
  ] as const) {
    await ask(
      page,
      (terminal, [time, price]) => {
        const top = terminal.session!.store.bin('spotTick', 150) + 12 * price;
        terminal.setView({ ...terminal.view, left: -80, top: Math.ceil(top), binsPerPx: time, ticksPerPx: price });
      },
      [binsPerPx, ticksPerPx] as const,
    );
    await drawn(page);
    const view = await viewOf(page);
    const left = Math.round(view.left / binsPerPx) * binsPerPx;
    const top = ticksPerPx > 1 ? Math.round(view.top / ticksPerPx) * ticksPerPx : view.top;
    const points: [number, number][] = [];
    for (let x = Math.ceil((100 - left) / binsPerPx); left + (x + 1) * binsPerPx <= bins; x += 3) {
      for (let y = 2; y < 60; y += 4) points.push([x, y]);
    }
    const got = await heatPixels(page, points);
    const wrong = points.filter(([x, y], index) => {
      const value = largestBelow(left + x * binsPerPx, binsPerPx, top - y * ticksPerPx, ticksPerPx);
      if (value === null) return false;
      return !isColourOf(value, got[index]!);
    });
    deepEqual(wrong, [], `at ${binsPerPx} bins and ${ticksPerPx} ticks per pixel`);
  }
});

/**
 * The value of largest size of a pixel's bins and ticks; null when blocks of bins reach beyond the pixel's own bins, so
 * that it may show a neighbour's value.
 */
function largestBelow(firstBin: number, binCount: number, highTick: number, tickCount: number): number | null {
  const block = [64, 16, 4].find((size) => size <= binCount) ?? 1;
  const [firstSeq, endSeq] = [Math.floor(firstBin / block) * block, Math.ceil((firstBin + binCount) / block) * block];
  let low = 0;
  let high = 0;
  let any = false;
  const top = highTick + 0.5;
  const [firstTick, endTick] =
    tickCount <= 1
      ? [Math.floor(top - tickCount / 2), Math.floor(top - tickCount / 2) + 1]
      : [Math.floor(top - tickCount + 1e-4), Math.ceil(top - 1e-4)];
  for (let seq = Math.max(0, firstSeq); seq < Math.min(bins, endSeq); seq++) {
    for (let tick = firstTick; tick < endTick; tick++) {
      const value = sent[seq]!.score[tick - sent[seq]!.baseTick];
      if (value === undefined) continue;
      any = true;
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
  }
  return any ? (-low > high ? low : high) : null;
}

test('labels of the axes stand at their prices and times', options, async () => {
  const page = await openWhole();
  await drawn(page);
  const view = await viewOf(page);
  const originMs = await ask(page, (terminal) => terminal.unixMs(0));
  const labels = await page.evaluate(() => {
    const heat = document.querySelector('.heat')!.getBoundingClientRect();
    return [...document.querySelectorAll<HTMLElement>('.price-label:not([hidden]), .time-label:not([hidden])')].map(
      (label) => {
        const box = label.getBoundingClientRect();
        return {
          text: label.textContent,
          x: (box.left + box.right) / 2 - heat.left,
          y: (box.top + box.bottom) / 2 - heat.top,
        };
      },
    );
  });
  const prices = labels.filter(({ text }) => /^\d+\.\d\d$/.test(text));
  const times = labels.filter(({ text }) => /^\d\d:\d\d/.test(text));
  ok(prices.length >= 5 && times.length >= 2, JSON.stringify(labels));
  for (const { text, y } of prices) ok(Math.abs(y - yOf(view, Number(text) / 0.25)) <= 1, `${text} at ${y}`);
  for (const { text, x } of times) {
    const [hours, minutes, seconds = 0] = text.split(':').map(Number);
    // The session's day is in winter: New York is five hours behind UTC.
    const unixMs = Date.UTC(2026, 1, 6, hours! + 5, minutes, 0) + seconds * 1000;
    ok(Math.abs(x - xOf(view, (unixMs - originMs) / 100)) <= 1.5, `${text} at ${x}`);
  }
});

test('wheel, pan and box keep what is under the pointer', options, async () => {
  const page = await openWhole();
  const heat = (await page.locator('.heat').boundingBox())!;
  const [x, y] = [310, 150];
  const at = (view: Viewport) => [timeAt(view, x), priceAt(view, y)] as const;
  const near = (a: number, b: number) => ok(Math.abs(a - b) < 1e-6, `${a} is not ${b}`);
  await page.mouse.move(heat.x + x, heat.y + y);
  for (const [key, zoomsTime, zoomsPrice] of [
    [null, true, true],
    ['Shift', true, false],
    ['Control', false, true],
  ] as const) {
    const start = await viewOf(page);
    if (key !== null) await page.keyboard.down(key);
    await page.mouse.wheel(0, -240);
    await until(
      page,
      ({ view }, { binsPerPx, ticksPerPx }) => view.binsPerPx !== binsPerPx || view.ticksPerPx !== ticksPerPx,
      start,
    );
    if (key !== null) await page.keyboard.up(key);
    const end = await viewOf(page);
    near(at(end)[0], at(start)[0]);
    if (key !== 'Control') near(at(end)[1], at(start)[1]);
    deepEqual(
      [end.binsPerPx < start.binsPerPx, end.ticksPerPx < start.ticksPerPx],
      [zoomsTime, zoomsPrice],
      String(key),
    );
  }
  const start = await viewOf(page);
  await page.mouse.down();
  await page.mouse.move(heat.x + x + 90, heat.y + y + 40, { steps: 3 });
  await page.mouse.up();
  const panned = await viewOf(page);
  near(timeAt(panned, x + 90), timeAt(start, x));
  near(priceAt(panned, y + 40), priceAt(start, y));
  equal(await ask(page, ({ following }) => following), false);
  await page.mouse.dblclick(heat.x + x, heat.y + y);
  equal(await ask(page, ({ following }) => following), true);
});

test('pause holds the picture, resume goes on without a gap, seek and step land on the bin', options, async () => {
  const page = await open();
  await until(page, (terminal) => (terminal.session?.store.count ?? 0) >= 5);
  await page.keyboard.press(' ');
  await page.waitForTimeout(200);
  const held = await ask(page, (terminal) => terminal.session!.store.head);
  await page.waitForTimeout(400);
  equal(await ask(page, (terminal) => terminal.session!.store.head), held, 'nothing comes while paused');
  await page.keyboard.press('ArrowLeft');
  equal(await ask(page, (terminal) => terminal.shownSeq), held - 1);
  await page.keyboard.press(' ');
  await until(page, (terminal, head) => terminal.session!.store.head >= head + 4, held);
  const gaps = await ask(page, ({ session }) => {
    const missing: number[] = [];
    for (let seq = 0; seq <= session!.store.head; seq++) if (!session!.store.has(seq)) missing.push(seq);
    return missing;
  });
  deepEqual(gaps, []);
  await page.keyboard.press(' ');
  await ask(page, (terminal) => terminal.seek(222));
  await until(page, (terminal) => terminal.session!.store.head === 222);
  await page.waitForTimeout(300);
  equal(await ask(page, (terminal) => terminal.session!.store.head), 222, 'a seek while paused brings one bin');
  await page.keyboard.press('ArrowRight');
  await until(page, (terminal) => terminal.session!.store.head === 223);
  await page.fill('input[name=time]', '09:31:10');
  await page.keyboard.press('Enter');
  await until(page, (terminal) => terminal.session!.store.head === 99);
  await page.context().close();
});

test('a link leads to its time; the address takes serving alone', options, async () => {
  const linked = await open('?serving=demo', '#t=1770388270000000000');
  await until(linked, (terminal) => (terminal.session?.store.count ?? 0) > 0);
  equal(await ask(linked, (terminal) => terminal.session!.store.oldest), 99);
  await linked.context().close();
  for (const [query, words] of [
    ['?serving=demo&speed=2', /has the parameter "speed", and this page takes "serving" alone/],
    ['?serving=', /"serving" is empty/],
  ] as const) {
    const refused = await open(query);
    match(await refused.locator('[role=alert]').innerText(), words);
    await refused.context().close();
  }
  const unknown = await open('?serving=nobody');
  await unknown.locator('[role=alert]').waitFor();
  match(await unknown.locator('[role=alert]').innerText(), /nobody/);
  await unknown.context().close();
});

test('a stream that breaks its contract stops the drawing and names the field', options, async () => {
  const page = await newPage();
  await page.routeWebSocket(/stream/, (client) => {
    const upstream = client.connectToServer();
    let updates = 0;
    upstream.onMessage((message) => {
      const late = typeof message === 'string' && message.includes('"grid_update"') && ++updates === 5;
      client.send(late ? message.replace(/"bin_event_count":\d+/, '"bin_event_count":"many"') : message);
    });
  });
  await page.goto(`${server.address}/vacuum-pressure.html?serving=demo`);
  await page.locator('[role=alert]').waitFor();
  match(await page.locator('[role=alert]').innerText(), /expected bin_event_count to be a whole number.*got "many"/);
  equal(await ask(page, ({ session }) => session!.store.count), 4);
  await page.context().close();
});

test('a killed server is waited for, and the replay goes on where it was', options, async () => {
  const page = await open();
  await until(page, (terminal) => (terminal.session?.store.count ?? 0) >= 8);
  const port = Number(new URL(server.address).port);
  await server.close();
  await until(page, (terminal) => terminal.connectionState.phase === 'waiting');
  match(await page.locator('[role=alert]').innerText(), /Trying again/);
  const head = await ask(page, (terminal) => terminal.session!.store.head);
  server = await serve(port);
  await until(page, (terminal, before) => terminal.session!.store.head >= before + 5, head, 20_000);
  const seqs = await ask(page, ({ session }) => {
    const { store } = session!;
    return [store.count, store.oldest, store.newest];
  });
  equal(seqs[0], seqs[2]! + 1, 'no bin is missing and none was counted twice');
  await page.context().close();
});

test('a file replayed in the browser gives the pixels that the server gives', options, async () => {
  const served = await openWhole();
  const page = await open('');
  await page.click('text=Open a file');
  const { stream_dt, stream_start_time, ...runtime } = lake.spec.runtime_snapshot;
  const config = { runtime, stream_dt, stream_start_time };
  await page.setInputFiles('input[type=file] >> nth=0', lake.rawFile);
  await page.setInputFiles('input[type=file] >> nth=1', {
    name: 'replay.json',
    mimeType: 'application/json',
    buffer: Buffer.from(JSON.stringify(config)),
  });
  await page.click('button:has-text("Replay"):enabled');
  await until(page, (terminal) => terminal?.connectionState.phase === 'streaming');
  await ask(page, (terminal) => terminal.setSpeed('max'));
  await until(page, (terminal, count) => terminal.session?.store.count === count, bins);
  const points = Array.from({ length: 400 }, (_, at): [number, number] => [(at * 37) % 700, (at * 53) % 300]);
  const pictures = [];
  for (const each of [served, page]) {
    await withoutHatching(each);
    const spot = await ask(each, (terminal) => terminal.session!.store.bin('spotTick', 200));
    await ask(
      each,
      (terminal, top) => terminal.setView({ ...terminal.view, left: 150, top, binsPerPx: 0.2, ticksPerPx: 0.08 }),
      spot + 12,
    );
    pictures.push(await heatPixels(each, points));
  }
  deepEqual(pictures[1], pictures[0]);
  ok(new Set(pictures[0]!.map(String)).size > 20);
  await page.context().close();
});

test('a file that cannot be replayed says why', options, async () => {
  const page = await open('');
  await page.click('text=Open a file');
  await page.setInputFiles('input[type=file] >> nth=0', {
    name: 'x-20260206.dbn',
    mimeType: '',
    buffer: Buffer.from('not market data at all'),
  });
  await page.setInputFiles('input[type=file] >> nth=1', {
    name: 'instrument.json',
    mimeType: '',
    buffer: Buffer.from(JSON.stringify({ tick_sise: 1 })),
  });
  await page.click('button:has-text("Replay"):enabled');
  const alert = page.locator('.notice[role=alert]');
  await alert.waitFor();
  match(await alert.innerText(), /tick_sise.*nearest known key is "tick_size"/);
  await page.context().close();
});

test('axe finds nothing serious with menus and help open, dark and light', options, async () => {
  const page = await newPage();
  await page.addInitScript(() => localStorage.setItem('spymaster.vacuum-pressure', '{}'));
  await page.goto(`${server.address}/vacuum-pressure.html?serving=demo`);
  await until(page, (terminal) => (terminal.session?.store.count ?? 0) > 3);
  await ask(page, (terminal) => terminal.pause());
  await page.addScriptTag({ path: createRequire(import.meta.url).resolve('axe-core') });
  for (const [theme, open] of [
    ['dark', 'Colours'],
    ['light', 'Bookmarks'],
    ['light', 'Help and keys'],
  ] as const) {
    await ask(page, (terminal, to) => terminal.change({ theme: to }), theme);
    await page.click(`button:has-text("${open}"), button[aria-label="${open}"]`);
    const found = await page.evaluate(async () => {
      const { axe } = globalThis as unknown as { axe: typeof import('axe-core') };
      const { violations } = await axe.run({ resultTypes: ['violations'] });
      return violations
        .filter(({ impact }) => impact === 'serious' || impact === 'critical')
        .map(
          ({ id, nodes }) =>
            `${id}: ${nodes.map(({ html, failureSummary }) => `${html} ${failureSummary}`).join(' | ')}`,
        );
    });
    deepEqual(found, [], `${theme}, ${open}`);
    await page.keyboard.press('Escape');
  }
  await page.context().close();
});

test('a real file gives the pixels of its values', { skip: missingChromium || missingShared }, async () => {
  const { lake: realLake, runtime, remove } = createRealLake();
  const real = await startServer({ lake: realLake, host: '127.0.0.1', port: 0, webRoot: pages.webRoot });
  try {
    const [first, count] = [1300, 40];
    const client = new StreamClient(`${real.address.replace('http', 'ws')}/v1/vacuum-pressure/stream?serving=real`);
    await client.opened();
    client.control('seek', { bin_seq: first });
    client.control('speed', { speed: 'max' });
    await client.until(() => (client.bins.at(-1)?.seq ?? 0) >= first + count);
    await client.close();
    const decode = createGridFrameDecoder(2 * runtime.grid_radius_ticks + 1);
    const page = await newPage();
    await page.goto(`${real.address}/vacuum-pressure.html?serving=real`);
    await until(page, (terminal) => terminal?.connectionState.phase === 'streaming');
    await withoutHatching(page);
    await ask(
      page,
      (terminal, seq) => {
        terminal.setSpeed(100);
        terminal.seek(seq);
      },
      first,
    );
    await until(page, (terminal, seq) => terminal.session!.store.has(seq), first + count);
    await ask(page, (terminal) => terminal.pause());
    const top = await ask(page, (terminal, seq) => terminal.session!.store.bin('spotTick', seq) + 14.5, first);
    await ask(
      page,
      (terminal, [left, at]) => terminal.setView({ ...terminal.view, left, top: at, binsPerPx: 0.1, ticksPerPx: 0.1 }),
      [first, top] as const,
    );
    const cells = client.bins
      .filter(({ seq }) => seq >= first && seq < first + count)
      .flatMap(({ seq, text, frame }) => {
        const spot = Number((JSON.parse(text) as { spot_ref_price_int: string }).spot_ref_price_int) / 250_000_000;
        const score = decode(Uint8Array.from(frame)).columns.flow_score;
        return [-9, -4, -1, 0, 2, 5, 8].map((k) => ({
          seq,
          tick: spot + k,
          score: score[k + runtime.grid_radius_ticks]!,
        }));
      });
    const view = await viewOf(page);
    const got = await heatPixels(
      page,
      cells.map(({ seq, tick }) => [xOf(view, seq + 0.5), yOf(view, tick)]),
    );
    const wrong = cells.filter(({ score }, index) => {
      return !isColourOf(score, got[index]!);
    });
    deepEqual(wrong, []);
    ok(new Set(cells.map(({ score }) => score)).size > 20);
    await page.context().close();
  } finally {
    await real.close();
    remove();
  }
});
