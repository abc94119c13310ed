import { equal, match, ok } from 'node:assert/strict';
import { test } from 'node:test';
import type { ComparedRun } from '../sweep/index.ts';
import { oneSidedText, runTable } from './run_table.ts';

const run = (up: number, down: number, oneSided: ComparedRun['oneSided']) =>
  ({
    ...{ runId: 'abcdef0123', signalParamsJson: '{}', scoringJson: '{}', threshold: 95 },
    ...{ thresholdKind: 'past_percentile', nSignals: up + down, nUp: up, nDown: down, oneSided },
    ...{ tpRate: 0.5, nSessions: 1, pProfit: 0.2, pTiming: null, qValue: 0.3, pAdjusted: 0.4, survives: false },
    ...{ meanNetPnlTicks: 1, meanNetPnlTicksLow: -1, meanNetPnlTicksHigh: 3, meanMidPnlTicks: 2, meanCostTicks: 1 },
    deflatedSharpe: null,
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
