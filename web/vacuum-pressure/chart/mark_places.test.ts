import { deepEqual, equal, ok } from 'node:assert/strict';
import { test } from 'node:test';
import { tickInt } from '../../../test/web/fake_session.ts';
import { defaultMarks } from '../session/event_filter.ts';
import { EventLedger, type OrderEvent } from '../session/event_ledger.ts';
import { MarkGroups, outranks } from '../session/mark_groups.ts';
import { pan, type Viewport, xOf, yOf } from '../viewport/viewport.ts';
import { awayOf, awayPx, type PlacedMark, placedMarks } from './mark_places.ts';

const kinds = ['large_order', 'large_order', 'iceberg', 'sweep', 'stop_run'] as const;
const binCount = 3000;

/** A market that walks at random, with events at and around the price; deterministic. */
class Market {
  readonly ledger = new EventLedger(tickInt);
  readonly #bids: number[] = [];
  readonly groups: MarkGroups;
  #state: number;
  #events = 0;

  constructor(seed: number) {
    this.#state = seed;
    this.groups = new MarkGroups(this.ledger, this);
  }

  bin(field: string, seq: number): number {
    return (this.#bids[seq] ?? Number.NaN) + (field === 'askTick' ? 1 : 0);
  }

  get eventCount(): number {
    return this.#events;
  }

  /** Adds the next bin, as the session does. */
  addBin(): void {
    const seq = this.#bids.length;
    this.#bids.push((this.#bids.at(-1) ?? 1000) + Math.floor(this.#random() * 3) - 1);
    this.groups.invalidate(seq);
    const events = Array.from({ length: Math.floor(this.#random() * 3) }, () => this.#event(seq));
    this.ledger.put({ type: 'order_events', bin_seq: seq, events });
    this.groups.invalidate(seq);
  }

  #event(seq: number) {
    const isBid = this.#random() < 0.5;
    const kind = kinds[Math.floor(this.#random() * kinds.length)] ?? 'iceberg';
    const away = kind === 'large_order' ? Math.floor(this.#random() * 20) : 0;
    const tick = (this.#bids[seq] ?? 0) + (isBid ? -away : 1 + away);
    return {
      ...({ ts_ns: '1', start_ns: '1', kind, side: isBid ? 'bid' : 'ask', price_int: String(tick * tickInt) } as const),
      ...{ size: Math.ceil(60 * this.#random() ** 4), levels: 1, event: this.#events++, update: 0 },
      ...{ order_ids: [], sequences: [], detail: {} },
    };
  }

  #random(): number {
    this.#state = (Math.imul(this.#state, 1_664_525) + 1_013_904_223) >>> 0;
    return this.#state / 2 ** 32;
  }
}

function marketOf(seed: number): Market {
  const market = new Market(seed);
  while (market.eventCount < binCount) market.addBin();
  return market;
}

const viewOf = (binsPerPx: number, ticksPerPx: number, left = 500): Viewport => ({
  ...{ left, binsPerPx, ticksPerPx, widthPx: 900, heightPx: 500 },
  top: 1000 + 250 * ticksPerPx,
});
const zooms = [
  [0.05, 0.08],
  [0.2, 0.11],
  [0.39, 0.2],
  [1, 0.4],
  [3.7, 0.9],
] as const;
const marksOf = ({ groups }: Market, view: Viewport) => placedMarks(groups, view, defaultMarks);
const namesOf = (marks: readonly PlacedMark[]) =>
  marks.map(({ group, count }) => `${group.event.event} +${count - 1}`).sort();

test('no mark covers another or the best prices, at any zoom', () => {
  const market = marketOf(3);
  for (const [binsPerPx, ticksPerPx] of zooms) {
    const view = viewOf(binsPerPx, ticksPerPx);
    const boxes = marksOf(market, view).map(({ group: { event, edgeTick } }) => ({
      x: xOf(view, event.seq + 0.5),
      y: yOf(view, edgeTick) + awayOf(event) * awayPx,
    }));
    ok(boxes.length > 5, `${boxes.length} marks`);
    for (const [at, one] of boxes.entries()) {
      const other = boxes.slice(at + 1).find(({ x, y }) => Math.abs(x - one.x) < 35 && Math.abs(y - one.y) < 16);
      equal(other, undefined, `at ${binsPerPx} bins a pixel`);
    }
    for (const { group } of marksOf(market, view)) {
      const { event, edgeTick } = group;
      const reach = Math.floor(17 * binsPerPx);
      for (let seq = event.seq - reach; seq <= event.seq + reach; seq++) {
        const best = market.bin(event.side === 'bid' ? 'bidTick' : 'askTick', seq);
        ok(Number.isNaN(best) || (event.side === 'bid' ? edgeTick <= best : edgeTick >= best), `bin ${seq}`);
      }
    }
  }
});

test('every event has a mark: its own, or that of a more important one', () => {
  const market = marketOf(4);
  for (const [binsPerPx, ticksPerPx] of zooms) {
    const marks = marksOf(market, { ...viewOf(binsPerPx, ticksPerPx, 0), widthPx: 2 * (binCount / binsPerPx) });
    const all: OrderEvent[] = [];
    for (const { group, groups, count } of marks) {
      const events = groups.flatMap((one) => one.events);
      equal(events.length, count);
      ok(events.every((event) => event === group.event || outranks(group.event, event)));
      all.push(...events);
    }
    equal(new Set(all).size, market.eventCount);
    equal(all.length, market.eventCount);
  }
});

test('marks stay while one pans, zooms within a level, and while bins come', () => {
  const market = new Market(5);
  for (let bin = 0; bin < 1500; bin++) {
    market.addBin();
    if (bin % 7 === 0) marksOf(market, viewOf(1, 0.4, bin - 900));
  }
  const view = viewOf(1, 0.4, 600);
  const inner = (marks: readonly PlacedMark[]) =>
    namesOf(marks.filter(({ group: { event } }) => event.seq > 650 && event.seq < 1300));
  const shown = inner(marksOf(market, view));
  ok(shown.length > 8, shown.join());
  for (let px = 1; px < 150; px += 13) deepEqual(inner(marksOf(market, pan(view, px, px))), shown);
  for (const factor of [0.9, 1.3, 1.55]) {
    const nearer = { ...view, binsPerPx: factor, ticksPerPx: 0.4 * Math.min(1, factor) };
    deepEqual(inner(marksOf(market, nearer)), shown, `at ${factor} bins a pixel`);
  }
  // What was kept while bins came is what is made anew.
  const anew = new MarkGroups(market.ledger, market);
  deepEqual(namesOf(placedMarks(anew, view, defaultMarks)), namesOf(marksOf(market, view)));
});
