import { deepEqual, ok } from 'node:assert/strict';
import { test } from 'node:test';
import type { Page } from 'playwright-core';
import { ask, drawn, missingChromium, until } from '../web/browser.ts';
import { bins, heatmapSuite } from '../web/heatmap_suite.ts';

const options = { skip: missingChromium };
const suite = heatmapSuite(undefined, 0n);

/** All pixels of the heatmap once it stands still, and as they are when all of it is painted anew; how many differ. */
async function repainted(page: Page): Promise<{ colours: number; differing: number }> {
  await drawn(page);
  return page.evaluate(async () => {
    const canvas = document.querySelector<HTMLCanvasElement>('.heat-canvas')!;
    const gl = canvas.getContext('webgl2')!;
    const read = () => {
      const bytes = new Uint8Array(4 * canvas.width * canvas.height);
      gl.readPixels(0, 0, canvas.width, canvas.height, gl.RGBA, gl.UNSIGNED_BYTE, bytes);
      return new Uint32Array(bytes.buffer);
    };
    const readLater = async () => {
      await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
      return read();
    };
    const differing = (a: Uint32Array, b: Uint32Array) => a.filter((pixel, at) => pixel !== b[at]).length;
    let [earlier, before] = [read(), await readLater()];
    for (let tries = 0; tries < 600 && differing(before, earlier) > 0; tries++)
      [earlier, before] = [before, await readLater()];
    canvas.dispatchEvent(new Event('webglcontextrestored'));
    const after = await readLater();
    return { colours: new Set(before).size, differing: differing(before, after) };
  });
}

test('a map that was moved has the pixels of one that is painted anew', options, async () => {
  const page = await suite.openWhole();
  for (const [binsPerPx, ticksPerPx] of [
    [1 / 8, 1 / 16],
    [0.25, 2],
    [2, 0.25],
    [5, 4],
    [20, 1],
  ] as const) {
    await ask(
      page,
      ({ chart, data }, [time, price]) => {
        const top = data.session!.store.bin('spotTick', 150) + (chart.view.heightPx / 2) * price;
        chart.setView({ ...chart.view, left: 120 - 100 * time, top, binsPerPx: time, ticksPerPx: price });
      },
      [binsPerPx, ticksPerPx] as const,
    );
    for (const [dx, dy] of [
      [7, 3],
      [-30, -9],
      [120, 0],
      [0, 50],
      [-3, 1],
    ] as const) {
      await drawn(page);
      await ask(
        page,
        ({ chart }, [x, y]) =>
          chart.setView({
            ...chart.view,
            left: chart.view.left + x * chart.view.binsPerPx,
            top: chart.view.top + y * chart.view.ticksPerPx,
          }),
        [dx, dy] as const,
      );
    }
    const { colours, differing } = await repainted(page);
    ok(colours > 20, `${colours} colours at ${binsPerPx} and ${ticksPerPx}`);
    deepEqual(differing, 0, `at ${binsPerPx} bins and ${ticksPerPx} ticks per pixel`);
  }
});

test(
  'a map that grew bin by bin, with gaps that were filled, has the pixels of one that is painted anew',
  options,
  async () => {
    for (const [layer, binsPerPx] of [
      ['flow_score', 0.25],
      ['rest_depth', 4],
    ] as const) {
      const page = await suite.open();
      await until(page, (terminal) => terminal.playback.connectionState.phase === 'streaming');
      await ask(
        page,
        ({ chart, settings, playback }, [to, time]) => {
          // Cut-offs of what is in view would be taken anew with the map.
          const fixed = { cutoffs: 'value', low: 0, gamma: 1, contrast: 1 } as const;
          const flow_score = { ...fixed, map: 'rose-cyan', high: 0.5 };
          const rest_depth = { ...fixed, map: 'ember', high: 700 };
          settings.change({ layer: to, scales: { ...settings.current.scales, flow_score, rest_depth } });
          chart.setZoom({ ...chart.view, binsPerPx: time, ticksPerPx: 0.25 });
          playback.setSpeed(100);
          playback.seek(40);
        },
        [layer, binsPerPx] as const,
      );
      await until(page, ({ data }) => (data.session?.store.newest ?? 0) >= 60);
      await ask(page, ({ playback }) => playback.seek(200));
      await until(page, ({ data }) => (data.session?.store.newest ?? 0) >= 220);
      await ask(page, ({ playback }) => playback.pause());
      const withGap = await repainted(page);
      ok(withGap.colours > 20, `${withGap.colours} colours`);
      deepEqual(withGap.differing, 0, `${layer} with a gap`);
      await ask(page, ({ playback }) => {
        playback.play();
        playback.seek(0);
      });
      await until(page, ({ data }, count) => data.session!.store.count === count, bins);
      await ask(page, ({ playback }) => playback.pause());
      deepEqual((await repainted(page)).differing, 0, `${layer} without`);
      await page.context().close();
    }
  },
);
