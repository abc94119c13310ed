import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import { tableFromIPC } from 'apache-arrow';
import { fakeFrame, fakeStore, fakeUpdate, originNs } from '../../../test/web/fake_session.ts';
import { BinSummary } from './bin_summary.ts';
import { BookDepth } from './book_depth.ts';
import { EventLedger } from './event_ledger.ts';
import { toArrow } from './export_arrow.ts';
import { cellValues, exportColumns, exportName, heldCells, toCsv } from './export_rows.ts';
import { FeatureLedger } from './feature_ledger.ts';
import { FillGroups } from './fill_groups.ts';
import { FillLedger } from './fills.ts';
import { MarkGroups } from './mark_groups.ts';
import { RecentBooks } from './recent_books.ts';
import type { Session } from './session.ts';
import { TradeLedger } from './trade_ledger.ts';

function session(): Session {
  const store = fakeStore();
  const fills = new FillLedger(store);
  for (let seq = 0; seq < 5; seq++)
    store.put(
      fakeUpdate(seq, seq === 2 ? null : 100 + seq),
      fakeFrame(5, (_name, row) => row / 8),
    );
  const events = new EventLedger(1);
  return {
    contract: store.contract,
    store,
    book: new BookDepth(),
    fills,
    recent: new RecentBooks(),
    trades: new TradeLedger(),
    events,
    markGroups: new MarkGroups(events, store),
    features: new FeatureLedger(),
    fillGroups: new FillGroups(fills),
    summary: new BinSummary(store),
  };
}

test('an export holds the cells in view, by bin and price', async () => {
  const of = session();
  const cells = heldCells(of, [1, 3], [101, 104])!;
  deepEqual(
    cells,
    [101, 102, 103].map((tick) => ({ seq: 1, tick })),
  );
  const lines = toCsv(of, originNs, cells, await cellValues(of, cells))
    .trimEnd()
    .split('\n');
  equal(lines[0], exportColumns.join());
  deepEqual(lines[1]!.split(',').slice(0, 5), [String(originNs + 200_000_000n), '1', '25.25', '0', '0.625']);
  equal(exportName(of, cells), 'MNQH6_2026-02-06_bins_1-1');
});

test('Arrow and CSV say the same', async () => {
  const of = session();
  const cells = heldCells(of, [0, 9], [0, 201])!;
  const values = await cellValues(of, cells);
  const table = tableFromIPC(toArrow(of, originNs, cells, values));
  deepEqual(
    table.schema.fields.map(({ name }) => name),
    exportColumns,
  );
  const lines = toCsv(of, originNs, cells, values).trimEnd().split('\n').slice(1);
  equal(table.numRows, lines.length);
  for (const [row, line] of lines.entries()) {
    deepEqual(
      line.split(',').map(Number),
      exportColumns.map((name) => Number(table.getChild(name)!.get(row))),
    );
  }
});

test('more cells than a file should have are refused', () => {
  const of = session();
  const store = { ...of.store, oldest: 0, newest: 999_999, baseTick: () => 95 } as unknown as Session['store'];
  equal(heldCells({ ...of, store }, [0, 4_096_000], [-300, 104]), null);
});
