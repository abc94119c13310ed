import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { test } from 'node:test';
import { mboRecordBytes } from '../../src/dbn/index.ts';
import type { Terminal } from '../../web/vacuum-pressure/playback/terminal.ts';
import { ask, heatPixels, missingChromium, soon, until } from '../web/browser.ts';
import { dropFiles } from '../web/drop_files.ts';
import { bins, heatmapSuite, receiveAll, withoutHatching } from '../web/heatmap_suite.ts';

const options = { skip: missingChromium };
const suite = heatmapSuite({ width: 760, height: 480 });

/** The bins of the session that are in view and not held, or "all" when none is. */
const inView = ({ chart: { view }, data: { session } }: Terminal) => {
  const missing: number[] = [];
  const end = Math.min(300 /* `bins` */, Math.ceil(view.left + view.widthPx * view.binsPerPx));
  for (let seq = Math.max(0, Math.floor(view.left)); seq < end; seq++) if (!session!.store.has(seq)) missing.push(seq);
  return missing.length === 0 ? 'all' : missing.join();
};

test('pause holds the picture, resume goes on without a gap, seek and step land on the bin', options, async () => {
  const page = await suite.open();
  await until(page, (terminal) => (terminal.data.session?.store.count ?? 0) >= 5);
  await page.keyboard.press(' ');
  await until(page, (terminal) => terminal.playback.paused);
  const held = await ask(page, (terminal) => terminal.data.session!.store.head);
  // The answers to two steps show that nothing else comes while paused.
  for (const next of [held + 1, held + 2]) {
    await page.keyboard.press('ArrowRight');
    await until(page, (terminal, seq) => terminal.data.session!.store.head >= seq, next);
    equal(await ask(page, (terminal) => terminal.data.session!.store.head), next, 'a step brings one bin');
  }
  await page.keyboard.press('ArrowLeft');
  await until(page, (terminal, seq) => terminal.chart.shownSeq === seq, held + 1);
  await page.keyboard.press(' ');
  await until(page, (terminal, head) => terminal.data.session!.store.head >= head + 4, held);
  const gaps = await ask(page, ({ data: { session } }) => {
    const missing: number[] = [];
    for (let seq = 0; seq <= session!.store.head; seq++) if (!session!.store.has(seq)) missing.push(seq);
    return missing;
  });
  deepEqual(gaps, []);
  await page.keyboard.press(' ');
  await ask(page, (terminal) => terminal.playback.seek(222));
  await until(page, (terminal) => terminal.chart.shownSeq === 222);
  await soon(async () => equal(await ask(page, inView), 'all', 'a jump brings the time before and after its moment'));
  await page.keyboard.press('ArrowRight');
  await until(page, (terminal) => terminal.chart.shownSeq === 223);
  await page.fill('input[name=time]', '09:31:10');
  await page.keyboard.press('Enter');
  await until(page, (terminal) => terminal.chart.shownSeq === 99);
  await soon(async () => equal(await ask(page, inView), 'all'));
  await page.fill('input[name=time]', '25:99');
  await page.keyboard.press('Enter');
  await page.getByText('Cannot go to “25:99”: expected a time as HH:MM').waitFor();
  await page.context().close();
});

test('a link leads to its time; the address takes serving alone', options, async () => {
  const linked = await suite.open('?serving=demo', '#t=1770388270000000000');
  await until(linked, (terminal) => (terminal.data.session?.store.count ?? 0) > 0);
  await until(linked, (terminal) => terminal.chart.momentSeq === 99);
  await until(linked, (terminal) => terminal.data.session!.store.has(99) && terminal.data.session!.store.head > 99);
  await soon(async () => equal(await ask(linked, inView), 'all', 'a link shows the time before its moment'));
  await linked.evaluate(() => location.assign('#t=1770388280000000000'));
  await until(linked, (terminal) => terminal.chart.momentSeq === 199);
  await linked.evaluate(() => location.assign('#t=tomorrow'));
  await linked.getByText(/Cannot read the time in the address.*got “tomorrow”/).waitFor();
  await linked.context().close();
  for (const [query, words] of [
    ['?serving=demo&speed=2', /has the parameter "speed", and this page takes "serving" alone/],
    ['?serving=', /"serving" is empty/],
  ] as const) {
    const refused = await suite.open(query);
    await soon(async () => match(await refused.locator('[role=alert]').innerText(), words));
    await refused.context().close();
  }
  const unknown = await suite.open('?serving=nobody');
  await unknown.locator('[role=alert]').waitFor();
  await soon(async () => match(await unknown.locator('[role=alert]').innerText(), /nobody/));
  await unknown.context().close();
});

