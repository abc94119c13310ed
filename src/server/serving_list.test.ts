import { deepEqual, equal, match } from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { createServingLake, servingSpec } from '../../test/helpers/serving_lake.ts';
import { ServingRegistry } from '../lake/index.ts';
import { servingListSchema } from '../wire/index.ts';
import { servingList } from './serving_list.ts';

const { lake, remove } = createServingLake(1);
after(remove);

test('versions are listed with their sessions, those with an alias first, and one without its file says so', () => {
  using registry = new ServingRegistry(lake);
  const evidence = {
    judged_at_utc: '2026-02-08T00:00:00Z',
    verdict: 'no better than luck',
    threshold: 0.15,
    n_sessions: 3,
    first_session: '2026-02-04',
    last_session: '2026-02-06',
    n_signals: 40,
    mean_net_pnl_ticks: 0.1,
    mean_net_pnl_ticks_low: -0.4,
    mean_net_pnl_ticks_high: 0.6,
    p_profit: 0.3,
    q_value: 0.5,
    p_adjusted: 0.6,
    walk_forward_net_ticks: null,
    walk_forward_net_ticks_low: null,
  };
  registry.publish({ ...servingSpec('srv_judged_00000002_00000002'), evidence }, { now: () => '2026-02-08T00:00:00Z' });
  registry.publish(servingSpec('srv_lost_00000003_00000003'), { now: () => '2026-02-09T00:00:00Z' });
  rmSync(join(lake.servingVersions, 'srv_lost_00000003_00000003.yaml'));
  const { versions, n_versions } = servingListSchema.parse(servingList(registry));
  equal(n_versions, 3);
  deepEqual(
    versions.map(({ serving_id, aliases, session, verdict }) => [serving_id, aliases, session?.date, verdict]),
    [
      ['srv_demo_00000001_00000001', ['demo'], '2026-02-06', null],
      ['srv_lost_00000003_00000003', [], undefined, null],
      ['srv_judged_00000002_00000002', [], '2026-02-06', 'no better than luck'],
    ],
  );
  match(String(versions[1]?.problem), /its spec .* is missing/);
});
