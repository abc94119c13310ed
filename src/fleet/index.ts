export { type EmitFormat, emitArrayJob } from './emit.ts';
export type { FleetPlan } from './fleet_plan.ts';
export { makePlan } from './make_plan.ts';
export { runShard, type ShardReport } from './run_shard.ts';
