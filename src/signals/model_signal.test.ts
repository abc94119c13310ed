import { deepEqual, equal, throws } from 'node:assert/strict';
import { test } from 'node:test';
import { defineModelSignal } from './model_signal.ts';
import type { SignalColumns } from './signal.ts';
import { sampleOf, trainedStretchOf } from './trained_sessions.ts';
import { checkedUserSignal } from './user_signal.ts';

const linear = (weight: number) =>
  JSON.stringify({ format: 'spymaster-linear', version: 1, link: 'none', coef: [[weight, 1]], intercept: [0.25] });
const stretch = (from: string | null, ...dates: string[]) => ({
  from,
  sessions: dates.map((date) => ({ root: 'MNQ', date })),
});
const model = {
  name: 'm',
  doc: 'a model',
  features: [
    { name: 'add', column: 'v_add', k: -1 },
    { name: 'pull', column: 'v_pull', k: 1, rolling: ['mean' as const], bins: 2 },
  ],
  score: 'margin' as const,
  models: [
    { name: 'one.json', sha256: '1', text: linear(2), ...stretch('2026-02-05', '2026-02-03', '2026-02-04') },
    { name: 'two.json', sha256: '2', text: linear(-3), ...stretch('2026-02-09', '2026-02-04', '2026-02-05') },
  ],
};

test('a model signal scores the features of each bin by the model of its session’s date', () => {
  const definition = checkedUserSignal(defineModelSignal(model), 'm', 'm.ts');
  deepEqual(definition.columns, ['v_add', 'v_pull']);
  const bins = [
    [1, 10],
    [2, 20],
    [3, 60],
  ].map(([add, pull]) => {
    const column = (row: number, value: number) =>
      Float64Array.from({ length: 5 }, (_, at) => (at === row ? value : 0));
    return { v_add: column(1, add!), v_pull: column(3, pull!) } as Partial<SignalColumns> as SignalColumns;
  });
  const scores = (date: string | undefined) => {
    const running = definition.create({}, { radius: 2, binS: 0.1, date });
    return bins.map((bin) => running.update(bin, new Float64Array()));
  };
  deepEqual(scores('2026-02-06'), [null, 2 * 2 + 15 + 0.25, 2 * 3 + 40 + 0.25]);
  deepEqual(scores('2026-02-09'), [null, -3 * 2 + 15 + 0.25, -3 * 3 + 40 + 0.25]);
  deepEqual(scores(undefined), scores('2026-03-01'));
  throws(() => scores('2026-02-04'), { code: 'MODEL_IN_SAMPLE' });
});

test('a session is in sample by root and date, for the model that it would be asked', () => {
  const { models } = model;
  equal(trainedStretchOf(models, '2026-02-08')?.name, 'one.json');
  const sample = (date: string, root = 'MNQ') => sampleOf(models, { root, date });
  deepEqual(
    ['2026-02-04', '2026-02-05', '2026-02-09'].map((date) => sample(date)),
    ['unknown', 'out', 'out'],
  );
  const [first] = [{ ...models[0]!, from: null }];
  equal(sampleOf([first], { root: 'MNQ', date: '2026-02-04' }), 'in');
  equal(sampleOf([first], { root: 'ES', date: '2026-02-04' }), 'out');
  const trained = (value: unknown) => () =>
    checkedUserSignal({ ...defineModelSignal(model), trained: value }, 'm', 'm.ts');
  throws(trained([{ from: 'today', sessions: [] }]), /expected trained, a list/);
  throws(trained([stretch('2026-02-09'), stretch('2026-02-05')]), /in the order of their first dates/);
});
