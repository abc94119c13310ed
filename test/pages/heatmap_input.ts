import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { tableFromIPC } from 'apache-arrow';
import type { Page } from 'playwright-core';
import { createWireFrame } from '../../src/wire/index.ts';
import { longPressMs } from '../../web/vacuum-pressure/chart/gestures/context_menu.ts';
import { priceAt, timeAt, type Viewport, visibleTicks, xOf, yOf } from '../../web/vacuum-pressure/viewport/viewport.ts';
import { addAxe, ask, axeFindings, drawn, eventually, missingChromium, soon, until } from '../web/browser.ts';
import { cellNs, fakeConfig, fakeUpdate } from '../web/fake_session.ts';
import { bins, heatmapSuite, isColourOf, rows, viewOf } from '../web/heatmap_suite.ts';

const options = { skip: missingChromium };
const suite = heatmapSuite();
let usual: Page | undefined;

/** A page with all its panels, as a visitor sees it at first, that has received some bins; two tests share it. */
async function openUsual(): Promise<Page> {
  if (usual === undefined) {
    usual = await suite.newPage({});
    await usual.goto(`${suite.server.address}/vacuum-pressure.html?serving=demo`);
    await until(usual, (terminal) => (terminal.data.session?.store.count ?? 0) > 3);
  }
  return usual;
}

const near = (got: number, wanted: number, by = 1e-6) => ok(Math.abs(got - wanted) <= by, `${got} is not ${wanted}`);

test('a zoom keeps the newest bin while following, and after a pan what is under the pointer', options, async () => {
  const page = await suite.openWhole();
  const heat = (await page.locator('.heat').boundingBox())!;
  const [x, y] = [310, 150];
  const at = (view: Viewport) => [timeAt(view, x), priceAt(view, y)] as const;
  const wheel = async (key: 'Shift' | 'Control' | null, deltaY: number) => {
    const start = await viewOf(page);
    if (key !== null) await page.keyboard.down(key);
    await page.mouse.wheel(0, deltaY);
    await until(
      page,
      ({ chart: { view } }, { left, binsPerPx }) => view.left !== left || view.binsPerPx !== binsPerPx,
      start,
    );
    if (key !== null) await page.keyboard.up(key);
    return { start, end: await viewOf(page), following: await ask(page, ({ chart }) => chart.following) };
  };
  await page.mouse.move(heat.x + x, heat.y + y);
  for (const deltaY of [240, 240, -240]) {
    const { start, end, following } = await wheel(null, deltaY);
    equal(following, true);
    near(timeAt(end, end.widthPx), bins);
    deepEqual([end.binsPerPx < start.binsPerPx, end.ticksPerPx], [deltaY < 0, start.ticksPerPx]);
  }
  const shifted = await wheel('Shift', -240);
  deepEqual([shifted.following, shifted.end.binsPerPx], [false, shifted.start.binsPerPx]);
  await page.getByRole('button', { name: /Follow · \d+ bins behind/ }).waitFor();
  for (const [key, zoomsPrice] of [
    [null, false],
    ['Control', true],
  ] as const) {
    const { start, end } = await wheel(key, -240);
    near(at(end)[0], at(start)[0]);
    near(at(end)[1], at(start)[1]);
    deepEqual([end.binsPerPx < start.binsPerPx, end.ticksPerPx < start.ticksPerPx], [true, zoomsPrice], String(key));
  }
  const start = await viewOf(page);
  await page.mouse.down();
  await page.mouse.move(heat.x + x + 90, heat.y + y + 40, { steps: 3 });
  await page.mouse.up();
  await soon(async () => {
    const panned = await viewOf(page);
    near(timeAt(panned, x + 90), timeAt(start, x));
    near(priceAt(panned, y + 40), priceAt(start, y));
  });
  equal(await ask(page, ({ chart }) => chart.following), false);
  await page.mouse.dblclick(heat.x + x, heat.y + y);
  await until(page, ({ chart }) => chart.following);
});

