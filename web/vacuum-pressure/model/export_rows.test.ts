import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import { tableFromIPC } from 'apache-arrow';
import { fakeFrame, fakeStore, fakeUpdate, originNs } from '../../../test/web/fake_session.ts';
import { BinSummary } from './bin_summary.ts';
import type { Session } from './chart_state.ts';
import { toArrow } from './export_arrow.ts';
import { exportColumns, exportName, toCsv, visibleCells } from './export_rows.ts';
import { FillGroups } from './fill_groups.ts';
import { FillLedger } from './fills.ts';
import type { Viewport } from './viewport.ts';

const view: Viewport = { left: 1, binsPerPx: 1, top: 103.4, ticksPerPx: 0.1, widthPx: 2, heightPx: 20 };

function session(): Session {
  const store = fakeStore();
  const fills = new FillLedger(store);
  for (let seq = 0; seq < 5; seq++)
    store.put(
      fakeUpdate(seq, seq === 2 ? null : 100 + seq),
      fakeFrame(5, (_name, row) => row / 8),
    );
  return { contract: store.contract, store, fills, fillGroups: new FillGroups(fills), summary: new BinSummary(store) };
}

test('an export holds the cells in view, by bin and price', () => {
  const of = session();
  const cells = visibleCells(of, view)!;
  deepEqual(
    cells,
    [101, 102, 103].map((tick) => ({ seq: 1, tick })),
  );
  const lines = toCsv(of, originNs, cells).trimEnd().split('\n');
  equal(lines[0], exportColumns.join());
  deepEqual(lines[1]!.split(',').slice(0, 5), [String(originNs + 200_000_000n), '1', '25.25', '0', '0.625']);
  equal(exportName(of, cells), 'MNQH6_2026-02-06_bins_1-1');
});

test('Arrow and CSV say the same', () => {
  const of = session();
  const cells = visibleCells(of, { ...view, left: 0, widthPx: 9, top: 200, heightPx: 2000 })!;
  const table = tableFromIPC(toArrow(of, originNs, cells));
  deepEqual(
    table.schema.fields.map(({ name }) => name),
    exportColumns,
  );
  const lines = toCsv(of, originNs, cells).trimEnd().split('\n').slice(1);
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
  equal(visibleCells({ ...of, store }, { ...view, widthPx: 64_000, binsPerPx: 64, heightPx: 4000 }), null);
});
