export type { VolumeOptions } from './contract_volumes.ts';
export { parseDatasetName } from './dataset_name.ts';
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