test('a right click opens the menu of its place: bookmark, measure, link', options, async () => {
  const page = await suite.openWhole();
  const heat = (await page.locator('.heat').boundingBox())!;
  const [x, y] = [heat.x + 200, heat.y + 150];
  const open = async () => {
    await page.mouse.click(x, y, { button: 'right' });
    await page.locator('[role=menuitem]:focus').waitFor();
  };
  await open();
  const seq = Math.floor(timeAt(await viewOf(page), 200));
  await page.keyboard.press('Enter');
  await soon(async () =>
    equal(
      await ask(page, ({ bookmarks }) => bookmarks.list[0]?.tsNs),
      String(1_770_388_260_000_000_000n + BigInt(seq + 1) * 100_000_000n),
    ),
  );
  await page.getByRole('menu').waitFor({ state: 'detached' });
  await ask(page, ({ bookmarks }) => bookmarks.set([]));
  await open();
  await page.getByRole('menuitem', { name: 'Measure from here' }).click();
  await page.mouse.move(x + 80, y - 40);
  await page.mouse.click(x + 80, y - 40);
  await page.mouse.move(x, y + 90);
  await soon(async () => {
    const measured = await ask(page, ({ chart }) => chart.measure);
    const view = await viewOf(page);
    near(measured!.to.time - measured!.from.time, 80 * view.binsPerPx, 1e-6);
  });
  await open();
  await page.keyboard.press('Escape');
  await page.getByRole('menu').waitFor({ state: 'detached' });
  equal(await ask(page, ({ chart }) => chart.measure !== null), true, 'Escape closes the menu alone');
});

test('keys are the page’s after any click, and text fields keep theirs', options, async () => {
  const page = await openUsual();
  const paused = () => ask(page, ({ playback }) => playback.paused);
  await page.getByLabel('Speed').selectOption('2');
  await page.getByRole('button', { name: 'Panels' }).click();
  await page.getByRole('checkbox', { name: 'Signal panel' }).click();
  await page.getByRole('checkbox', { name: 'Signal panel' }).click();
  // Of a session that has ended, the key would be another: it begins anew.
  await ask(page, ({ playback }) => playback.restart());
  const before = await paused();
  await page.keyboard.press(' ');
  await until(page, ({ playback }, was) => playback.paused !== was, before);
  await page.keyboard.press('4');
  await until(page, ({ settings }) => settings.current.layer === 'pressure_variant');
  await page.keyboard.press('Escape');
  await page.getByRole('checkbox', { name: 'Signal panel' }).waitFor({ state: 'hidden' });
  await page.getByPlaceholder('HH:MM:SS').click();
  await page.keyboard.press('5');
  equal(await ask(page, ({ settings }) => settings.current.layer), 'pressure_variant');
  // Reached by the keyboard, a button has its own keys.
  await page.getByPlaceholder('HH:MM:SS').fill('');
  await page.getByRole('button', { name: 'Restart' }).focus();
  await page.keyboard.press('Tab');
  await page.keyboard.press('Tab');
  await page.keyboard.press(' ');
  await until(page, ({ playback }, was) => playback.paused === was, before);
  await page.keyboard.press('1');
});

test('on a small screen every control can be touched, and nothing scrolls sideways', options, async () => {
  const page = await suite.newPage({});
  await page.setViewportSize({ width: 390, height: 844 });
  await page.goto(`${suite.server.address}/vacuum-pressure.html?serving=demo`);
  await until(page, (terminal) => (terminal.data.session?.store.count ?? 0) > 3);
  const small = await page.evaluate(() =>
    [...document.querySelectorAll('button, select, input, .top-bar a')]
      .map((element) => [element.outerHTML.slice(0, 60), element.getBoundingClientRect()] as const)
      .filter(([, { width, height }]) => width > 0 && height < 32)
      .map(([html]) => html),
  );
  deepEqual(small, []);
  for (const bar of ['.top-bar', '.tool-bar', '.replay-bar', '.status-bar']) {
    const [scroll, client] = await page
      .locator(bar)
      .evaluate(({ scrollWidth, clientWidth }) => [scrollWidth, clientWidth]);
    equal(scroll! <= client!, true, bar);
  }
  await page.context().close();
});

test('axe finds nothing serious with menus and help open, dark and light', options, async () => {
  const page = await openUsual();
  await ask(page, (terminal) => terminal.playback.pause());
  await addAxe(page);
  for (const [theme, open, opened] of [
    ['dark', 'Colours', page.getByRole('group', { name: 'Colours' })],
    ['light', 'Bookmarks', page.getByRole('group', { name: 'Bookmarks' })],
    ['light', 'Help and keys', page.getByRole('dialog', { name: 'Keys and gestures' })],
  ] as const) {
    await ask(page, (terminal, to) => terminal.settings.change({ theme: to }), theme);
    await page.click(`button:has-text("${open}"), button[aria-label="${open}"]`);
    await opened.waitFor();
    deepEqual(await axeFindings(page), [], `${theme}, ${open}`);
    await page.keyboard.press('Escape');
    await opened.waitFor({ state: 'hidden' });
  }
});

