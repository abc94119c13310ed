import { equal, ok } from 'node:assert/strict';
import { test } from 'node:test';
import { fakeFrame, fakeStore, fakeUpdate } from '../../../test/web/fake_session.ts';
import { ProjectionSkill, skillWords } from './projection_skill.ts';

/** A session whose scores at every price are those given, a bin each. */
function skillOf(scores: readonly number[], horizonsMs: readonly number[]): ProjectionSkill {
  const store = fakeStore(512, 5);
  const skill = new ProjectionSkill(store, horizonsMs);
  for (const [seq, score] of scores.entries()) {
    store.put(
      fakeUpdate(seq, 100),
      fakeFrame(5, () => score),
    );
    skill.update();
  }
  return skill;
}

test('a straight line is projected without error, a zigzag worse than with no change', () => {
  const line = skillOf(
    Array.from({ length: 60 }, (_, seq) => seq / 100),
    [100, 200],
  );
  ok(line.overall() > 0.99, String(line.overall()));
  equal(line.bins, 60 - 3 - 2);
  const zigzag = skillOf(
    Array.from({ length: 60 }, (_, seq) => (seq % 2 === 0 ? 0.1 : -0.1)),
    [100, 200],
  );
  for (const { skill } of zigzag.horizons()) ok(skill < 0, String(skill));
  equal(skillOf([0, 0.1], [100]).bins, 0);
});

test('a skill is said in words', () => {
  equal(skillWords(-1.12), 'error 112 % larger than with no change');
  equal(skillWords(0.25), 'error 25 % smaller than with no change');
  equal(skillWords(Number.NaN), 'not yet measured');
});
