import { equal, match, ok } from 'node:assert/strict';
import { test } from 'node:test';
import type { ComparedRun, FamilySize } from '../sweep/index.ts';
import { familyText, oneSidedText, runTable } from './run_table.ts';

const run = (up: number, down: number, oneSided: ComparedRun['oneSided']) =>
  ({
    ...{ runId: 'abcdef0123', signalParamsJson: '{}', scoringJson: '{}', threshold: 95 },
    ...{ thresholdKind: 'past_percentile', nSignals: up + down, nUp: up, nDown: down, oneSided },
    ...{ tpRate: 0.5, nSessions: 1, pProfit: 0.2, pTiming: null, qValue: 0.3, pAdjusted: 0.4, survives: false },
    ...{ meanNetPnlTicks: 1, meanNetPnlTicksLow: -1, meanNetPnlTicksHigh: 3, meanMidPnlTicks: 2, meanCostTicks: 1 },
    ...{ deflatedSharpe: null, executionJson: null },
  }) as ComparedRun;

test('a table of runs has long and short firings, and marks the side of nearly all', () => {
  const table = runTable([run(60, 40, null), run(3, 1200, 'short')], {
    ofRun: new Map(),
    ofSweep: new Map(),
    unkept: null,
  });
  const [head, , first, second] = table.split('\n');
  match(head!, /n\s+long\s+short/);
  match(`${first}\n${second}`, /100\s+60\s+40\s[^*]*\n.*1,203\s+3\s+1,200\*/);
  equal(oneSidedText([run(60, 40, null)]), '');
  ok(oneSidedText([run(60, 40, null), run(3, 1200, 'short')]).startsWith('* 1 run with at least 95 %'));
});

test('runs that were sent to the real book show how many of their orders were missed', () => {
  const looks = { ofRun: new Map(), ofSweep: new Map(), unkept: null };
  const executed = { ...run(60, 40, null), executionJson: '{"orders":200,"missed":76}' };
  const [head, , first, second] = runTable([executed, run(30, 30, null)], looks).split('\n');
  match(head!, /short\s+missed\s+tp rate/);
  match(`${first}\n${second}`, /38\.0 %.*\n.*30\s+30\s+–/);
  const family = { runs: 2, tests: 2 } as FamilySize;
  match(familyText(family, [executed]), /sent to the real book.* Assumed: no impact/);
  ok(!familyText(family, [run(1, 1, null)]).includes('real book'));
});
