import { productRoot } from '../../config/index.ts';
import type { Lake, LoadedSessionsExperiment } from '../../lake/index.ts';
import {
  datesOfUncertainContract,
  keepVendorContracts,
  missingFiles,
  type RuleOptions,
  resolveSessions,
  type SessionPlan,
} from '../../sessions/index.ts';
import type { DatabentoApi } from './api.ts';
import { resolveContracts } from './front_month.ts';
import type { DownloadRequest } from './sessions.ts';

/** A plan of sessions, and what to ask Databento for so that nothing is missing. */
export interface MissingSessions {
  readonly plan: SessionPlan;
  readonly request: DownloadRequest;
}

export interface MissingSessionsOptions extends Omit<RuleOptions, 'vendorContracts'> {
  readonly lake: Lake;
  readonly experiment: LoadedSessionsExperiment;
  readonly api: DatabentoApi;
  readonly dataset: string;
  /** Whether Databento's answers about contracts are kept in the lake, so that plans know them without it. */
  readonly keep: boolean;
}

/**
 * Lays out an experiment's sessions with Databento's help: where the lake cannot compare all contracts of the session before,
 * `ROOT.v.0`, the most traded contract of the day before, answers. Throws what `resolveSessions` and requests throw.
 */
export async function planMissingSessions(options: MissingSessionsOptions): Promise<MissingSessions> {
  const { lake, experiment, api, dataset, keep, ...reading } = options;
  const { product_type: productType, symbol } = experiment.serving.pipeline.spec.capture;
  const first = await resolveSessions(lake, experiment, reading);
  const root = productRoot(productType, symbol);
  const base = { productType, schema: 'mbo', dataset, frontMonth: 'volume', stream: false } as const;
  const unknown = datesOfUncertainContract(first);
  const [fromDate = '', toDate = fromDate] = [unknown[0], unknown.at(-1)];
  const found = new Map<string, string>();
  if (unknown.length > 0) {
    const range = { ...base, symbol: root, fromDate, toDate };
    for (const [date, contract] of await resolveContracts(api, range, unknown)) {
      if ('symbol' in contract) found.set(date, contract.symbol);
    }
    if (keep) await keepVendorContracts(lake, productType, symbol, found);
  }
  const plan =
    found.size === 0 ? first : await resolveSessions(lake, experiment, { ...reading, vendorContracts: found });
  const days = missingFiles(plan);
  const [from = '', to = from] = [days[0]?.date, days.at(-1)?.date];
  return { plan, request: { ...base, symbol, fromDate: from, toDate: to, days } };
}
