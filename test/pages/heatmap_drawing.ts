import { deepEqual, ok } from 'node:assert/strict';
import { test } from 'node:test';
import { ServingRegistry } from '../../src/lake/index.ts';
import { startServer } from '../../src/server/index.ts';
import { createGridFrameDecoder, decodeDepthFrame } from '../../src/wire/index.ts';
import { colourTable } from '../../web/shared/colour/colour_maps.ts';
import { colourIndex } from '../../web/vacuum-pressure/viewport/colour_scale.ts';
import { xOf, yOf } from '../../web/vacuum-pressure/viewport/viewport.ts';
import { servingSpec } from '../helpers/serving_lake.ts';
import { missingShared } from '../helpers/shared.ts';
import { StreamClient } from '../helpers/stream_client.ts';
import { ask, drawn, heatPixels, missingChromium, soon, until } from '../web/browser.ts';
import { bins, heatmapSuite, isColourOf, receiveAll, rows, viewOf, withoutHatching } from '../web/heatmap_suite.ts';
import { createRealLake } from '../web/real_lake.ts';

const options = { skip: missingChromium };
// Prices to both sides of 0: what is drawn there must be drawn as anywhere.
const suite = heatmapSuite(undefined, 0n);
const wide = { viewport: { width: 1100, height: 700 } };

test('pixels are the colours of the values that were sent', options, async () => {
  const page = await suite.openWhole();
  await ask(page, (terminal) =>
    terminal.chart.setView({ ...terminal.chart.view, left: 200, binsPerPx: 1 / 8, ticksPerPx: 1 / 16 }),
  );
  await drawn(page);
  const view = await viewOf(page);
  const cells: { seq: number; row: number }[] = [];
  for (let seq = 205; seq < 260; seq += 6) for (let row = 2; row < rows - 2; row += 3) cells.push({ seq, row });
  const visible = cells.filter(({ seq, row }) => {
    const y = yOf(view, suite.sent[seq]!.baseTick + row);
    return y > 10 && y < view.heightPx - 10 && xOf(view, seq + 1) < view.widthPx;
  });
  ok(visible.length >= 12, `${visible.length} cells are in view`);
  const got = await heatPixels(
    page,
    visible.map(({ seq, row }) => [xOf(view, seq + 0.5), yOf(view, suite.sent[seq]!.baseTick + row)]),
  );
  const wrong = visible.filter(({ seq, row }, index) => {
    return !isColourOf(suite.sent[seq]!.columns.flow_score[row]!, got[index]!);
  });
  deepEqual(wrong, []);
  ok(new Set(got.map(String)).size > 5, 'the picture has many colours');
});

test('zoomed out, a pixel shows the mean of all scores below it', options, async () => {
  const page = await suite.openWhole();
  for (const [binsPerPx, ticksPerPx] of [
    [2, 0.25],
    [5, 0.5],
    [20, 2],
  ] as const) {
    await ask(
      page,
      (terminal, [time, price]) => {
        const top = terminal.data.session!.store.bin('spotTick', 150) + 12 * price;
        terminal.chart.setView({
          ...terminal.chart.view,
          left: -80,
          top: Math.ceil(top),
          binsPerPx: time,
          ticksPerPx: price,
        });
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
      const value = meanBelow(left + x * binsPerPx, binsPerPx, top - y * ticksPerPx, ticksPerPx);
      if (value === null) return false;
      return !isColourOf(value, got[index]!);
    });
    deepEqual(wrong, [], `at ${binsPerPx} bins and ${ticksPerPx} ticks per pixel`);
  }
});

/**
 * The mean of a pixel's bins and ticks; null when blocks of bins reach beyond the pixel's own bins, so
 * that it may show a neighbour's value.
 */
function meanBelow(firstBin: number, binCount: number, highTick: number, tickCount: number): number | null {
  const block = [64, 16, 4].find((size) => size <= binCount) ?? 1;
  const [firstSeq, endSeq] = [Math.floor(firstBin / block) * block, Math.ceil((firstBin + binCount) / block) * block];
  let [sum, count] = [0, 0];
  const top = highTick + 0.5;
  const [firstTick, endTick] =
    tickCount <= 1
      ? [Math.floor(top - tickCount / 2), Math.floor(top - tickCount / 2) + 1]
      : [Math.floor(top - tickCount + 1e-4), Math.ceil(top - 1e-4)];
  for (let seq = Math.max(0, firstSeq); seq < Math.min(bins, endSeq); seq++) {
    for (let tick = firstTick; tick < endTick; tick++) {
      const value = suite.sent[seq]!.columns.flow_score[tick - suite.sent[seq]!.baseTick];
      if (value === undefined) continue;
      sum += value;
      count++;
    }
  }
  return count > 0 ? sum / count : null;
}