/** From now on no touch of the page is a long press, however long a busy machine takes from one of its events to the next. */
async function neverPressLong(page: Page): Promise<void> {
  await page.evaluate((longMs) => {
    const { setTimeout: later } = globalThis;
    const never = (run: () => void, ms?: number, ...rest: []) => later(run, ms === longMs ? 2 ** 31 - 1 : ms, ...rest);
    Object.assign(globalThis, { setTimeout: never });
  }, longPressMs);
}

test('one finger pans, two zoom each axis, and what is under them stays there', options, async () => {
  const page = await suite.openWhole();
  const heat = (await page.locator('.heat').boundingBox())!;
  const client = await page.context().newCDPSession(page);
  const touch = (type: 'touchStart' | 'touchMove' | 'touchEnd', ...points: (readonly [number, number])[]) =>
    client.send('Input.dispatchTouchEvent', {
      type,
      touchPoints: points.map(([x, y], id) => ({ x: heat.x + x, y: heat.y + y, id })),
    });
  await neverPressLong(page);
  const start = await viewOf(page);
  await touch('touchStart', [300, 200]);
  await touch('touchMove', [340, 210]);
  await touch('touchMove', [380, 240]);
  await touch('touchEnd');
  await soon(async () => {
    const panned = await viewOf(page);
    near(timeAt(panned, 380), timeAt(start, 300));
    near(priceAt(panned, 240), priceAt(start, 200));
  });
  const panned = await viewOf(page);
  equal(await ask(page, ({ chart }) => chart.following), false);

  await touch('touchStart', [300, 150], [400, 250]);
  for (let step = 1; step <= 5; step++) {
    await touch('touchMove', [300 - 20 * step, 150 - 10 * step], [400 + 20 * step, 250 + 10 * step]);
  }
  await touch('touchEnd');
  await soon(async () => {
    const zoomed = await viewOf(page);
    near(zoomed.binsPerPx, panned.binsPerPx / 3, 1e-9);
    near(zoomed.ticksPerPx, panned.ticksPerPx / 2, 1e-9);
    near(timeAt(zoomed, 350), timeAt(panned, 350), 2);
    near(priceAt(zoomed, 200), priceAt(panned, 200), 2);
  });
});