test('a stream that breaks its contract stops the drawing and names the field', options, async () => {
  const page = await suite.newPage();
  await page.routeWebSocket(/stream/, (client) => {
    const upstream = client.connectToServer();
    let updates = 0;
    upstream.onMessage((message) => {
      const late = typeof message === 'string' && message.includes('"grid_update"') && ++updates === 5;
      client.send(late ? message.replace(/"bin_event_count":\d+/, '"bin_event_count":"many"') : message);
    });
  });
  await page.goto(`${suite.server.address}/vacuum-pressure.html?serving=demo`);
  await page.locator('[role=alert]').waitFor();
  await soon(async () =>
    match(await page.locator('[role=alert]').innerText(), /expected bin_event_count to be a whole number.*got "many"/),
  );
  equal(await ask(page, ({ data }) => data.session!.store.count), 4);
  await page.context().close();
});

test('a killed server is waited for, and the replay goes on where it was', options, async () => {
  const page = await suite.open();
  await until(page, (terminal) => (terminal.data.session?.store.count ?? 0) >= 8);
  const port = Number(new URL(suite.server.address).port);
  await suite.server.close();
  await until(page, (terminal) => terminal.playback.connectionState.phase === 'waiting');
  await soon(async () => match(await page.locator('[role=alert]').innerText(), /Trying again/));
  const head = await ask(page, (terminal) => terminal.data.session!.store.head);
  suite.server = await suite.serve(port);
  await until(page, (terminal, before) => terminal.data.session!.store.head >= before + 5, head);
  const seqs = await ask(page, ({ data: { session } }) => {
    const { store } = session!;
    return [store.count, store.oldest, store.newest];
  });
  equal(seqs[0], seqs[2]! + 1, 'no bin is missing and none was counted twice');
  await page.context().close();
});

test('files that are dropped on the page give the pixels and the overview that the server gives', options, async () => {
  const served = await suite.openWhole();
  const page = await suite.open('');
  const { stream_dt, stream_start_time, ...runtime } = suite.lake.spec.runtime_snapshot;
  await dropFiles(page, [
    { name: basename(suite.lake.rawFile), bytes: readFileSync(suite.lake.rawFile) },
    { name: 'replay.json', bytes: Buffer.from(JSON.stringify({ runtime, stream_dt, stream_start_time })) },
  ]);
  await page.getByText('glbx-mdp3-20260206.mbo.dbn').waitFor();
  await page.click('button:has-text("Replay"):enabled');
  await receiveAll(page);
  const points = Array.from({ length: 400 }, (_, at): [number, number] => [(at * 37) % 500, (at * 53) % 240]);
  const pictures = [];
  for (const each of [served, page]) {
    await withoutHatching(each);
    const spot = await ask(each, (terminal) => terminal.data.session!.store.bin('spotTick', 200));
    await ask(
      each,
      (terminal, top) =>
        terminal.chart.setView({ ...terminal.chart.view, left: 150, top, binsPerPx: 0.2, ticksPerPx: 0.08 }),
      spot + 12,
    );
    pictures.push(await heatPixels(each, points));
  }
  deepEqual(pictures[1], pictures[0]);
  ok(new Set(pictures[0]!.map(String)).size > 20);
  await until(page, (terminal) => terminal.data.overview?.is_complete === true);
  const overviews = await Promise.all([served, page].map((each) => ask(each, ({ data }) => data.overview!)));
  deepEqual({ ...overviews[1]!, serving_id: '' }, { ...overviews[0]!, serving_id: '' });
  await page.getByRole('button', { name: /^File: 1 anomaly/ }).click();
  // Not behind anything, and not cut off.
  await page.locator('.file-words').click({ trial: true });
  await soon(async () =>
    match(await page.locator('.file-words').innerText(), /[\d,]+ events so far\..*crossed or locked.*Nothing\./s),
  );
  await page.context().close();
});

test('a file says what is wrong with it and what of it was left out', options, async () => {
  const page = await suite.open('');
  const bytes = readFileSync(suite.lake.rawFile);
  // Records of another instrument in the midst, and cancels of orders that nobody added.
  const first = bytes.length - 5000 * mboRecordBytes;
  const records = new DataView(bytes.buffer, bytes.byteOffset + first, 5000 * mboRecordBytes);
  for (let at = 0; at < 7; at++) records.setUint32((4000 + at) * mboRecordBytes + 4, 7, true);
  for (let at = 0; at < 5; at++) {
    records.setUint8((4100 + at) * mboRecordBytes + 38, 'C'.charCodeAt(0));
    records.setBigUint64((4100 + at) * mboRecordBytes + 16, 77n, true);
  }
  const { stream_dt, stream_start_time, ...runtime } = suite.lake.spec.runtime_snapshot;
  await dropFiles(page, [
    { name: 'x-20260206.dbn', bytes },
    { name: 'replay.json', bytes: Buffer.from(JSON.stringify({ runtime, stream_dt, stream_start_time })) },
  ]);
  await page.click('button:has-text("Replay"):enabled');
  await until(page, (terminal) => terminal.playback.connectionState.phase === 'streaming');
  await ask(page, (terminal) => terminal.playback.setSpeed('max'));
  await page.getByRole('button', { name: /^File: \d+ anomal.*some skipped/ }).click();
  await page.locator('.file-words', { hasText: /\d+ cancels of unknown orders/ }).waitFor();
  await page.locator('.file-words', { hasText: '7 records of other instruments' }).waitFor();
  await page.context().close();
});

