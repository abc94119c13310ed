import { deepEqual, equal, ok, throws } from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type ColumnName, gridColumns } from '../../../src/engine/index.ts';
import { fakeConfig, fakeFrame, fakeStore, fakeUpdate } from '../../../test/web/fake_session.ts';
import { sessionContract } from './contract.ts';
import { keepingOf } from './retention.ts';
import { SessionStore } from './session_store.ts';

test('stored values come back at their price, in their column’s precision', () => {
  const value = fc.oneof(fc.constant(0), fc.double({ min: -1e9, max: 1e9, noNaN: true }));
  fc.assert(
    fc.property(
      fc.integer({ min: 50, max: 90_000 }),
      fc.array(value, { minLength: 11, maxLength: 11 }),
      (spot, cells) => {
        const store = fakeStore();
        store.put(
          fakeUpdate(7, spot),
          fakeFrame(5, (_name, row) => cells[row]!),
        );
        const largest = Math.max(...cells.map(Math.abs));
        for (const [name, type] of gridColumns) {
          if (type !== 'float64') continue;
          for (let row = 0; row < 11; row++) {
            const got = store.value(name, 7, spot - 5 + row);
            const [want, bits] = [cells[row]!, keepingOf(name) === 'float16' ? 11 : 24];
            // Below 2^-14 of the bin's largest value, half floats have fewer bits; below 1e-38 floats have.
            const slack = Math.abs(want) * 2 ** -bits + (bits === 11 ? largest * 2 ** -24 : 0) + 1e-38;
            ok(Math.abs(got - want) <= slack, `${name} row ${row}: ${got} for ${want}`);
          }
        }
      },
    ),
    { numRuns: 60 },
  );
});

test('outside the window, without a spot and before a bin came there is no value', () => {
  const store = fakeStore();
  store.put(
    fakeUpdate(0, 100),
    fakeFrame(5, () => 1),
  );
  store.put(
    fakeUpdate(1, null),
    fakeFrame(5, () => 0),
  );
  equal(store.value('flow_score', 0, 105), 1);
  for (const [seq, tick] of [
    [0, 106],
    [0, 94],
    [1, 100],
    [2, 100],
  ] as const) {
    ok(Number.isNaN(store.value('flow_score', seq, tick)), `${seq} ${tick}`);
  }
  deepEqual([store.bin('bookValid', 1), store.bin('midTick', 0)], [0, 100.5]);
  ok(Number.isNaN(store.bin('midTick', 1)));
});

test('the ring keeps the newest bins, whatever the order of arrival', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(2000), { minLength: 1, maxLength: 60 }), (seqs) => {
      const store = fakeStore(64);
      for (const seq of seqs)
        store.put(
          fakeUpdate(seq),
          fakeFrame(5, () => seq),
        );
      const holder = new Map<number, number>();
      for (const seq of seqs) holder.set(seq % 64, seq);
      for (const seq of seqs) {
        const held = holder.get(seq % 64) === seq;
        equal(store.has(seq), held);
        equal(store.value('flow_score', seq, 100), held ? seq : Number.NaN);
      }
      equal(store.head, seqs.at(-1));
    }),
    { numRuns: 100 },
  );
});

test('labels are kept once per bin, and bins say when the signal fires', () => {
  const store = fakeStore();
  const put = (seq: number, score: number, change = {}) => {
    const frame = fakeFrame(5, () => 0);
    frame.columns.chase_up_flag.fill(seq === 2 ? 1 : 0);
    frame.columns.microstate_id.fill(seq);
    frame.columns.state5_code.forEach((_, row) => {
      frame.columns.state5_code[row] = (row % 5) - 2;
    });
    store.put(fakeUpdate(seq, 100, { state_model_score: score, ...change }), frame);
  };
  // The stream says what fires: a page that joined in the middle knows neither window nor cooldown.
  const told = [0, 1, 0, -1, 0] as const;
  for (const [seq, firing] of told.entries()) {
    put(seq, 0.9, { state_model_firing: firing, state_model_threshold: seq === 0 ? null : seq / 10 });
  }
  deepEqual(
    told.map((_, seq) => store.bin('firing', seq)),
    [...told],
  );
  deepEqual(
    told.map((_, seq) => store.bin('threshold', seq)),
    [Number.NaN, 0.1, 0.2, 0.3, 0.4],
  );
  deepEqual([store.bin('chase', 1), store.bin('chase', 2)], [0, 1]);
  equal(store.value('microstate_id', 4, 103), 4);
  equal(store.value('state5_code', 4, 96), -1);
  equal(store.value('k', 4, 103), 3);
});

test('a whole session of 36,000 bins fits, and memory is taken as bins come', () => {
  const store = new SessionStore(sessionContract(fakeConfig({ grid_radius_ticks: 200 })));
  ok(store.capacity >= 36_000);
  equal(store.bytes, 0);
});

test('a spot between two ticks is a broken contract', () => {
  throws(
    () =>
      fakeStore().put(
        fakeUpdate(0, 100, { spot_ref_price_int: '25000000001' }),
        fakeFrame(5, () => 0),
      ),
    /spot_ref_price_int/,
  );
});

test('cells are copied as a column in the order of prices', () => {
  const store = fakeStore();
  store.put(
    fakeUpdate(3),
    fakeFrame(5, (name: ColumnName, row) => (name === 'v_add' ? row / 4 : row)),
  );
  const out = new Float32Array(12);
  ok(store.copyCells('pressure_variant', 3, out, 1) && store.copyCells('v_add', 3, out, 0));
  deepEqual([...out.subarray(0, 11)], [0, 0.25, 0.5, 0.75, 1, 1.25, 1.5, 1.75, 2, 2.25, 2.5]);
  equal(store.copyCells('v_add', 4, out, 0), false);
});
