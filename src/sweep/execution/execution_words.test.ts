import { equal, match } from 'node:assert/strict';
import { test } from 'node:test';
import type { ExecutionSettings } from './execution_terms.ts';
import { executionSentence, executionWords } from './execution_words.ts';
import type { TrialExecution } from './trial_execution.ts';

const above = { mean: 0.5, low: 0.2, high: 0.8 };
const around = { mean: 0.1, low: -0.2, high: 0.4 };
const below = { mean: -0.5, low: -0.8, high: -0.2 };
const execution: TrialExecution = {
  ...{ orders: 100, missed: 38, partial: 0, contracts: 62, tooLarge: 0 },
  ...{
    midGross: above,
    midNet: around,
    withoutMet: below,
    againstAfterFill: 0.4,
    againstAfterMiss: 0.1,
    frontShare: 1,
  },
};

test('an edge at the mid that is smaller than the spread holds at the mid, not after the spread', () => {
  equal(executionWords('market', { execution, net: below }), 'holds at the mid, not after the spread');
  equal(executionWords('market', { execution, net: around }), 'holds at the mid, not after the spread');
  equal(executionWords('market', { execution, net: above }), 'holds after the spread');
});

test('a join says how many it missed, and what eats it', () => {
  const joined = (of: Partial<TrialExecution>, net = below) =>
    executionWords('join', { execution: { ...execution, ...of }, net });
  equal(joined({}), 'holds at the mid, not joined: 38 % missed, adverse selection eats it');
  equal(joined({ againstAfterFill: 0.05 }), 'holds at the mid, not joined: 38 % missed');
  equal(joined({ againstAfterFill: -0.2 }), 'holds at the mid, not joined: 38 % missed');
  equal(joined({}, above), 'holds joined, 38 % missed');
  equal(joined({ withoutMet: above }), 'holds joined only without met, 38 % missed');
});

test('what does not hold at the mid is said so, and nothing holds without an interval', () => {
  const none = { mean: 1, low: null, high: null };
  equal(
    executionWords('market', { execution: { ...execution, midGross: around }, net: around }),
    'does not hold at the mid',
  );
  equal(executionWords('join', { execution: { ...execution, midGross: none }, net: none }), 'does not hold at the mid');
});

test('the sentence has the numbers, the assumptions, and what marks them', () => {
  const settings: ExecutionSettings = {
    ...{ entry: 'market', ticksBehind: 0, entryLatencyUs: 500, exitLatencyUs: 500, size: 3, maxWaitMs: 2000 },
    ...{ trigger: 'trade', clock: 'event', notFifo: true },
  };
  const text = executionSentence(settings, {
    execution: { ...execution, tooLarge: 7, frontShare: 0.8, notFifo: true },
    net: below,
  });
  match(
    text,
    /^In the real book \(market, 500 µs, a colocated machine, size 3\): holds at the mid, not after the spread\./,
  );
  match(text, /−0\.50 \(−0\.80 to −0\.20\) as executed/);
  match(text, /7 of 100 orders are above a tenth of their level/);
  match(text, /80\.00 % of the executions at the front/);
  match(text, /Assumed: no impact/);
});
