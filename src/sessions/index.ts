export type { RuleOptions } from './choose_contract.ts';
export { estimateSizes, type SizeEstimate } from './dataset_sizes.ts';
export { datesOfUncertainContract, missingFiles } from './missing_files.ts';
export { binsOf } from './planned_day.ts';
export { assertComplete, resolveSessions } from './resolve_sessions.ts';
export type {
  ContractSource,
  MissingDay,
  PlannedSession,
  Roll,
  SessionPlan,
  SkippedDay,
  Window,
} from './session_plan.ts';
export { type ContractsByDate, keepVendorContracts, readVendorContracts } from './vendor_contracts.ts';