test('exports hold what is in view: a picture, and the values that were sent', options, async () => {
  const page = await suite.openWhole();
  await ask(page, (terminal) => {
    const top = terminal.data.session!.store.bin('spotTick', 220) + 4.3;
    terminal.chart.setView({
      ...terminal.chart.view,
      left: 200.5,
      top,
      binsPerPx: 20 / terminal.chart.view.widthPx,
      ticksPerPx: 1 / 45,
    });
  });
  await drawn(page);
  const view = await viewOf(page);
  const save = async (label: string) => {
    await page.getByRole('button', { name: 'Export' }).click();
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByText(label).click()]);
    return { name: download.suggestedFilename(), bytes: readFileSync(await download.path()) };
  };
  const [firstTick, endTick] = visibleTicks(view);
  const cells = Array.from({ length: 21 }, (_, at) => 200 + at).flatMap((seq) => {
    const { baseTick } = suite.sent[seq]!;
    const ticks = Array.from({ length: endTick - firstTick }, (_, at) => firstTick + at);
    return ticks.filter((tick) => tick >= baseTick && tick < baseTick + rows).map((tick) => ({ seq, tick }));
  });
  const sentOf = (name: 'flow_score' | 'rest_depth' | 'last_event_id', seq: number, tick: number) =>
    Number(suite.sent[seq]!.columns[name][tick - suite.sent[seq]!.baseTick]);

  const csv = await save('Cells in view as CSV');
  equal(csv.name, 'MNQH6_2026-02-06_bins_200-220.csv');
  const [header, ...lines] = csv.bytes.toString().trimEnd().split('\n');
  const at = (name: string) => header!.split(',').indexOf(name);
  deepEqual(
    lines.map((line) => {
      const fields = line.split(',');
      return ['ts_ns', 'price', 'flow_score', 'rest_depth', 'last_event_id'].map((name) => fields[at(name)]);
    }),
    cells.map(({ seq, tick }) => [
      String(1_770_388_260_000_000_000n + BigInt(seq + 1) * 100_000_000n),
      (tick / 4).toFixed(2),
      String(Math.fround(sentOf('flow_score', seq, tick))),
      String(sentOf('rest_depth', seq, tick)),
      String(sentOf('last_event_id', seq, tick)),
    ]),
  );

  const table = tableFromIPC((await save('Cells in view as Arrow')).bytes);
  deepEqual(
    Array.from(table.getChild('flow_score')!.toArray() as Float64Array),
    cells.map(({ seq, tick }) => Math.fround(sentOf('flow_score', seq, tick))),
  );
  deepEqual(
    Array.from(table.getChild('last_event_id')!.toArray() as BigInt64Array, Number),
    cells.map(({ seq, tick }) => sentOf('last_event_id', seq, tick)),
  );

  const picture = await save('Picture of the chart (PNG)');
  match(picture.name, /\.png$/);
  const inView = cells.filter(({ seq, tick }) => {
    const [x, y] = [xOf(view, seq + 0.5), yOf(view, tick)];
    return x > 5 && x < view.widthPx - 5 && y > 20 && y < view.heightPx - 20 && (seq + tick) % 3 === 0;
  });
  const points = inView.map(({ seq, tick }): [number, number] => [xOf(view, seq + 0.5), yOf(view, tick) + 20]);
  const headerPx = 34;
  const pixels = await page.evaluate(
    async ([base64, places, top]) => {
      const blob = new Blob([Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0))], { type: 'image/png' });
      const bitmap = await createImageBitmap(blob);
      const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
      const context = canvas.getContext('2d')!;
      context.drawImage(bitmap, 0, 0);
      return places.map(([x, y]) =>
        [...context.getImageData(Math.floor(x!), Math.floor(y! + top), 1, 1).data].slice(0, 3),
      );
    },
    [picture.bytes.toString('base64'), points, headerPx] as const,
  );
  const right = inView.filter(({ seq, tick }, index) => isColourOf(sentOf('flow_score', seq, tick), pixels[index]!));
  // Quotes, bubbles and marks lie over some.
  ok(right.length > 0.7 * inView.length, `${right.length} of ${inView.length} pixels have the colours of their values`);
});

test('panels that were resized or hidden, and the time zone, are as they were after a reload', options, async () => {
  const page = await openUsual();
  await page.getByRole('button', { name: 'Panels' }).click();
  await page.getByRole('checkbox', { name: /left/ }).check();
  await page.keyboard.press('Escape');
  await page.locator('.force').waitFor();
  const before = (await page.locator('.force').boundingBox())!.width;
  const splitter = page.getByRole('separator', { name: 'Width of the left panel' });
  const at = (await splitter.boundingBox())!;
  await page.mouse.move(at.x + 2, at.y + 100);
  await page.mouse.down();
  await page.mouse.move(at.x + 62, at.y + 100, { steps: 3 });
  await page.mouse.up();
  // What changed is drawn at most ten times a second.
  const isWider = () =>
    eventually(page, `Math.abs(document.querySelector('.force').getBoundingClientRect().width - ${before + 60}) <= 1`);
  await isWider();
  await page.getByRole('button', { name: 'Panels' }).click();
  await page.getByRole('checkbox', { name: 'Signal panel' }).uncheck();
  await page.getByRole('checkbox', { name: 'Score over time' }).uncheck();
  await page.keyboard.press('Escape');
  await page.getByLabel('Time zone').selectOption({ label: 'Tokyo time' });
  const check = async () => {
    await page.getByText(/Tokyo · 2026-02-06/).waitFor();
    for (const hidden of ['.signal-panel', '.series']) await page.locator(hidden).waitFor({ state: 'hidden' });
    await isWider();
    // 09:31 in New York in winter is 23:31 in Tokyo.
    await soon(async () => match((await page.locator('.top-bar').innerText()).replaceAll('\n', ' '), /23:31:\d\d\.\d/));
  };
  await check();
  await page.reload();
  await until(page, (terminal) => (terminal?.data.session?.store.count ?? 0) > 2);
  await check();
  await page.context().close();
});

