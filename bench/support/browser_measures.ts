import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { CDPSession } from 'playwright-core';
import { type BenchResult, hashOf } from './harness.ts';

/** A measurement without a baseline, from the values of its runs. */
export function measured(
  name: string,
  unit: string,
  values: readonly number[],
  hash: string,
  seed: number,
): BenchResult {
  const sorted = values.toSorted((a, b) => a - b);
  const median = sorted[sorted.length >> 1]!;
  const samples = { count: values.length, best: sorted[0]!, median, wallMedian: median };
  return {
    name,
    unit,
    value: median,
    baselineName: 'none',
    baselineValue: null,
    ratio: null,
    resultHash: hash,
    baselineHash: null,
    seed,
    samples,
  };
}

/** JavaScript that the browser loads to open a page, gzip, kB; workers and exports come when they are asked for. */
export function scriptKb(webRoot: string, page: string): { readonly kb: number; readonly hash: string } {
  const html = readFileSync(join(webRoot, `${page}.html`), 'utf8');
  const scripts = readdirSync(join(webRoot, 'assets')).filter((name) => name.endsWith('.js') && html.includes(name));
  const sources = scripts.map((name) => readFileSync(join(webRoot, 'assets', name)));
  return { kb: sources.reduce((sum, source) => sum + gzipSync(source).length, 0) / 1000, hash: hashOf(...sources) };
}

/** A figure of Chromium's about the page's main thread: CPU times so far in ms, memory in bytes. */
export async function mainThread(
  session: CDPSession,
  of: 'TaskDuration' | 'ScriptDuration' | 'JSHeapUsedSize',
): Promise<number> {
  const { metrics } = await session.send('Performance.getMetrics');
  const { value } = metrics.find(({ name }) => name === of)!;
  return of === 'JSHeapUsedSize' ? value : value * 1000;
}

/** Memory that a page's scripts take, garbage collected: objects, what they hold of the browser's, and buffers; bytes. */
export async function scriptMemory(session: CDPSession): Promise<number> {
  await session.send('HeapProfiler.enable');
  await session.send('HeapProfiler.collectGarbage');
  await session.send('HeapProfiler.disable');
  const usage: Record<string, number> = await session.send('Runtime.getHeapUsage');
  return ['usedSize', 'embedderHeapUsedSize', 'backingStorageSize'].reduce((sum, name) => sum + (usage[name] ?? 0), 0);
}

/** CPU time so far of the process that makes a browser's pixels, ms; a step of the count is 10 ms. `browser` is a session with the browser itself. */
export async function drawingTime(browser: CDPSession): Promise<number> {
  const { processInfo } = await browser.send('SystemInfo.getProcessInfo');
  return 1000 * processInfo.filter(({ type }) => type === 'GPU').reduce((sum, { cpuTime }) => sum + cpuTime, 0);
}
