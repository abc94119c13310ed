import type { Browser, Page } from 'playwright-core';
import type { Lake } from '../../src/lake/index.ts';
import { type Server, startServer } from '../../src/server/index.ts';
import { buildPage, launchBrowser, newPage } from './browser.ts';

/** A dark page of a browser, and the server of a lake that it asks. */
export interface LakePage {
  readonly server: Server;
  readonly browser: Browser;
  readonly page: Page;
  close(): Promise<void>;
}

/** Serves a lake with these pages built, and opens a browser with a page of this size. */
export async function openLakePage(
  lake: Lake,
  built: readonly ('experiments' | 'vacuum-pressure')[],
  viewport: { readonly width: number; readonly height: number },
): Promise<LakePage> {
  const [browser, pages] = await Promise.all([launchBrowser({ webGl: true }), buildPage(...built)]);
  const server = await startServer({ lake, host: '127.0.0.1', port: 0, webRoot: pages.webRoot });
  const page = await newPage(browser, { viewport, colorScheme: 'dark' });
  const close = async () => {
    await browser.close();
    await server.close();
    pages.remove();
  };
  return { server, browser, page, close };
}
