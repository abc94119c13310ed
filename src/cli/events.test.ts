import { deepEqual, equal, match } from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { mboMetadata } from '../../test/helpers/mbo_metadata.ts';
import { type CaseEvent, recordsOf } from '../../test/helpers/queue_cases.ts';
import { runCommand } from '../../test/helpers/run_command.ts';
import { batchOf } from '../../test/oracle/mbo.ts';
import { encodeMetadata, type Metadata } from '../dbn/index.ts';
import { DuckDatabase, quotedFile } from '../files/index.ts';

const folder = mkdtempSync(join(tmpdir(), 'spymaster-events-'));
after(() => rmSync(folder, { recursive: true }));

const startNs = 1_770_388_200_000_000_000n;

function writeSession(name: string, events: readonly CaseEvent[], metadata: Partial<Metadata> = {}): string {
  const records = recordsOf(events).map((record, i) => ({
    ...{ ...record, sequence: i + 1, tsEvent: startNs + record.tsEvent, tsRecv: startNs + record.tsRecv + 5n },
  }));
  const path = join(folder, name);
  writeFileSync(path, Buffer.concat([encodeMetadata(mboMetadata('ESH6', 1, metadata)), batchOf(records).bytes]));
  return path;
}

const session = writeSession('session.dbn', [
  [1, 'A 1 B 99 50', 'A 2 A 101 1', 'A 3 A 102 5', 'A 4 A 103 5'],
  [
    20,
    'T 9 B 101 1',
    'F 2 A 101 1',
    'T 9 B 102 5',
    'F 3 A 102 5',
    'T 9 B 103 1',
    'F 4 A 103 1',
    'C 2 A 101 1',
    'C 3 A 102 5',
    'M 4 A 103 4',
  ],
]);

test('events writes a row for each event, with the ids and sequence numbers that prove it', async () => {
  const out = join(folder, 'events.parquet');
  const {
    code,
    out: printed,
    err,
  } = await runCommand('events', session, '--kinds', 'sweep, stop', '--out', out, '--json');
  equal(code, 0, printed + err);
  const summary = JSON.parse(printed) as Record<string, unknown>;
  deepEqual([summary.rows, summary.records, summary.symbol, summary.tick_size], [1, 13, 'ESH6', 0.25]);
  deepEqual([summary.sweeps_by_aggressor, (summary.events as Record<string, number>).trade], [1, 1]);
  using database = await DuckDatabase.open({ threads: 1 });
  const connection = await database.connect();
  const rows = await connection.runAndReadAll(`FROM ${quotedFile(out)}`);
  deepEqual(rows.getRowObjectsJson(), [
    {
      ...{
        event: '2',
        update: 0,
        ts_ns: String(startNs + 20n),
        start_ns: String(startNs + 20n),
        kind: 'sweep',
        side: 'B',
      },
      ...{ price: 101, size: '7', levels: 3, order_ids: ['9', '2', '3', '4'], sequences: [5, 7, 9, 6, 8, 10] },
      detail: '{"scope":"aggressor","event_size":7,"event_levels":3,"last_price":103}',
    },
  ]);
  const again = await runCommand('events', session, '--out', out);
  equal(again.code, 1);
  match(again.err, /FILE_EXISTS/);
  const text = await runCommand('events', session, '--out', out, '--force');
  match(text.out, /^Wrote 2 rows of events in session\.dbn to .*sweep +1 \(1 by one aggressor; 1 events? with/s);
});

test('what cannot be followed is refused, and leaves no file', async () => {
  const out = join(folder, 'none.parquet');
  const unknown = writeSession('unknown.dbn', [[1, 'A 1 B 99 50']], { mappings: [], schema: 'mbo' });
  const cases: [args: string[], error: RegExp][] = [
    [[session, '--kinds', 'sweeps'], /no events? of kind|events of kind sweeps: --kinds takes trade, stop/],
    [[session, '--symbol', 'NQH6'], /NQH6/],
    [[unknown], /the price step of the symbol is not known. Give it with --tick/],
    [[writeSession('empty.dbn', [])], /holds no order records/],
  ];
  for (const [args, error] of cases) {
    const { code, err } = await runCommand('events', ...args, '--out', out);
    equal(code === 0, false);
    match(err, error);
    equal(existsSync(out), false);
  }
});
