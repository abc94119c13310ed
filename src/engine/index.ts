export {
  Admission,
  type AdmissionOptions,
  activityFields,
  type BookActivity,
  eventTimeWord,
  PublisherCounts,
  sideAsk,
  sideBid,
  verdict,
} from '../book/index.ts';
/** For users of `spymaster/engine`, to make the options of an engine. */
export {
  type CaptureWindow,
  captureWindow,
  defaultRuntimeConfig,
  parseRuntimeConfig,
  type RuntimeConfig,
} from '../config/index.ts';
export { type AnomalyCounters, describeAnomalies } from './anomalies.ts';
export { type Bin, type FeedTrouble, hasMid, type SignalState } from './bin.ts';
export { Drive, type DriveOptions } from './drive.ts';
export { Engine, type EngineCounters, type EngineOptions, warmUpNs } from './engine.ts';
export { featureParams } from './feature_params.ts';
export {
  type ColumnArray,
  type ColumnName,
  type ColumnType,
  columnArray,
  createGridFrame,
  type GridFrame,
  type GridFrameColumns,
  gridColumns,
  valueBytes,
} from './frame.ts';
export { physicsParams, spectrumParams } from './params.ts';
export { BinColumns } from './signal_columns.ts';
