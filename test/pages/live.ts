import { equal, match, ok } from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { decodeDbn, encodeGapMark } from '../../src/dbn/index.ts';
import { type Server, startServer } from '../../src/server/index.ts';
import { GrowingRecording } from '../helpers/growing_recording.ts';
import { laterSession } from '../helpers/later_session.ts';
import { createServingLake, type ServingLake } from '../helpers/serving_lake.ts';
import { ask, buildPage, launchBrowser, missingChromium, newPage, soon, until } from '../web/browser.ts';

const options = { skip: missingChromium };
let lake: ServingLake;
let bytes: Buffer;
let recording: GrowingRecording;
let server: Server;
let webRoot: string;
let removePages = () => {};
let browser: Awaited<ReturnType<typeof launchBrowser>>;

before(async () => {
  if (missingChromium !== false) return;
  lake = createServingLake(30);
  bytes = readFileSync(lake.rawFile);
  const { symbol, stream_dt: date } = lake.spec.runtime_snapshot;
  recording = new GrowingRecording(symbol, date);
  const pages = await buildPage('vacuum-pressure');
  webRoot = pages.webRoot;
  removePages = pages.remove;
  browser = await launchBrowser();
  server = await startServer({
    lake: lake.lake,
    host: '127.0.0.1',
    port: 0,
    webRoot,
    live: recording.options('demo'),
  });
});

after(async () => {
  await browser?.close();
  await server?.close();
  recording?.remove();
  lake?.remove();
  removePages();
});

/** Bytes of the file before the record `busy` of the busy half minute, of which there are a hundred a second. */
const upTo = (busy: number) => [...decodeDbn(bytes).batches][0]!.byteOffset + (4001 + busy) * 56;

test(
  'a live session is followed, paused, scrolled back, and jumped to again; gaps and lost feeds are told',
  options,
  async () => {
    const page = await newPage(browser, { viewport: { width: 1100, height: 640 }, colorScheme: 'dark' });
    await page.goto(`${server.address}/vacuum-pressure.html?serving=demo`);
    // Before there is a recording, the page says what it waits for.
    recording.sink.report({ connection: 'retrying', retryInMs: 60_000, bytes: 0, lastReceiveNs: null, delayMs: null });
    await page.getByText(/Waiting for the recording of MNQH6/).waitFor();

    recording.begin(bytes.subarray(0, upTo(1000)));
    recording.sink.report({ connection: 'live', retryInMs: null, bytes: upTo(1000), lastReceiveNs: null, delayMs: 3 });
    await until(
      page,
      (terminal) => terminal.data.session?.store.head === 99 || terminal.data.session?.store.head === 98,
    );
    const live = page.getByRole('region', { name: 'Live' });
    await live.getByText('Live', { exact: true }).waitFor();
    await soon(async () => ok(await live.getByRole('button', { name: 'Jump to live' }).isDisabled()));
    await soon(async () => match(await page.locator('.top-bar .connection').innerText(), /^Live$/));

    // The stream goes on while the page is paused and looks back.
    await page.keyboard.press(' ');
    await ask(page, (terminal) => terminal.playback.seek(20));
    await until(page, (terminal) => terminal.chart.shownSeq === 20);
    recording.append(bytes.subarray(upTo(1000), upTo(2000)));
    await until(page, (terminal) => terminal.live.newestSeq >= 198);
    equal(await ask(page, (terminal) => terminal.chart.shownSeq), 20);
    await live.getByText(/^1\d s behind$/).waitFor();
    await page.keyboard.press('j');
    await until(page, (terminal) => terminal.data.latestSeq >= 198 && !terminal.playback.paused);
    // With its past.
    await until(page, (terminal) => terminal.data.session!.store.has(terminal.data.latestSeq - 40));

    // A lost feed counts down; the records that it cost are hatched, with their cause.
    recording.sink.report({
      connection: 'retrying',
      retryInMs: 9000,
      bytes: upTo(2000),
      lastReceiveNs: null,
      delayMs: 3,
    });
    await live.getByText(/^Feed lost, again in [3-9] s$/).waitFor();
    await live.getByText(/^no bin for/).waitFor();
    const lastNs = bytes.readBigUInt64LE(upTo(1999) + 8);
    const nextNs = bytes.readBigUInt64LE(upTo(2200) + 8);
    const mark = encodeGapMark({ fromNs: lastNs, toNs: nextNs, cause: 'disconnected' }, 3, false);
    recording.append(Buffer.concat([mark, bytes.subarray(upTo(2200), upTo(2600))]));
    recording.sink.report({ connection: 'live', retryInMs: null, bytes: upTo(2600), lastReceiveNs: null, delayMs: 3 });
    await live.getByText('1 gap').waitFor();
    await until(page, (terminal) => terminal.data.latestSeq >= 255);
    await until(page, (terminal) => terminal.live.gapOf(205)?.cause === 'disconnected');
    equal(await ask(page, (terminal) => terminal.live.gapOf(230)), null);
    equal(await ask(page, (terminal) => terminal.data.session!.store.bin('bookValid', 205)), 0);

    recording.append(bytes.subarray(upTo(2600)));
    recording.sink.end();
    await until(page, (terminal) => terminal.playback.connectionState.phase === 'ended');
    await soon(async () => match(await page.locator('.top-bar .connection').innerText(), /End of session/));

    // The next session's recording takes its place, and the page follows.
    recording.next('2026-02-09', laterSession(bytes, 3));
    await until(page, (terminal) => terminal.data.session?.contract.config.stream_dt === '2026-02-09');
    await until(page, (terminal) => terminal.live.isOn && terminal.data.latestSeq >= 298);
    await live.getByText('Live', { exact: true }).waitFor();
    await page.context().close();
  },
);
