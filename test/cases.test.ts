import { deepEqual, doesNotMatch, equal, match, ok } from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { decodeMetadata, encodeMetadata } from '../src/dbn/index.ts';
import { queryRows } from './helpers/query_rows.ts';
import { type CommandResult, runCommand } from './helpers/run_command.ts';
import { sharedPath } from './helpers/shared.ts';
import { temporaryFolder } from './helpers/temporary_folder.ts';

// Small inputs that went wrong once, with the values that are right; `test/fixtures/README.md` says why.

const folder = temporaryFolder('cases');
const caseFile = (...path: string[]) => sharedPath('cases', ...path);
let runs = 0;

/** What a replay of a case wrote; it must end well. */
async function replayed(file: string, config: string) {
  const out = join(folder, `replay_${runs++}`);
  const result = await runCommand('replay', caseFile(file), '--config', config, '--out', out, '--json');
  equal(result.code, 0, result.err);
  const report = JSON.parse(result.out) as { counters: Record<string, number>; anomalies: string[]; events: number };
  const columns = ['bin_start_ns', 'event_id', 'best_bid_price_int', 'best_ask_price_int', 'book_valid'] as const;
  const rows = await queryRows(`SELECT ${columns.join()} FROM '${join(out, 'bins.parquet')}' ORDER BY bin_seq`);
  const bins = rows.map((row) => Object.fromEntries(columns.map((name, i) => [name, row[i]])));
  return { ...report, bins, out };
}

async function refused(file: string, config: string): Promise<CommandResult> {
  const result = await runCommand('replay', caseFile(file), '--config', config, '--out', join(folder, 'none'));
  equal(result.code, 1, result.out);
  return result;
}

/** The replay configuration of a case with other runtime fields, as a file. */
function withRuntime(config: string, fields: object): string {
  const value = JSON.parse(readFileSync(caseFile(config), 'utf8')) as { runtime: object };
  const path = join(folder, `config_${runs++}.json`);
  writeFileSync(path, JSON.stringify({ ...value, runtime: { ...value.runtime, ...fields } }));
  return path;
}

interface InspectedInstrument {
  readonly symbol: string;
  readonly instrument_id: number;
  readonly publisher_id: number;
  readonly book: Record<string, unknown> & { readonly counters: Record<string, number> };
}

async function inspected(file: string) {
  const { code, out } = await runCommand('inspect', caseFile(file), '--json');
  equal(code, 0);
  return JSON.parse(out) as { anomalies: string[]; instruments: InspectedInstrument[] };
}

const price = (points: number) => BigInt(points * 1e9);
const bestOf = (bin: Record<string, unknown> | undefined) => [bin?.best_bid_price_int, bin?.best_ask_price_int];

test('symbols that fill their field without a zero are read and written back to the byte', async () => {
  for (const name of ['in.dbn', 'v1_sym22.dbn']) {
    const bytes = readFileSync(caseFile('sym71', name));
    const metadata = encodeMetadata(decodeMetadata(bytes));
    deepEqual(Buffer.from(metadata), bytes.subarray(0, metadata.length), name);
    equal((await runCommand('dbn', 'verify', caseFile('sym71', name))).code, 0, name);
  }
  match((await runCommand('inspect', caseFile('sym71', 'in.dbn'))).out, new RegExp(`\\b${'L'.repeat(71)}\\b`));
  await replayed('sym71/in.dbn', caseFile('sym71', 'c.json'));
});

test('20:00 of a futures session is the evening before its date', async () => {
  const { bins } = await replayed('evening_session/in.dbn', caseFile('evening_session', 'c06.json'));
  equal(bins[0]?.bin_start_ns, 1_770_339_600_000_000_000n);
  const { err } = await refused('evening_session/in.dbn', caseFile('evening_session', 'c05.json'));
  match(err, /^Error \[DATE_OUTSIDE_FILE\]: .*2026-02-05T01:00:00Z/);
});

test('a symbol that only other instruments of a live recording have is an error that lists them', async () => {
  for (const name of ['live_symbol_ignored/in.dbn', 'misc/live_wrong.dbn']) {
    const config = caseFile(name === 'misc/live_wrong.dbn' ? 'misc/live_wrong.json' : 'live_symbol_ignored/c.json');
    match((await refused(name, config)).err, /^Error \[SYMBOL_UNKNOWN\]: .*Cannot resolve MNQH6: the file maps ESH6/);
    const { out } = await runCommand('inspect', caseFile(name));
    match(out, /Symbols +ESH6/);
    match(out, /\nESH6 +7 /);
  }
  const { out } = await runCommand('inspect', caseFile('live_symbol_ignored/in.dbn'));
  match(out, /Requested +all there is to/);
  doesNotMatch(out, /1969|1970/);
});

test('mapping records of a live recording name the instrument to follow', async () => {
  for (const [name, config] of [
    ['live_two_instruments/in.dbn', 'live_two_instruments/c.json'],
    ['misc/live_map.dbn', 'misc/live_map.json'],
  ] as const) {
    const { bins } = await replayed(name, caseFile(config));
    deepEqual(bestOf(bins.at(-1)), [price(5999.75), price(6000.25)], name);
    const { instruments } = await inspected(name);
    ok(instruments.some(({ symbol, instrument_id }) => symbol === 'ESH6' && instrument_id === 7));
    equal(new Set(instruments.map(({ symbol }) => symbol)).size, 2);
  }
});

