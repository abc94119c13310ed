import { equal, match, throws } from 'node:assert/strict';
import { test } from 'node:test';
import { fakeConfig, fakeUpdate, originNs } from '../../../test/web/fake_session.ts';
import { invalidBookReason, sessionContract, sessionOriginNs, spotTick } from './contract.ts';

test('each broken promise of runtime_config is named with what was expected', () => {
  for (const [change, words] of [
    [{ grid_rows: 12 }, /expected grid_rows to be 11, got 12/],
    [{ tick_size: 0 }, /tick_size/],
    [{ cell_width_ms: 0 }, /cell_width_ms/],
    [{ stream_format: 'sparse' as 'dense_grid' }, /stream_format to be "dense_grid", got "sparse"/],
    [{ grid_schema_fields: ['k', 'price'] }, /grid_schema_fields\[1\] to be "pressure_variant", got "price"/],
  ] as const) {
    throws(() => sessionContract(fakeConfig(change)), words);
  }
});

test('the grid of an equity is its bucket', () => {
  equal(sessionContract(fakeConfig({ product_type: 'equity_mbo', bucket_size_dollars: 0.05 })).tickInt, 50_000_000);
});

test('all bins lie on one time axis', () => {
  const contract = sessionContract(fakeConfig());
  equal(sessionOriginNs(contract, fakeUpdate(7), null), originNs);
  const late = fakeUpdate(7, 100, { bin_start_ns: String(originNs + 700_000_001n) });
  throws(() => sessionOriginNs(contract, late, originNs), /bin_start_ns of bin 7/);
  throws(() => sessionOriginNs(contract, { ...fakeUpdate(7), bin_end_ns: '5' }, originNs), /bin_end_ns of bin 7/);
  equal(spotTick(contract, fakeUpdate(7, null)), null);
});

test('why a book is not valid, as far as prices tell', () => {
  equal(invalidBookReason(Number.NaN, 5), 'no bids');
  equal(invalidBookReason(5, Number.NaN), 'no asks');
  equal(invalidBookReason(6, 5), 'book is crossed');
  equal(invalidBookReason(5, 5), 'book is locked');
  match(invalidBookReason(4, 5), /snapshot/);
});
