import { deepEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { experimentNotes } from './experiment_notes.ts';
import type { RunTrialResult } from './judge_experiment.ts';
import type { RunRow } from './run_rows.ts';

const axes = [
  { name: 'erd.reach', values: [1, 2] },
  { name: 'scoring.scale', values: [3, 4] },
  { name: 'eval.tp_ticks', values: [8, 9] },
];

/** Eight runs; `trades` gives the key of a run's trades by its reach, scale and take-profit. */
function made(trades: (reach: number, scale: number, tp: number) => string, signals = 5) {
  const points = [1, 2].flatMap((reach) => [3, 4].flatMap((scale) => [8, 9].map((tp) => [reach, scale, tp] as const)));
  const runs = points.map(([reach, scale, tp], at) => ({
    ...{ runId: `run-${at}`, signalName: 'erd', evalTpTicks: tp, evalSlTicks: 4, cooldownBins: 5 },
    ...{ signalParamsJson: JSON.stringify({ reach, other: 1 }), scoringJson: JSON.stringify({ scale }) },
  }));
  const trials = points.map(([reach, scale, tp], at) => ({
    runId: `run-${at}`,
    result: { signals, trial: { threshold: 0.5, tradesKey: () => trades(reach, scale, tp) } },
  }));
  const plan = { signalName: 'erd', axes, cells: runs.map(({ runId }) => runId) };
  return { plan, runs: runs as unknown as RunRow[], trials: trials as unknown as RunTrialResult[] };
}

function notesOf({ plan, runs, trials }: ReturnType<typeof made>, goneTrials = 0): string[] {
  const notes = experimentNotes(JSON.stringify([plan]), runs, { trials, goneTrials });
  // Experiments of earlier releases have one plan.
  deepEqual(experimentNotes(JSON.stringify(plan), runs, { trials, goneTrials }), notes);
  return notes;
}

const inert = (name: string) => `${name} changes nothing: all 2 values gave the same trades of erd.`;

test('an axis whose values all give the same trades is named, and no other', () => {
  deepEqual(notesOf(made((reach, scale, tp) => `${reach} ${scale} ${tp}`)), []);
  deepEqual(notesOf(made((reach, _, tp) => `${reach} ${tp}`)), [inert('scoring.scale')]);
  deepEqual(notesOf(made((reach) => `${reach}`)), [inert('scoring.scale'), inert('eval.tp_ticks')]);
  // It changes the trades of one take-profit.
  deepEqual(notesOf(made((reach, scale, tp) => `${reach} ${tp === 8 ? scale : 0} ${tp}`)), []);
});

test('a parameter that follows an axis, or a run without results, leaves nothing to say', () => {
  const { plan, runs, trials } = made((reach, _, tp) => `${reach} ${tp}`);
  const following = runs.map((run) => ({
    ...run,
    signalParamsJson: JSON.stringify({ ...JSON.parse(run.signalParamsJson), other: JSON.parse(run.scoringJson).scale }),
  }));
  deepEqual(notesOf({ plan, runs: following, trials }), []);
  deepEqual(notesOf({ plan, runs, trials: trials.slice(1) }, 1), [
    'The results of 1 trial of this experiment are incomplete: some were deleted. Run it again.',
  ]);
});

test('a signal that never fired is named', () => {
  deepEqual(notesOf(made(() => '', 0)), ['erd fired at none of 8 trials.']);
});
