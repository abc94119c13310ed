export { BufferedSink, openByteSink } from './byte_sink.ts';
export { Inspection, type InspectionReport, type InstrumentReport } from './inspection.ts';
export { jsonReport } from './inspection_json.ts';
export { MbpBuilder } from './mbp.ts';
export { mergedMetadata, mergeRecords } from './merge.ts';
export { ParquetSink } from './parquet_sink.ts';
export { dbnSink, type RecordSink, textSink } from './record_sinks.ts';
export { Selection } from './selection.ts';
export { type Input, openAsItIs, openInput, requireMetadata } from './source.ts';
export { split } from './split.ts';
export type {
  BookOptions,
  InputOptions,
  OutputOptions,
  ReadOptions,
  SplitOptions,
  TextOptions,
} from './tool_options.ts';
export { type Verification, verify } from './verify.ts';
