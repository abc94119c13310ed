export { createGridFrameDecoder, createWireFrame, type WireFrame } from './arrow_frame.ts';
export { type Control, controlText, parseControl, type Speed, speedLimits } from './control.ts';
export {
  type ExperimentsEvent,
  experimentsEventSchema,
  type Outcomes,
  outcomesQuerySchema,
  outcomesSchema,
  type RunDetail,
  type RunRow,
  type RunSortKey,
  type RunsResponse,
  runDetailSchema,
  runSortKeys,
  runsQuerySchema,
  runsSchema,
  type States,
  type SweepProgress,
  type SweepRow,
  statesSchema,
  sweepProgressSchema,
} from './experiments.ts';
export { gridUpdate } from './grid_update.ts';
export {
  type EofMessage,
  type ErrorMessage,
  type GridUpdate,
  gridUpdateFields,
  type ProjectionBlock,
  parseServerMessage,
  type RuntimeConfigMessage,
  type ServerMessage,
  type ServingBlock,
  type StateModelBlock,
} from './messages.ts';