test('a symbol that moves to another instrument empties the book, and the move is told', async () => {
  const { bins, counters, anomalies } = await replayed('misc/live_remap.dbn', caseFile('misc/live_remap.json'));
  deepEqual(bestOf(bins.at(-1)), [price(6099.75), price(6100.25)]);
  // Bin 4 has the last record before the move, and is closed by the first one after it.
  deepEqual(bestOf(bins[3]), [price(5999.75), price(6000.25)]);
  deepEqual(bestOf(bins[4]), [null, null]);
  deepEqual(
    bins.map(({ book_valid }) => book_valid),
    bins.map((_, i) => i < 4),
  );
  equal(counters.remaps, 1);
  match(anomalies.join('\n'), /moved to another instrument 1 time: the book was emptied/);
  match((await inspected('misc/live_remap.dbn')).anomalies.join('\n'), /ES\.c\.0 moved from instrument 7 to 9/);
});

test('several publishers of one book are an error with their counts, and publisher_id chooses', async () => {
  for (const [name, other, counts] of [
    ['in.dbn', 40, '39 \\(13 records\\), 40 \\(8 records\\)'],
    ['tob.dbn', 38, '38 \\(1 record\\), 39 \\(8 records\\)'],
  ] as const) {
    const file = `publishers_merged/${name}`;
    match(
      (await refused(file, caseFile('publishers_merged/c.json'))).err,
      new RegExp(`^Error \\[PUBLISHER_UNKNOWN\\]: .*several publishers .* ${counts}`),
    );
    const { bins, counters } = await replayed(file, withRuntime('publishers_merged/c.json', { publisher_id: 39 }));
    for (const bin of bins) deepEqual([...bestOf(bin), bin.book_valid], [price(5999.75), price(6000.25), true]);
    deepEqual([counters.crossed_at_last, counters.duplicate_add], [undefined, undefined]);
    const report = await inspected(file);
    deepEqual(report.instruments.map(({ publisher_id }) => publisher_id).sort(), [other, 39].sort());
    match(report.anomalies.join('\n'), /several publishers make a book of ESH6/);
    const kept = report.instruments.find(({ publisher_id }) => publisher_id === 39)?.book;
    deepEqual([kept?.best_bid_price_int, kept?.best_ask_price_int], ['5999750000000', '6000250000000']);
  }
  const { err } = await refused(
    'publishers_merged/in.dbn',
    withRuntime('publishers_merged/c.json', { publisher_id: 5 }),
  );
  match(
    err,
    /^Error \[PUBLISHER_UNKNOWN\]: .*publisher_id 5: the file has publisher_id 39 \(13 records\), 40 \(8 records\)/,
  );
});

test('the orders of the day before do not outlive a snapshot without a clear', async () => {
  const { bins, events } = await replayed('twoday_phantom/in.dbn', caseFile('twoday_phantom/c.json'));
  equal(bins.length, 10);
  for (const bin of bins) deepEqual(bestOf(bin), [price(5999.75), price(6001)]);
  deepEqual([events, bins.at(-1)?.event_id], [19, 19n]);
  const [instrument] = (await inspected('twoday_phantom/in.dbn')).instruments;
  deepEqual(
    [instrument?.book.best_bid_price_int, instrument?.book.best_ask_price_int],
    ['5999750000000', '6001000000000'],
  );
});

test('an undefined ts_event is replaced by ts_recv, in inspect and replay alike, and both tell it', async () => {
  const { events, counters, anomalies } = await replayed('undef_ts_event/in.dbn', caseFile('undef_ts_event/c.json'));
  deepEqual([events, counters.receive_time], [17, 1]);
  const report = await inspected('undef_ts_event/in.dbn');
  const [instrument] = report.instruments;
  deepEqual([instrument?.book.orders, instrument?.book.bid_levels, instrument?.book.ask_levels], [17, 5, 4]);
  equal(instrument?.book.counters.receive_time, 1);
  for (const sentences of [anomalies, report.anomalies])
    match(sentences.join('\n'), /1 event without ts_event: taken at ts_recv/);
});

test('the first flow record after a snapshot without F_LAST counts as flow at its tick', async () => {
  const { out } = await replayed('same_ns/in.dbn', caseFile('same_ns/c.json'));
  const [row] = await queryRows(`SELECT max(add_mass) FROM '${join(out, 'grid.parquet')}' WHERE bin_seq = 0`);
  ok(Math.abs(Number(row?.[0]) - 9.866) < 0.001, `${row?.[0]}`);
});

test('a file without records says so', async () => {
  match(
    (await refused('misc/empty.dbn', caseFile('misc/empty.json'))).err,
    /^Error \[FILE_EMPTY\]: .*holds no records/,
  );
  match((await runCommand('inspect', caseFile('misc/empty.dbn'))).out, /the file holds no records/);
});
