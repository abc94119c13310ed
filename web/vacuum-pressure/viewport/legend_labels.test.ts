import { deepEqual, ok } from 'node:assert/strict';
import { test } from 'node:test';
import { layerOf } from './layers.ts';
import { labelsThatFit, legendLabels } from './legend_labels.ts';

const contract = { quantityUnit: 'contracts', radius: 50 };
const scaleOf = (kind: 'diverging' | 'sequential', low: number, high: number) => ({
  kind,
  low,
  high,
  gamma: 1,
  contrast: 1,
});

test('the colour bar says its cut-offs and zero', () => {
  const score = legendLabels(layerOf('flow_score', contract), scaleOf('diverging', 0, 0.5), 190);
  deepEqual([score[0]?.text, score.at(-1)?.text], ['≤ −0.50', '≥ +0.50']);
  ok(score.some(({ text, share }) => text === '0' && share === 0.5));
  const depth = legendLabels(layerOf('rest_depth', contract), scaleOf('sequential', 4, 51), 190);
  deepEqual([depth[0]?.text, depth.at(-1)?.text], ['≤ 4', '≥ 51']);
  deepEqual(legendLabels(layerOf('rest_depth', contract), scaleOf('sequential', 0, 51), 190)[0]?.text, '0');
});

test('labels never touch; those in the middle go first', () => {
  for (const high of [0.003, 0.5, 37.5, 1234, 124_800, 9_876_543]) {
    for (const barPx of [60, 120, 190]) {
      const labels = legendLabels(layerOf('v_add', contract), scaleOf('diverging', high / 20, high), barPx);
      const spans = labels.map(({ text, share }) => {
        const width = text.length * 6.6;
        const left = Math.min(Math.max(share * barPx - width / 2, 0), barPx - width);
        return [left, left + width] as const;
      });
      for (const [index, [left]] of spans.entries()) {
        if (index > 0) ok(left >= spans[index - 1]![1], `${high} in ${barPx}: ${labels.map(({ text }) => text)}`);
      }
      ok(labels.length >= 1 && labels.every(({ text }) => !text.includes('e')), labels.map(({ text }) => text).join());
    }
  }
  const three = ['1234567', '1234567', '1234567'].map((text, index) => ({ text, share: [0, 1, 0.5][index]! }));
  deepEqual(
    labelsThatFit(three, 120).map(({ share }) => share),
    [0, 1],
  );
});
