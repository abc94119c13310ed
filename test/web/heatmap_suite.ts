import { equal } from 'node:assert/strict';
import { after, before } from 'node:test';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { type Server, startServer } from '../../src/server/index.ts';
import { createGridFrameDecoder } from '../../src/wire/index.ts';
import { colourTable } from '../../web/shared/colour/colour_maps.ts';
import { type ColourScale, colourIndex } from '../../web/vacuum-pressure/viewport/colour_scale.ts';
import type { Viewport } from '../../web/vacuum-pressure/viewport/viewport.ts';
import { createServingLake, type ServingLake } from '../helpers/serving_lake.ts';
import { StreamClient } from '../helpers/stream_client.ts';
import { ask, buildPage, launchBrowser, missingChromium, until } from './browser.ts';

/** Small, and the chart alone: pixels are made by the processor here. */
const usualViewport = { width: 960, height: 600 };
const settings = {
  layer: 'flow_score',
  scales: { flow_score: { map: 'rose-cyan', cutoffs: 'value', low: 0, high: 1, gamma: 1, contrast: 1 } },
  overlays: { projection: true },
  panels: { depth: false, signal: false, series: false, replay: true },
};
export const bins = 300;
export const rows = 21;
const scale: ColourScale = { kind: 'diverging', low: 0, high: 1, gamma: 1, contrast: 1 };
const colours = colourTable('rose-cyan', 'dark');

/** A bin as the server sent it: its grid, and the tick of row 0. */
export interface SentBin {
  readonly columns: ReturnType<ReturnType<typeof createGridFrameDecoder>>['columns'];
  readonly baseTick: number;
}

/** The page, a server with a small session, and a browser, for all tests of a file. */
export class HeatmapSuite {
  readonly sent: SentBin[] = [];
  server!: Server;
  lake!: ServingLake;
  browser!: Browser;
  webRoot!: string;
  readonly #viewport: { width: number; height: number };
  readonly #middleTick: bigint | undefined;
  #removePages = () => {};
  #whole: Page | undefined;

  constructor(viewport = usualViewport, middleTick?: bigint) {
    this.#viewport = viewport;
    this.#middleTick = middleTick;
  }

  serve(port = 0): Promise<Server> {
    return startServer({ lake: this.lake.lake, host: '127.0.0.1', port, webRoot: this.webRoot });
  }

  async start(): Promise<void> {
    this.lake = createServingLake(bins / 10, 1, this.#middleTick);
    const [pages, browser] = await Promise.all([buildPage('vacuum-pressure'), launchBrowser()]);
    this.webRoot = pages.webRoot;
    this.#removePages = pages.remove;
    this.browser = browser;
    this.server = await this.serve();
    const client = new StreamClient(
      `${this.server.address.replace('http', 'ws')}/v1/vacuum-pressure/stream?serving=demo`,
    );
    await client.opened();
    client.control('speed', { speed: 'max' });
    await client.closed;
    const decode = createGridFrameDecoder(rows);
    for (const { text, frame } of client.bins) {
      const spotInt = Number((JSON.parse(text) as { spot_ref_price_int: string }).spot_ref_price_int);
      this.sent.push({
        columns: decode(Uint8Array.from(frame)).columns,
        baseTick: spotInt / 250_000_000 - (rows - 1) / 2,
      });
    }
    equal(this.sent.length, bins);
  }

  async stop(): Promise<void> {
    await this.browser?.close();
    await this.server?.close();
    this.lake?.remove();
    this.#removePages();
  }

  async newPage(stored: object = settings, options: BrowserContextOptions = {}): Promise<Page> {
    const context = await this.browser.newContext({ viewport: this.#viewport, colorScheme: 'dark', ...options });
    await context.addInitScript((text) => {
      if (localStorage.getItem('spymaster.vacuum-pressure') === null) {
        localStorage.setItem('spymaster.vacuum-pressure', text);
      }
    }, JSON.stringify(stored));
    const page = await context.newPage();
    page.on('pageerror', (error) => {
      throw error;
    });
    return page;
  }

  async open(query = '?serving=demo', hash = '', options: BrowserContextOptions = {}): Promise<Page> {
    const page = await this.newPage(settings, options);
    await page.goto(`${this.server.address}/vacuum-pressure.html${query}${hash}`);
    return page;
  }

  /**
   * A page with fingers and mouse that has received the whole session: tests share it, since receiving takes seconds. Its
   * view is as it was at first; its settings are as the test before left them.
   */
  async openWhole(): Promise<Page> {
    if (this.#whole === undefined) {
      this.#whole = await this.open(undefined, undefined, { hasTouch: true });
      await receiveAll(this.#whole);
      await withoutHatching(this.#whole);
    }
    await ask(this.#whole, (terminal) => {
      terminal.chart.setView({ ...terminal.chart.view, binsPerPx: 1 / 4, ticksPerPx: 1 / 9 });
      terminal.chart.followAgain();
    });
    return this.#whole;
  }
}

/** Starts the suite before the tests of a file, where there is a browser; prices wander about `middleTick`. */
export function heatmapSuite(viewport = usualViewport, middleTick?: bigint): HeatmapSuite {
  const suite = new HeatmapSuite(viewport, middleTick);
  before(() => (missingChromium === false ? suite.start() : undefined));
  after(() => suite.stop());
  return suite;
}

/** Waits until a page has all bins of the session. */
export async function receiveAll(page: Page): Promise<void> {
  await until(page, (terminal) => terminal.playback.connectionState.phase === 'streaming');
  await ask(page, (terminal) => terminal.playback.setSpeed('max'));
  await until(page, (terminal, count) => terminal.data.session?.store.count === count, bins);
}

/** Whether a pixel has the colour of a value; single precision may round to the colour next to it. */
export function isColourOf(value: number, pixel: readonly number[]): boolean {
  const at = colourIndex(scale, value);
  return [at - 1, at, at + 1].some((near) => String(colours.subarray(near * 4, near * 4 + 3)) === String(pixel));
}

/** The hatching of invalid books is drawn over the colours. */
export const withoutHatching = (page: Page) =>
  ask(page, (terminal) =>
    terminal.settings.change({ overlays: { ...terminal.settings.current.overlays, invalid: false } }),
  );

export const viewOf = (page: Page): Promise<Viewport> => ask(page, ({ chart }) => chart.view);
