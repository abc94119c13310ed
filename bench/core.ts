import { Book, verdict } from '../src/book/index.ts';
import { defaultRuntimeConfig } from '../src/config/index.ts';
import { physicsParams } from '../src/engine/index.ts';
import { defaultOrderEventParams, OrderEvents } from '../src/orders/index.ts';
import { Physics } from '../src/physics/index.ts';
import { NaiveBook } from './naive/book.ts';
import { NaiveGrid } from './naive/grid.ts';
import { decodeRecords } from './naive/record.ts';
import { type BenchOptions, type BenchResult, compare, hashOf } from './support/harness.ts';
import { eachBatch, sessionAdmission, sessionBytes, sessionStartNs } from './support/session.ts';

const { event } = verdict;
const seed = 1;
const { n_absolute_ticks: slots } = defaultRuntimeConfig;
const tickInt = 250_000_000;

/** Events a second from bytes in memory to the book, and on to flow, masses, derivatives and forces per tick. */
export async function bench({ tiny }: BenchOptions): Promise<BenchResult[]> {
  const { bytes, records } = sessionBytes(seed, tiny ? 1 : 500);
  // The clock of CPU time moves in steps of some 4 ms, 5 % of one pass: a run is several.
  const passes = tiny ? 1 : 3;
  const subject = { quantity: passes * records, runs: tiny ? 1 : 7, warmUps: tiny ? 0 : 1 };
  const baseline = { quantity: records, runs: tiny ? 1 : 2 };
  const events = await compare({
    name: 'decode + book + order events',
    unit: 'events/s',
    seed,
    ours: { ...subject, run: () => repeat(passes, () => decodeToEvents(bytes)) },
    baseline: { ...subject, name: 'decode + book alone', run: () => repeat(passes, () => decodeToBook(bytes)) },
  });
  return [
    await compare({
      name: 'decode + book',
      unit: 'events/s',
      seed,
      ours: { ...subject, run: () => repeat(passes, () => decodeToBook(bytes)) },
      baseline: { ...baseline, name: 'objects in maps', run: () => naiveBook(bytes) },
    }),
    await compare({
      name: 'decode + book + physics',
      unit: 'events/s',
      seed,
      ours: { ...subject, run: () => repeat(passes, () => decodeToPhysics(bytes)) },
      baseline: { ...baseline, name: 'objects in maps, factors per event', run: () => naivePhysics(bytes) },
    }),
    // The book alone has no events: what is compared is the time that they add.
    { ...events, baselineHash: null },
  ];
}

/** What the last of `times` calls gives. */
function repeat<T>(times: number, call: () => T): T {
  for (let i = 1; i < times; i++) call();
  return call();
}

function decodeToBook(bytes: Uint8Array): () => string {
  const book = new Book();
  const admission = sessionAdmission();
  eachBatch(bytes, ({ words, count, recordBytes }) => {
    const stride = recordBytes >>> 2;
    for (let i = 0, at = 0; i < count; i++, at += stride) {
      if (admission.admit(words, at) !== event) continue;
      admission.accept();
      book.apply(words, at, admission.nowNs);
    }
  });
  return () => bookHash(book);
}

function decodeToPhysics(bytes: Uint8Array): () => string {
  const book = new Book();
  const physics = new Physics(slots, tickInt, physicsParams(defaultRuntimeConfig));
  const admission = sessionAdmission();
  eachBatch(bytes, ({ words, count, recordBytes }) => {
    const stride = recordBytes >>> 2;
    for (let i = 0, at = 0; i < count; i++, at += stride) {
      if (admission.admit(words, at) !== event) continue;
      const { nowNs, isSnapshot } = admission;
      const eventId = admission.accept();
      book.apply(words, at, nowNs);
      physics.apply(book, isSnapshot, nowNs, eventId);
    }
  });
  return () => hashOf(physics.state);
}

function decodeToEvents(bytes: Uint8Array): () => string {
  const book = new Book();
  const events = new OrderEvents(tickInt, defaultOrderEventParams);
  const { rows } = events;
  const admission = sessionAdmission();
  const columns: Float64Array[] = [];
  eachBatch(bytes, ({ words, count, recordBytes }) => {
    const stride = recordBytes >>> 2;
    for (let i = 0, at = 0; i < count; i++, at += stride) {
      if (admission.admit(words, at) !== event) continue;
      admission.accept();
      book.apply(words, at, admission.nowNs);
      events.apply(book, words, at, admission.nowNs);
    }
    columns.push(rows.tsNs.slice(0, rows.count), Float64Array.from(rows.kind.subarray(0, rows.count)));
    rows.clear();
  });
  return () => hashOf(...columns);
}

function bookHash(book: Book): string {
  const cells: number[] = [book.orders.count];
  for (const levels of [book.bids, book.asks]) {
    for (let depth = 0; depth < levels.length; depth++) {
      cells.push(levels.priceAt(depth), levels.sizeAt(depth), levels.countAt(depth));
    }
  }
  return hashOf(Float64Array.from(cells));
}

function naiveBook(bytes: Uint8Array): () => string {
  const book = new NaiveBook();
  for (const record of decodeRecords(bytes)) book.apply(record);
  return () => {
    const cells: number[] = [book.orders.size];
    for (const [side, sign] of [
      ['B', -1],
      ['A', 1],
    ] as const) {
      const levels = [...book.levels[side]!].sort(([a], [b]) => sign * (a - b));
      for (const [price, { size, count }] of levels) cells.push(price, size, count);
    }
    return hashOf(Float64Array.from(cells));
  };
}

function naivePhysics(bytes: Uint8Array): () => string {
  const book = new NaiveBook();
  const grid = new NaiveGrid(slots, tickInt, physicsParams(defaultRuntimeConfig));
  let eventId = 0;
  for (const record of decodeRecords(bytes)) {
    const isSnapshot = (record.flags & 32) !== 0;
    const nowNs = Number((isSnapshot ? record.tsRecv : record.tsEvent) - sessionStartNs);
    const change = book.apply(record);
    eventId++;
    if (!Number.isNaN(grid.anchorTick)) {
      if (change !== null) grid.apply(change, !isSnapshot, nowNs, eventId);
    } else if (book.twoSided && !book.inSnapshot) {
      grid.anchor(book);
      if (change !== null) grid.apply(change, !isSnapshot, nowNs, eventId);
      grid.loadDepth(book);
    }
  }
  return () => hashOf(grid.tickMajor());
}
