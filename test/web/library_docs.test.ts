import { deepEqual } from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { build } from 'vite';
import { type Server, startServer } from '../../src/server/index.ts';
import { entryPoint, examplesOf, printedInNode } from '../helpers/docs_examples.ts';
import { createServingLake, type ServingLake } from '../helpers/serving_lake.ts';
import { smallSession } from '../helpers/small_session.ts';
import { launchBrowser, missingChromium } from './browser.ts';

const examples = [...examplesOf('engine.md'), ...examplesOf('wire.md')];
const folder = mkdtempSync(join(tmpdir(), 'spymaster-library-docs-'));
const types: Readonly<Record<string, string>> = { '.html': 'text/html', '.js': 'text/javascript' };

let files: HttpServer;
let fileAddress: string;
let lake: ServingLake;
let streams: Server;
let browser: Browser | undefined;

/** The examples read a file at port 8080 and a stream at port 8002; here both have ports of their own. */
before(async () => {
  writeFileSync(join(folder, 'index.html'), '<!doctype html><title>Examples</title>');
  writeFileSync(join(folder, 'session.dbn'), smallSession(300));
  files = createServer((request, response) => {
    const path = join(folder, request.url === '/' ? 'index.html' : (request.url ?? ''));
    if (!existsSync(path)) return response.writeHead(404).end();
    return response.writeHead(200, { 'content-type': types[extname(path)] ?? '' }).end(readFileSync(path));
  }).listen(0, '127.0.0.1');
  await once(files, 'listening');
  fileAddress = `http://127.0.0.1:${(files.address() as AddressInfo).port}`;
  lake = createServingLake(2);
  streams = await startServer({ lake: lake.lake, host: '127.0.0.1', port: 0, webRoot: folder });
  if (missingChromium !== false) return;
  await bundle();
  browser = await launchBrowser({ webGl: false });
});
after(async () => {
  await browser?.close();
  await streams?.close();
  files?.close();
  lake?.remove();
  rmSync(folder, { recursive: true });
});

/** An example that reads from the servers of this test. */
function withAddresses(code: string): string {
  return code
    .replaceAll('http://127.0.0.1:8080', fileAddress)
    .replaceAll('ws://127.0.0.1:8002', streams.address.replace('http', 'ws'));
}

/** Builds the examples for browsers, as `0.js`, `1.js`, … */
async function bundle(): Promise<void> {
  for (const [index, { code }] of examples.entries()) writeFileSync(join(folder, `${index}.ts`), withAddresses(code));
  const entryPoints = ['dbn', 'engine', 'wire'].map((name) => [`spymaster/${name}`, entryPoint(name)]);
  await build({
    root: folder,
    configFile: false,
    logLevel: 'error',
    resolve: { alias: Object.fromEntries(entryPoints) },
    build: {
      target: 'esnext',
      outDir: folder,
      emptyOutDir: false,
      rolldownOptions: {
        input: Object.fromEntries(examples.map((_, index) => [index, join(folder, `${index}.ts`)])),
        output: { entryFileNames: '[name].js' },
      },
    },
  });
}

for (const [index, { name, code, promised }] of examples.entries()) {
  test(`${name}, in Node`, async (context) => {
    deepEqual(await printedInNode(context, withAddresses(code), folder), promised);
  });

  test(`${name}, in a browser`, { skip: missingChromium }, async () => {
    const page = await browser!.newPage();
    const failures: string[] = [];
    page.on('pageerror', ({ message }) => failures.push(message));
    await page.goto(`${fileAddress}/`);
    const printed = await page.evaluate(async (path) => {
      const lines: string[] = [];
      const text = (value: unknown) => (typeof value === 'bigint' ? `${value}n` : String(value));
      console.log = (...values: unknown[]) => lines.push(values.map(text).join(' '));
      await import(path);
      return lines;
    }, `/${index}.js`);
    deepEqual(printed, promised);
    deepEqual(failures, []);
    await page.close();
  });
}