test('the time axis is right where daylight saving begins, in the zone of choice', options, async () => {
  const page = await suite.newPage();
  const changeNs = 1_772_953_200_000_000_000n; // 2026-03-08 02:00 in New York
  const frame = createWireFrame(5);
  await page.routeWebSocket(/stream/, (client) => {
    client.send(JSON.stringify(fakeConfig()));
    for (let seq = 0; seq < 200; seq++) {
      const startNs = changeNs + (BigInt(seq) - 100n) * cellNs;
      const times = {
        bin_start_ns: String(startNs),
        bin_end_ns: String(startNs + cellNs),
        ts_ns: String(startNs + cellNs),
      };
      client.send(JSON.stringify(fakeUpdate(seq, 100, times)));
      client.send(Buffer.from(frame.bytes));
    }
  });
  await page.goto(`${suite.server.address}/vacuum-pressure.html?serving=demo`);
  await until(page, (terminal) => terminal.data.session?.store.count === 200);
  for (const [zone, before, after] of [
    ['America/New_York', '01:59:55', '03:00:05'],
    ['UTC', '06:59:55', '07:00:05'],
    ['Europe/Berlin', '07:59:55', '08:00:05'],
  ] as const) {
    await ask(page, (terminal, to) => terminal.settings.change({ zone: to }), zone);
    await drawn(page);
    const view = await viewOf(page);
    for (const [text, seq] of [
      [before, 50],
      [after, 150],
    ] as const) {
      const label = page.locator('.time-label:not([hidden])', { hasText: text });
      await soon(async () => {
        const box = (await label.boundingBox())!;
        const heat = (await page.locator('.heat').boundingBox())!;
        near(box.x + box.width / 2 - heat.x, xOf(view, seq), 1.5);
      });
    }
  }
  await page.context().close();
});

// The last with the whole session: it loads the page anew.
test('the keyboard has crosshair, measure, box zoom, layers, follow modes and bookmarks', options, async () => {
  const page = await suite.openWhole();
  await page.locator('.heat').focus();
  const press = async (...keys: string[]) => {
    for (const key of keys) await page.keyboard.press(key);
  };
  await press('x');
  const from = (await ask(page, ({ chart }) => chart.crosshair))!;
  near(Math.floor(from.time), bins - 1);
  await press('Shift+ArrowLeft', 'ArrowLeft', 'ArrowUp', 'ArrowUp');
  deepEqual(await ask(page, ({ chart }) => chart.crosshair), { time: from.time - 11, price: from.price + 2 });
  await page.locator('.readout', { hasText: 'bin 288' }).waitFor();
  await press('m', 'Shift+ArrowLeft', 'ArrowDown', 'ArrowDown', 'ArrowDown');
  const measured = (await ask(page, ({ chart }) => chart.measure))!;
  deepEqual(
    [measured.to.time - measured.from.time, measured.to.price - measured.from.price],
    [-10, -3],
    'the measure goes from where the crosshair was to where it is',
  );
  await press('Escape');
  equal(await ask(page, ({ chart }) => chart.measure === null && chart.tool === 'pan'), true);
  await press('z', 'Shift+ArrowLeft', 'Shift+ArrowLeft', 'Shift+ArrowUp');
  const box = (await ask(page, ({ chart }) => chart.zoomBox))!;
  await press('Enter');
  const view = await viewOf(page);
  near(timeAt(view, 0), box.to.time, 1e-6);
  near(timeAt(view, view.widthPx), box.from.time, 1e-6);
  near(priceAt(view, 0), box.to.price, 1e-6);
  near(priceAt(view, view.heightPx), box.from.price, 1e-6);

  await press('Escape', 'Escape', '1');
  equal(await ask(page, ({ settings }) => settings.current.layer), 'rest_depth');
  await press('7');
  const mode = await ask(page, ({ settings }) => settings.current.followMode);
  const modes = new Set([mode]);
  for (let turn = 0; turn < 2; turn++) {
    await press('f');
    modes.add(await ask(page, ({ settings }) => settings.current.followMode));
  }
  deepEqual([...modes].sort(), ['centre', 'locked', 'margin']);
  await press('End');
  equal(await ask(page, ({ chart }) => chart.following), true);
  await press('b');
  await page.reload();
  await until(page, (terminal) => terminal?.bookmarks.list.length === 1);
  equal(await ask(page, ({ bookmarks }) => bookmarks.list[0]!.tsNs), '1770388290000000000');
  await press('?');
  await page.getByRole('heading', { name: 'Keys and gestures' }).waitFor();
});
