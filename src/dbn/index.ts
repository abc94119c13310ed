export * from './batch.ts';
export type { ByteSource, SeekableSource } from './byte_source.ts';
export * from './codes.ts';
export { type ColumnData, createColumns, fillColumns, type RecordColumn, type RecordColumns } from './columns.ts';
export { dbzCompressedLists, dbzFrameBytes, decodeDbzMetadata, isDbz } from './dbz.ts';
export { DbnDecoder, type DecoderOptions } from './decoder.ts';
export {
  copySelected,
  indexTsWord,
  RecordFilter,
  type RecordFilterOptions,
  schemaRtypes,
  type TimeRange,
  tsOfWords,
} from './filter.ts';
export { GapList, maxGapsListed } from './gap_list.ts';
export { encodeGapMark, type Gap, gapsOf, readStreamMark, type StreamMark } from './gap_mark.ts';
export {
  type DbnRecord,
  type Field,
  type Layout,
  type LayoutName,
  layoutInVersion,
  layoutOf,
  layouts,
  type RecordNamed,
} from './layouts/index.ts';
export {
  highWord,
  lowWord,
  MboEncoder,
  type MboFields,
  mboRecordBytes,
  packFlags,
} from './mbo_encoder.ts';
export type { DbnVersion, MappingInterval, Metadata, SymbolMapping } from './metadata.ts';
export { symbolCstrLenV1, symbolCstrLenV2 } from './metadata.ts';
export { decodeMetadata, maxMetadataBytes, maxMetadataEntries, readMetadataPrefix } from './metadata_decode.ts';
export { dayOf, mergeMetadata, type Narrowing, narrowMetadata } from './metadata_edit.ts';
export { encodeMetadata } from './metadata_encode.ts';
export { metadataJson } from './metadata_text.ts';
export {
  type DbnSource,
  type DecodeDbnOptions,
  decodeDbn,
  type OpenDbnOptions,
  openDbn,
  startsZstd,
} from './open.ts';
export {
  batchOfRecord,
  encodeRecord,
  type NumberForms,
  RecordReader,
  toNumbers,
  type UnknownRecord,
} from './records.ts';
export { type StreamMapping, streamMappings } from './stream_mappings.ts';
export {
  dateOfNs,
  dateText,
  type NamedInstrument,
  namedInstruments,
  nsOfDate,
  PitSymbolMap,
  TsSymbolMap,
} from './symbol_map.ts';
export { resolveInstrument, severalInstruments, unknownSymbol } from './symbology.ts';
export { jsonText, RecordText, type RecordTextOptions } from './text.ts';
export { upgradeBatch, upgradeMetadata } from './upgrade.ts';
export { wholeRecordBytes } from './whole_records.ts';
export { ZstdFrames, type ZstdSegment } from './zstd_frames.ts';