test('beyond the window of the grid, resting depth is the book that was sent', options, async () => {
  const client = new StreamClient(
    `${suite.server.address.replace('http', 'ws')}/v1/vacuum-pressure/stream?serving=demo`,
  );
  await client.opened();
  client.control('subscribe', { channels: ['depth'] });
  client.control('restart');
  client.control('speed', { speed: 'max' });
  await client.closed;
  const books = new Map(client.depths.map((frame) => [decodeDepthFrame(frame).seq, decodeDepthFrame(frame)]));
  const page = await suite.openWhole();
  await ask(page, (terminal) => {
    const scale = { map: 'ember', cutoffs: 'value', low: 0, high: 700, gamma: 1, contrast: 1 } as const;
    terminal.settings.change({
      layer: 'rest_depth',
      scales: { ...terminal.settings.current.scales, rest_depth: scale },
    });
    const top = terminal.data.session!.store.bin('spotTick', 230) + 40;
    terminal.chart.setView({ ...terminal.chart.view, left: 200, top, binsPerPx: 1 / 8, ticksPerPx: 1 / 6 });
  });
  await drawn(page);
  const view = await viewOf(page);
  const cells: { x: number; y: number; size: number }[] = [];
  for (let seq = 205; seq < 260; seq += 6) {
    const { bids, asks } = books.get(seq)!;
    const sizes = new Map<number, number>();
    // The market's book may be crossed: a price then has orders of both sides.
    for (const { ticks, sizes: of } of [bids, asks]) {
      ticks.forEach((tick, index) => {
        sizes.set(tick, (sizes.get(tick) ?? 0) + of[index]!);
      });
    }
    const { baseTick } = suite.sent[seq]!;
    for (let tick = baseTick - 15; tick < baseTick + rows + 15; tick++) {
      const [x, y] = [xOf(view, seq + 0.5), yOf(view, tick)];
      const isBeyond = tick < baseTick || tick >= baseTick + rows;
      if (isBeyond && y > 10 && y < view.heightPx - 10 && x < view.widthPx)
        cells.push({ x, y, size: sizes.get(tick) ?? 0 });
    }
  }
  ok(cells.length > 50 && cells.some(({ size }) => size > 0), `${cells.length} cells are in view`);
  const got = await heatPixels(
    page,
    cells.map(({ x, y }) => [x, y]),
  );
  const ember = colourTable('ember', 'dark');
  const scale = { kind: 'sequential', low: 0, high: 700, gamma: 1, contrast: 1 } as const;
  const wrong = cells.filter(({ size }, index) => {
    const at = colourIndex(scale, size);
    return ![at - 1, at, at + 1].some((near) => String(ember.subarray(near * 4, near * 4 + 3)) === String(got[index]));
  });
  await ask(page, (terminal) => terminal.settings.change({ layer: 'flow_score' }));
  deepEqual(wrong, []);
});

test('labels of the axes stand at their prices and times', options, async () => {
  const page = await suite.openWhole();
  await drawn(page);
  const view = await viewOf(page);
  const originMs = await ask(page, (terminal) => terminal.data.unixMs(0));
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
  const prices = labels.filter(({ text }) => /^−?\d+\.\d\d$/.test(text));
  const times = labels.filter(({ text }) => /^\d\d:\d\d/.test(text));
  ok(prices.length >= 5 && times.length >= 2, JSON.stringify(labels));
  ok(prices.some(({ text }) => text.startsWith('−')) && prices.some(({ text }) => !text.startsWith('−')));
  for (const { text, y } of prices) {
    ok(Math.abs(y - yOf(view, Number(text.replace('−', '-')) / 0.25)) <= 1, `${text} at ${y}`);
  }
  for (const { text, x } of times) {
    const [hours, minutes, seconds = 0] = text.split(':').map(Number);
    // The session's day is in winter: New York is five hours behind UTC.
    const unixMs = Date.UTC(2026, 1, 6, hours! + 5, minutes, 0) + seconds * 1000;
    ok(Math.abs(x - xOf(view, (unixMs - originMs) / 100)) <= 1.5, `${text} at ${x}`);
  }
});

