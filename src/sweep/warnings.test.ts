import { deepEqual, equal, match } from 'node:assert/strict';
import { test } from 'node:test';
import { fixtureRequest } from '../../test/helpers/lab_dataset.ts';
import { type CampaignSpec, parseCampaignSpec } from '../config/index.ts';
import { planSweep, type SweepRequest } from './plan.ts';
import { campaignWarnings, parameterWarnings, sweepWarnings } from './warnings.ts';

const warningsOf = (changes: Partial<SweepRequest>) =>
  sweepWarnings(planSweep(fixtureRequest(30, { scoringAxes: {}, signalAxes: {}, ...changes })));

test('axes that a signal cannot feel are named with the reason', () => {
  const scoringAxes = { tanh_scale: [2, 3], zscore_window_bins: [300], threshold_neutral: [0.1, 0.2] };
  const [scoring, ...none] = warningsOf({ scoringAxes });
  match(
    scoring!,
    /^scoring\.tanh_scale, scoring\.threshold_neutral change no firing of derivative, which reads state5_code/,
  );
  deepEqual(none, []);
  deepEqual(warningsOf({ scoringAxes, signalName: 'erd' }), []);
  const spatial = { derivative: { center_exclusion_radius: [0, 2], d2_weight: [0, 1], spatial_decay_power: [1] } };
  const [exclusion, ...others] = warningsOf({ signalAxes: spatial });
  match(exclusion!, /^derivative\.center_exclusion_radius changes no firing: all ticks of a side have one state/);
  deepEqual(others, [], 'an axis of one value is none');
});

test('a signal that its parameters leave silent is said once', () => {
  const [silent, ...rest] = warningsOf({
    signalName: 'iirc',
    tpTicks: [2, 4],
    signalAxes: { iirc: { min_imbalance: [0.1, 0.01] } },
  });
  match(silent!, /^iirc hardly ever fires with min_imbalance 0\.1 where the book is busy: /);
  deepEqual(rest, []);
  deepEqual(parameterWarnings('iirc', { min_imbalance: 0.01 }), []);
  equal(parameterWarnings('iirc', { min_imbalance: 0.1 }).length, 1);
  deepEqual(parameterWarnings('msd', {}), []);
});

test('settings that differ between variants of a campaign are held against its signal', () => {
  const campaign = (signal: string): CampaignSpec =>
    parseCampaignSpec(
      {
        name: 'c',
        pipeline_code_version: 1,
        base_capture: {
          ...{ product_type: 'future_mbo', symbol: 'MNQH6', dt: '2026-02-06' },
          ...{ start_time: '09:30', end_time: '09:31' },
        },
        bundles: [
          { name: 'fast', settings: { tau_velocity: 1, tau_jerk: 5, c1_v_add: 1 } },
          { name: 'slow', settings: { tau_velocity: 4, tau_jerk: 20, c1_v_add: 1 } },
        ],
        sweep_axes: {
          cell_width_ms: [50, 100],
          tau_rest_decay: [30],
          'scoring.tanh_scale': [2, 3],
          'projection.damping_lambda': [0, 1],
        },
        signal: { name: signal },
      },
      'campaign.yaml',
    );
  const named = (signal: string) => campaignWarnings(campaign(signal)).map((text) => text.split(' change')[0]);
  deepEqual(named('derivative'), ['tau_velocity, tau_jerk, scoring.tanh_scale']);
  deepEqual(named('jad'), ['scoring.tanh_scale']);
  deepEqual(named('erd'), ['tau_jerk']);
});
