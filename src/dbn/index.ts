export * from './batch.ts';
export * from './codes.ts';
export { DbnDecoder, type DecoderOptions } from './decoder.ts';
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
export { decodeMetadata, maxMetadataBytes } from './metadata_decode.ts';
export { encodeMetadata } from './metadata_encode.ts';
export { resolveInstrument } from './symbology.ts';
export { ZstdFrames, type ZstdSegment } from './zstd_frames.ts';
