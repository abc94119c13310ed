import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import { fakeConfig, fakeFrame, fakeUpdate, originNs, tickInt } from '../../test/web/fake_session.ts';
import { measureLines } from './chart/pointer_layer.ts';
import { BinSummary, summaryFields } from './session/bin_summary.ts';
import { BookDepth } from './session/book_depth.ts';
import { invalidBookReason, sessionContract, spotTick } from './session/contract.ts';
import { EventLedger } from './session/event_ledger.ts';
import { cellValues, heldCells, toCsv } from './session/export_rows.ts';
import { FeatureLedger } from './session/feature_ledger.ts';
import { FillGroups } from './session/fill_groups.ts';
import { FillLedger } from './session/fills.ts';
import { MarkGroups } from './session/mark_groups.ts';
import { RecentBooks } from './session/recent_books.ts';
import type { Session } from './session/session.ts';
import { SessionStore } from './session/session_store.ts';
import { TradeLedger } from './session/trade_ledger.ts';
import {
  follow,
  priceAt,
  tickAt,
  type Viewport,
  visibleBins,
  visibleTicks,
  yOf,
  zoomPrice,
} from './viewport/viewport.ts';

const radius = 5;
const spots = [100, 101, 101, null, 103, 102, 99, 98, 99, 100];

/** A session whose spots lie `shift` ticks higher, with fills, and without a bid or an ask in some bins. */
function sessionAt(shift: number, equity: boolean): Session {
  const contract = sessionContract(fakeConfig(equity ? { product_type: 'equity_mbo', bucket_size_dollars: 0.25 } : {}));
  const store = new SessionStore(contract, 64);
  const fills = new FillLedger(store);
  const summary = new BinSummary(store);
  summary.setStep(2);
  for (const [seq, spot] of spots.entries()) {
    const missing = seq === 5 ? { has_bid: false, best_bid_price_int: '0', mid_price: 0, book_valid: false } : {};
    store.put(
      fakeUpdate(seq, spot === null ? null : spot + shift, missing),
      fakeFrame(radius, (name, row) => (name === 'fill_mass' ? seq * (row + 1) : Math.sin(seq + row))),
    );
    fills.put(seq);
  }
  const events = new EventLedger(tickInt);
  return {
    contract,
    store,
    book: new BookDepth(),
    recent: new RecentBooks(),
    trades: new TradeLedger(),
    events,
    markGroups: new MarkGroups(events, store),
    features: new FeatureLedger(),
    fills,
    fillGroups: new FillGroups(fills),
    summary,
  };
}

/** Everything that the page makes of a session whose prices lie `shift` ticks higher, in ticks less the shift. */
function seen({ store, fills, summary }: Session, shift: number) {
  const lowered = (tick: number) => tick - shift;
  const seqs = [...spots.keys()];
  return {
    quotes: seqs.map((seq) =>
      [store.bin('bidTick', seq), store.bin('askTick', seq), store.bin('midTick', seq)].map(lowered),
    ),
    spots: seqs.map((seq) => store.bin('spotTick', seq) - shift),
    cells: seqs.map((seq) => Array.from({ length: 25 }, (_, at) => store.value('flow_score', seq, 88 + at + shift))),
    fills: seqs.map((seq) => fills.at(seq).map((fill) => ({ ...fill, tick: lowered(fill.tick) }))),
    summary: [0, 1, 2, 3, 4].map((group) =>
      summaryFields.map((field) => {
        const by = field.endsWith('Tick') ? shift : 0;
        const slot = summary.slot(group);
        return [summary.low(field, slot) - by, summary.high(field, slot) - by, summary.last(field, slot) - by];
      }),
    ),
    reasons: seqs.map((seq) => invalidBookReason(store.bin('bidTick', seq), store.bin('askTick', seq))),
  };
}

test('a session whose prices lie at 0 or below is kept as one whose prices are high', () => {
  for (const equity of [false, true]) {
    const expected = seen(sessionAt(0, equity), 0);
    // Best bid and spot at 0; best ask at 0; mids to both sides of 0; all below 0.
    for (const shift of [-100, -101, -102, -5_000]) {
      deepEqual(seen(sessionAt(shift, equity), shift), expected, `shifted by ${shift} ticks`);
    }
  }
});

test('a spot, a quote and a mid of 0 are prices where both sides are there, and none where one is missing', () => {
  const contract = sessionContract(fakeConfig());
  const half = String(tickInt / 2);
  const around = { mid_price: 0, best_bid_price_int: `-${half}`, best_ask_price_int: half };
  const store = new SessionStore(contract, 8);
  const frame = fakeFrame(radius, () => 1);
  store.put(fakeUpdate(0, 0, around), frame);
  store.put(
    fakeUpdate(1, 0, { mid_price: 0, best_bid_price_int: '0', has_ask: false, best_ask_price_int: '0' }),
    frame,
  );
  deepEqual([store.bin('bidTick', 0), store.bin('askTick', 0), store.bin('midTick', 0)], [-0.5, 0.5, 0]);
  deepEqual([store.bin('spotTick', 0), store.value('flow_score', 0, -radius)], [0, 1]);
  deepEqual([store.bin('bidTick', 1), store.bin('askTick', 1), store.bin('midTick', 1)], [0, Number.NaN, Number.NaN]);
  deepEqual(
    [spotTick(contract, fakeUpdate(1, 0)), spotTick(contract, fakeUpdate(1, 0, { has_bid: false }))],
    [0, null],
  );
});

test('positions on the price axis do not depend on where prices lie', () => {
  const view: Viewport = { left: 0, binsPerPx: 1, top: 30.25, ticksPerPx: 0.125, widthPx: 40, heightPx: 400 };
  for (const shift of [-30, -40, -6_000]) {
    const shifted = { ...view, top: view.top + shift };
    for (const tick of [-19, 0, 5, 30]) equal(yOf(shifted, tick + shift), yOf(view, tick));
    for (const y of [0, 17, 242, 399.5]) {
      equal(priceAt(shifted, y), priceAt(view, y) + shift);
      equal(tickAt(shifted, y), tickAt(view, y) + shift);
    }
    deepEqual(
      visibleTicks(shifted),
      visibleTicks(view).map((tick) => tick + shift),
    );
    equal(zoomPrice(shifted, 0.5, 80).top, zoomPrice(view, 0.5, 80).top + shift);
    for (const mode of ['centre', 'margin', 'locked'] as const) {
      equal(follow(shifted, mode, 9, 12 + shift).top, follow(view, mode, 9, 12).top + shift, mode);
    }
  }
});

test('a measure tells the change in per cent only of a price above 0', () => {
  const at = (price: number) => ({ time: 0.5, price });
  const line = (from: number, to: number) => measureLines(sessionAt(-100, false), { from: at(from), to: at(to) })[0];
  equal(line(4, 3), '−1 ticks · −0.25 · −25.000 %');
  equal(line(0, 2), '+2 ticks · +0.50');
  equal(line(-4, -3), '+1 ticks · +0.25');
});

test('an export has negative prices with a minus sign that programs read', async () => {
  const session = sessionAt(-101, false);
  const view: Viewport = { left: 0, binsPerPx: 1, top: -0.5, ticksPerPx: 1, widthPx: 1, heightPx: 2 };
  const cells = heldCells(session, visibleBins(view), visibleTicks(view))!;
  const prices = toCsv(session, originNs, cells, await cellValues(session, cells))
    .trimEnd()
    .split('\n')
    .slice(1)
    .map((line) => line.split(',')[2]);
  deepEqual(prices, ['-0.50', '-0.25', '0.00']);
});
