export {
  type AlertsSpec,
  alertRuleSchema,
  parseAlertsSpec,
  type WebhookRule,
  type WebhookSpec,
} from './alerts_spec.ts';
export {
  type BundleFormat,
  type BundlePartition,
  bundleFormats,
  bundlePartitions,
  type CampaignSpec,
  parseCampaignSpec,
} from './campaign_spec.ts';
export { type CampaignVariant, campaignVariants } from './campaign_variants.ts';
export type { Plain } from './canonical.ts';
export { type CaptureWindow, captureOf, captureWindow, newYorkZone, openingBell, sessionTimeNs } from './capture.ts';
export { locatedIn } from './check.ts';
export { configText } from './config_text.ts';
export { type ContractFacts, contractFacts } from './contract_facts.ts';
export { parseDatasetName } from './dataset_name.ts';
export {
  calendarOf,
  calendarYears,
  type ExchangeCalendar,
  previousTradingDate,
  type TradingDay,
  tradingDay,
} from './exchange_calendar.ts';
export { type ExperimentSpec, parseExperimentSpec } from './experiment_spec.ts';
export { type FeatureListSpec, parseFeatureListSpec } from './feature_list.ts';
export { assertInstrument, assertInstrumentRoot, deliveryMonth, parseInstrument } from './instrument.ts';
export * from './light.ts';
export { editDistance } from './nearest.ts';
export { type Origin, place } from './origin.ts';
export {
  dataFields,
  fullDatasetId,
  type PipelineSpec,
  type PipelineTemplate,
  parsePipelineSpec,
  parsePipelineTemplate,
  type ResolvedPipeline,
  type ResolvedTemplate,
  resolveDay,
  resolvePipeline,
  resolveTemplate,
  type SessionCapture,
} from './pipeline_spec.ts';
export { productTypeOf } from './product_type.ts';
export {
  checkedName,
  evidenceSchema,
  formatPublishedServing,
  type Projection,
  type PublishedEvidence,
  type PublishedFiring,
  type PublishedServingSpec,
  parsePublishedServing,
  plainProjection,
  publishedSourceSchema,
  type RuntimeSnapshot,
  readPublishedServing,
} from './published_serving.ts';
export { parseReplayConfig, type ReplayConfig, replayCapture } from './replay_config.ts';
export {
  configVersion,
  defaultRuntimeConfig,
  fieldsGoTogether,
  parseRuntimeConfig,
  pickRuntime,
  productTypes,
  projectionHorizonsMs,
  type RuntimeConfig,
  runtimeKeys,
  tickSizeInt,
} from './runtime.ts';
export { type ConfigKind, configKindOf, configKinds, jsonSchema } from './schemas.ts';
export { type FlowScoring, type ScoringField, scoringFields, scoringOf, scoringShape, withScoring } from './scoring.ts';
export { type ServingDifference, servingDifferences } from './serving_differences.ts';
export {
  parseServingSpec,
  projectionOf,
  type ResolvedServingSpec,
  resolveServing,
  type ServingSpec,
} from './serving_spec.ts';
export type { SessionsSpec } from './sessions_spec.ts';
export {
  priceDecimals,
  type StarterCapture,
  type StarterFile,
  type StarterInstrument,
  type StarterOptions,
  starterRuntime,
  starterSpecs,
} from './starter_specs.ts';
export { featureSettings, priorSessions, type TradingHours, tradingHours } from './trading_hours.ts';
export { formatYaml, type ParsedYaml, parseYaml } from './yaml.ts';