test(
  'a file alone fills the sheet, and a configuration of another instrument is told before the replay',
  options,
  async () => {
    const page = await suite.open('');
    const data = { name: `${'long-name-'.repeat(12)}20260206.mbo.dbn`, bytes: readFileSync(suite.lake.rawFile) };
    await dropFiles(page, [data]);
    const sheet = page.locator('.file-sheet');
    const value = (label: string) => sheet.getByLabel(label).inputValue();
    await sheet.getByLabel('Instrument of the file').waitFor();
    deepEqual(await Promise.all(['Instrument of the file', 'Tick size', 'Session date', 'First bin'].map(value)), [
      'MNQH6',
      '0.25',
      '2026-02-06',
      '08:51',
    ]);
    const [scroll, client] = await sheet.evaluate(({ scrollWidth, clientWidth }) => [scrollWidth, clientWidth]);
    equal(scroll, client, 'nothing overflows');
    await dropFiles(page, [{ name: 'instrument.yaml', bytes: Buffer.from('symbol: ESH4\n') }]);
    await sheet.getByText('The configuration is of ESH4, and the file holds MNQH6.').waitFor();
    const replay = sheet.getByRole('button', { name: 'Replay', exact: true });
    await soon(async () => equal(await replay.isDisabled(), true));
    await sheet.getByLabel('Instrument of the file').selectOption('MNQH6');
    await sheet.getByLabel('First bin').fill('25:00');
    await replay.click();
    equal(await sheet.getByLabel('First bin').evaluate((input: HTMLInputElement) => input.validity.valid), false);
    await sheet.getByLabel('First bin').fill('09:31');
    await replay.click();
    await until(page, (terminal) => (terminal.data.session?.store.count ?? 0) > 3);
    equal(await ask(page, ({ data: { session } }) => session!.contract.config.symbol), 'MNQH6');
    await page.context().close();
  },
);

test('a file that cannot be replayed says why', options, async () => {
  const page = await suite.open('');
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
  await soon(async () => match(await alert.innerText(), /tick_sise.*nearest known key is "tick_size"/));
  await page.context().close();
});

test('the scrubber shows the whole session at once, and leads anywhere in it', options, async () => {
  const page = await suite.open();
  await until(
    page,
    (terminal) => terminal.data.overview?.is_complete === true && (terminal.data.session?.store.count ?? 0) > 0,
  );
  const known = await ask(page, ({ data: { overview, session } }) => [
    overview!.bin_count,
    session!.store.newest < 200,
  ]);
  deepEqual(known, [bins, true]);
  const scrubber = page.getByRole('slider', { name: 'Position in the session' });
  // An element follows the data by a frame or more.
  await page.locator(`[role=slider][aria-label="Position in the session"][aria-valuemax="${bins - 1}"]`).waitFor();
  const box = (await scrubber.boundingBox())!;
  const seqAt = (share: number) => Math.floor(share * bins);
  await page.mouse.move(box.x + box.width * 0.7, box.y + 10);
  await soon(async () =>
    match(await page.locator('.scrubber-tag').innerText(), /^09:31:2\d\.\d · \d+\.\d\d.* events\/s/),
  );
  await page.mouse.down();
  await page.mouse.up();
  await until(page, ({ chart: { momentSeq } }, at) => momentSeq !== null && Math.abs(momentSeq - at) <= 2, seqAt(0.7));
  await page.keyboard.press(' ');
  for (const [keys, seq] of [
    [['Home'], 0],
    [['ArrowRight', 'ArrowRight', 'ArrowRight'], 30],
    [['ArrowLeft'], 20],
    [['End'], bins - 1],
  ] as const) {
    await scrubber.focus();
    for (const key of keys) await page.keyboard.press(key);
    await until(page, (terminal, at) => terminal.chart.shownSeq === at, seq);
  }
  // The overview is of what streams.
  const whole = await suite.openWhole();
  const columns = await ask(whole, ({ data }) => data.overview!.columns);
  const seen = await ask(whole, ({ data: { session } }) => {
    const { store, contract } = session!;
    return Array.from({ length: store.count }, (_, seq) => [
      (store.bin('midTick', seq) * contract.tickInt) / 1e9,
      store.bin('eventCount', seq),
      store.bin('bookValid', seq),
    ]);
  });
  deepEqual(
    columns.mid_last.map((mid, seq) => [mid, columns.event_count[seq], columns.valid_bins[seq]]),
    seen,
  );
  await page.context().close();
});
