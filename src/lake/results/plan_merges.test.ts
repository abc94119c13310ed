import { deepEqual, equal, notEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { randomSource } from '../../statistics/index.ts';
import type { PartManifest } from './part_steps.ts';
import { type HeldPart, planEndedMerge, planMerges } from './plan_merges.ts';

const part = (datasets: readonly string[], isOfOne = datasets.length === 1): HeldPart => ({
  datasets: new Set(datasets),
  isOfOne,
});

test('each dataset becomes one part, and what is of several is taken over last', () => {
  const parts = new Map([
    ['a1', part(['a'])],
    ['a2', part(['a'])],
    ['b1', part(['b'])],
    ['mixed', part(['a', 'c'])],
    ['runs', part([])],
  ]);
  const merges = planMerges(parts);
  deepEqual(
    merges.map(({ dataset, from, replaces }) => [dataset, from, replaces]),
    [
      ['a', ['a1', 'a2', 'mixed'], ['a1', 'a2']],
      ['c', ['mixed'], []],
      [null, ['mixed', 'runs'], ['mixed', 'runs']],
    ],
  );
  // The names do not depend on the order in which the parts were listed.
  deepEqual(
    planMerges(new Map([...parts].reverse())).map(({ name }) => name),
    merges.map(({ name }) => name),
  );
  notEqual(planMerges(new Map([...parts, ['a3', part(['a'])]]))[0]?.name, merges[0]?.name);
});

test('after any merges, of which the last may not have come to be, no row is lost, and all of them leave nothing to merge', () => {
  const random = randomSource(7);
  for (let round = 0; round < 200; round++) {
    const names = ['a', 'b', 'c', 'd'];
    let parts = new Map<string, HeldPart>();
    for (let at = random.below(9); at > 0; at--) {
      const datasets = names.filter(() => random.below(3) === 0);
      parts.set(`p${at}`, part(datasets, datasets.length === 1 && random.below(4) > 0));
    }
    const rows = (held: typeof parts) => new Set([...held.values()].flatMap(({ datasets }) => [...datasets]));
    const all = rows(parts);
    const done = planMerges(parts);
    const kept = random.below(3) === 0 ? random.below(done.length + 1) : done.length;
    for (const { name, dataset, replaces } of done.slice(0, kept)) {
      parts = new Map([...parts].filter(([one]) => !replaces.includes(one)));
      parts.set(name, dataset === null ? part([], false) : part([dataset]));
      deepEqual(rows(parts), all);
    }
    if (kept < done.length) continue;
    deepEqual(planMerges(parts), []);
    equal([...parts.values()].filter(({ isOfOne }) => isOfOne).length, all.size);
  }
});

test('the end of a dataset merges its shares and what was merged of it, and nothing else', () => {
  const manifest = { format: 2, files: {}, replaces: [] };
  const [one, two, three] = ['1', '2', '3'].map((digit) => `s-${digit.repeat(32)}`);
  const name = (share: string | undefined) => `part-${share}-1.2.3-00000000-end`;
  const parts = new Map<string, PartManifest>([
    [name(one), manifest],
    [name(two), manifest],
    [name(three), manifest],
    ['part-merged', { ...manifest, dataset: 'a' }],
    ['part-other', { ...manifest, dataset: 'b' }],
    ['part-plain', manifest],
  ]);
  const ended = { dataset: 'a', shareIds: new Set([String(one), String(two)]) };
  deepEqual(
    planEndedMerge(parts, ended).map(({ from }) => from),
    [[name(one), name(two), 'part-merged']],
  );
  deepEqual(planEndedMerge(new Map<string, PartManifest>([['part-merged', { ...manifest, dataset: 'a' }]]), ended), []);
});