test('a real file gives the pixels of its values', { skip: missingChromium || missingShared }, async () => {
  const { lake: realLake, runtime, remove } = createRealLake();
  const real = await startServer({ lake: realLake, host: '127.0.0.1', port: 0, webRoot: suite.webRoot });
  try {
    const [first, count] = [1300, 40];
    const client = new StreamClient(`${real.address.replace('http', 'ws')}/v1/vacuum-pressure/stream?serving=real`);
    await client.opened();
    client.control('seek', { bin_seq: first });
    client.control('speed', { speed: 'max' });
    await client.until(() => (client.bins.at(-1)?.seq ?? 0) >= first + count);
    await client.close();
    const decode = createGridFrameDecoder(2 * runtime.grid_radius_ticks + 1);
    const page = await suite.newPage();
    await page.goto(`${real.address}/vacuum-pressure.html?serving=real`);
    await until(page, (terminal) => terminal?.playback.connectionState.phase === 'streaming');
    await withoutHatching(page);
    await ask(
      page,
      (terminal, seq) => {
        terminal.playback.setSpeed(100);
        terminal.playback.seek(seq);
      },
      first,
    );
    await until(page, (terminal, seq) => terminal.data.session!.store.has(seq), first + count);
    await ask(page, (terminal) => terminal.playback.pause());
    const top = await ask(page, (terminal, seq) => terminal.data.session!.store.bin('spotTick', seq) + 14.5, first);
    await ask(
      page,
      (terminal, [left, at]) =>
        terminal.chart.setView({ ...terminal.chart.view, left, top: at, binsPerPx: 0.1, ticksPerPx: 0.1 }),
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

test('panels show the signal that runs, on a scale that its scores fit', options, async () => {
  const published = {
    ...servingSpec('srv_msd_00000002_00000002'),
    signal: { name: 'msd', params: { weighting: 'plain' } },
    firing: {
      ...({ kind: 'past_percentile', window_bins: 60 } as const),
      ...{ threshold: 70, cooldown_bins: 4, warmup_bins: 40 },
    },
  };
  using registry = new ServingRegistry(suite.lake.lake);
  registry.publish(published, { now: () => '2026-02-07T00:00:00Z', alias: 'msd' });
  const page = await suite.newPage({ panels: { depth: false, signal: true, series: true, replay: true } }, wide);
  await page.goto(`${suite.server.address}/vacuum-pressure.html?serving=msd`);
  await receiveAll(page);
  const panel = page.locator('.signal-panel');
  await soon(async () => {
    const text = await panel.innerText();
    ok(/Signal msd/i.test(text) && /weighting\s+plain/i.test(text), text);
    ok(
      /at ± percentile 70 of \|score\| over the past 60 bins.*its run was judged.*4 bins apart.*bin 40/s.test(text),
      text,
    );
    ok(!/derivatives|intensity|dominant/i.test(text), text);
  });
  const shown = await ask(page, ({ data: { session }, chart: { shownSeq } }) => {
    const { store } = session!;
    const all = Array.from({ length: store.count }, (_, seq) => seq);
    return {
      score: store.bin('score', shownSeq),
      threshold: store.bin('threshold', shownSeq),
      largest: Math.max(...all.map((seq) => Math.abs(store.bin('score', seq)))),
    };
  });
  ok(shown.largest > 5 && shown.threshold > 0);
  await soon(async () => {
    const scaleEnd = (await panel.locator('.gauge-scale span').last().innerText()).replaceAll('\u202f', '');
    const scale = Number(scaleEnd.replace('+', ''));
    ok(scale >= shown.threshold && scale >= Math.abs(shown.score) && scale <= 10 * shown.largest, scaleEnd);
    const gauge = (await panel.locator('.gauge').boundingBox())!;
    const needle = (await panel.locator('.needle').boundingBox())!;
    const expected = gauge.x + (gauge.width * (1 + shown.score / scale)) / 2;
    ok(Math.abs(needle.x + needle.width / 2 - expected) < 1.5, `${needle.x}, expected ${expected}`);
  });
  await soon(async () => deepEqual(await page.locator('.series-plot').count(), 1));
  await soon(async () => {
    const key = await page.locator('.series-key').innerText();
    ok(/score above 0.*thresholds and firings/s.test(key), key);
  });
  await page.close();
});
