import { deepEqual, throws } from 'node:assert/strict';
import { test } from 'node:test';
import { StateReader, StateWriter } from '../state.ts';
import { defineImportedScores } from './imported_scores.ts';
import type { SignalColumns } from './signal.ts';
import { checkedUserSignal } from './user_signal.ts';

const doubles = (...values: number[]) => Buffer.from(Float64Array.from(values).buffer).toString('base64');
const startNs = 1_770_388_200_000_000_000n;
const session = {
  ...{ symbol: 'MNQH6', date: '2026-02-06', fromNs: String(startNs) },
  knownNs: doubles(...[0, 100, 150, 199.999_999, 300.000_001, 950].map((ms) => ms * 1e6)),
  scores: doubles(9, 1, 2, 3, 4, 5),
};
const signal = checkedUserSignal(defineImportedScores({ name: 's', doc: 'scores', sessions: [session] }), 's', 's.ts');
const noBin = {} as SignalColumns;
const running = (afterMs = 0, symbol = 'MNQH6', date = '2026-02-06') => {
  const place = { symbol, startNs: String(startNs + BigInt(afterMs) * 1_000_000n) };
  return signal.create({}, { radius: 2, binS: 0.1, date, place });
};

test('a bin takes the newest score that became known while it lasted, wherever the window begins', () => {
  const scores = (afterMs: number, bins: number) => {
    const one = running(afterMs);
    return Array.from({ length: bins }, () => one.update(noBin, new Float64Array()));
  };
  deepEqual(scores(0, 10), [1, 3, null, 4, null, null, null, null, null, 5]);
  deepEqual(scores(200, 4), [null, 4, null, null]);
  deepEqual(scores(-200, 4), [null, 9, 1, 3]);
});

test('imported scores go on where they were saved', () => {
  const [first, second] = [running(), running()];
  first.update(noBin, new Float64Array());
  const writer = new StateWriter();
  first.save(writer);
  second.restore(new StateReader(writer.finish()));
  deepEqual(second.update(noBin, new Float64Array()), 3);
});

test('imported scores run on their own sessions alone', () => {
  deepEqual(signal.imported, [{ symbol: 'MNQH6', date: '2026-02-06' }]);
  throws(() => running(0, 'MNQM6'), /s has no scores of MNQM6 on 2026-02-06/);
  throws(() => running(0, 'MNQH6', '2026-02-05'), /s has no scores of MNQH6 on 2026-02-05/);
  throws(() => signal.create({}, { radius: 2, binS: 0.1 }), /runs only where its session is known/);
  throws(() => checkedUserSignal({ ...signal, imported: [{ date: 'x' }] }, 's', 's.ts'), /expected imported, a list/);
});
