export { type AlertRules, alertRulesSchema } from './alert_rules.ts';
export { createGridFrameDecoder, createWireFrame, type WireFrame } from './arrow_frame.ts';
export { messageBodyBytes, messageHeadBytes } from './arrow_layout.ts';
export {
  type AliasHistory,
  aliasHistorySchema,
  type CancelledResponse,
  type ChangesResponse,
  cancelledSchema,
  changesSchema,
  checkRequestSchema,
  checkSchema,
  type ExperimentCost,
  experimentCostSchema,
  maxSpecLength,
  type PromoteRequest,
  type PromotionAnswer,
  type PromotionConcerns,
  promoteRequestSchema,
  promotionAnswerSchema,
  promotionConcernsSchema,
  promotionQuerySchema,
  rollbackAnswerSchema,
  rollbackRequestSchema,
  type SavedSpec,
  type ServingComparison,
  type SpecCheck,
  type SpecList,
  type SpecText,
  type StartedSweep,
  type SweepsResponse,
  savedSchema,
  saveRequestSchema,
  servingComparisonQuerySchema,
  servingComparisonSchema,
  specListSchema,
  specSchema,
  startedSchema,
  startRequestSchema,
  sweepsSchema,
} from './changes.ts';
export { type ChannelMessages, ChannelWriter } from './channel_messages.ts';
export { type ColumnMeaning, columnMeanings } from './column_meanings.ts';
export {
  type Channel,
  type Control,
  channels,
  controlText,
  parseControl,
  type Speed,
  type Subscription,
  speedLimits,
} from './control.ts';
export { type DayStreamName, dayStreamName, parseDayStreamName } from './day_stream.ts';
export {
  type DepthFrame,
  type DepthLevels,
  decodeDepthFrame,
  isDepthFrame,
  type PriceActivity,
} from './depth_decoder.ts';
export { DepthFrameWriter, maxDepthLevels, maxOrderLevels } from './depth_frame.ts';
export type { Evidence } from './evidence.ts';
export {
  type DocumentTrial,
  documentQuerySchema,
  type ExperimentDocumentResponse,
  experimentDocumentSchema,
} from './experiment_document.ts';
export {
  type ExperimentsEvent,
  experimentsEventSchema,
  type Outcomes,
  outcomesQuerySchema,
  outcomesSchema,
  type RunDetail,
  type RunningSweep,
  type RunsResponse,
  runDetailSchema,
  runningSweepSchema,
  runsQuerySchema,
  runsSchema,
  type SweepEnd,
  type SweepProgress,
  type SweepRow,
  sweepEndSchema,
  sweepProgressSchema,
  type TableColumn,
  type TableResponse,
  type TableRow,
  tableFields,
  tableQuerySchema,
  tableSchema,
} from './experiments.ts';
export { featureMeanings, isFeature, mayBeNull } from './feature_meanings.ts';
export {
  type FeaturesMessage,
  type FeatureValue,
  featuresText,
  isFeaturesText,
  type PriceVolume,
  ProfileFollower,
  parseFeatures,
  profileBins,
} from './features.ts';
export { firingBlock, firingRule, firingRuleOf, signalNameOf } from './firing.ts';
export { gridUpdate } from './grid_update.ts';
export * from './light.ts';
export { connectionStates, type LiveStatus, liveStatusSchema } from './live_status.ts';
export {
  type EofMessage,
  type ErrorMessage,
  type FiringBlock,
  type GridUpdate,
  gridUpdateFields,
  type LiveFacts,
  type ProjectionBlock,
  parseServerMessage,
  type RuntimeConfigMessage,
  type ServerMessage,
  type ServingBlock,
  type SignalBlock,
  type StateModelBlock,
} from './messages.ts';
export { isPrice, isPriceMissing, sidesOfPrice } from './missing_prices.ts';
export {
  isOrderEventsText,
  type OrderEventMessage,
  type OrderEventSide,
  type OrderEventsMessage,
  parseOrderEvents,
} from './order_events.ts';
export { type SessionOverview, sessionOverviewSchema } from './overview.ts';
export { maxOverviewColumns, OverviewBuilder, type OverviewState } from './overview_builder.ts';
export {
  arrowStream,
  arrowType,
  type BatchLayout,
  columnView,
  endOfStream,
  layOutBatch,
  type NamedColumn,
} from './record_batch.ts';
export type { WireRow } from './result_tables.ts';
export {
  type ExecutedOrder,
  type ExecutedOutcomes,
  type RunExecution,
  type RunOrders,
  runExecutionSchema,
  runOrdersSchema,
} from './run_execution.ts';
export { runtimeConfig, type Streamed } from './runtime_config.ts';
export { type ServingInfo, servingInfoSchema } from './serving_info.ts';
export {
  type ExperimentList,
  experimentListSchema,
  type ListedVersion,
  type ServingList,
  servingListSchema,
} from './servings.ts';
