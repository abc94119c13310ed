import {
  type DbnVersion,
  encodeRecord,
  errorCode,
  heartbeatText,
  type RecordBatch,
  RecordReader,
  rtype,
  type SType,
  stypes,
  systemCode,
  undefinedTimestamp,
} from '../../dbn/index.ts';

/** Bytes of a message's text in version 1, and since; the last stays zero. */
const textBytes = { v1: 63, error: 301, system: 302 } as const;

/** Header and `ts_out` of a record that the gateway makes. */
export interface ControlRecordOptions {
  readonly version: DbnVersion;
  /** The gateway's time, UNIX nanoseconds. */
  readonly tsNs: bigint;
  /** The send time behind the record, in a stream that has one. */
  readonly tsOutNs?: bigint;
}

/** Text that fits its field: DBN texts are ASCII here. */
function fit(text: string, bytes: number): string {
  return text.replace(/[^\x20-\x7e]/g, '?').slice(0, bytes);
}

function headerOf(rtypeNumber: number, { tsNs, tsOutNs }: ControlRecordOptions, instrumentId = 0) {
  return {
    rtype: rtypeNumber,
    publisherId: 0,
    instrumentId,
    tsEvent: tsNs,
    ...(tsOutNs !== undefined && { tsOut: tsOutNs }),
  };
}

/** A system message, as the gateway sends it. Version 1 has no code. */
export function encodeSystemMessage(code: number, text: string, options: ControlRecordOptions): Uint8Array {
  const header = headerOf(rtype.system, options);
  if (options.version === 1) return encodeRecord({ layout: 'systemV1', ...header, msg: fit(text, textBytes.v1) });
  return encodeRecord({ layout: 'systemV2', ...header, msg: fit(text, textBytes.system), code });
}

/** A heartbeat. */
export function encodeHeartbeat(options: ControlRecordOptions): Uint8Array {
  return encodeSystemMessage(systemCode.heartbeat, heartbeatText, options);
}

/** An error message, as the gateway sends it. Version 1 has no code. */
export function encodeErrorMessage(code: number, text: string, options: ControlRecordOptions): Uint8Array {
  const header = headerOf(rtype.error, options);
  if (options.version === 1) return encodeRecord({ layout: 'errorV1', ...header, err: fit(text, textBytes.v1) });
  return encodeRecord({ layout: 'errorV2', ...header, err: fit(text, textBytes.error), code, isLast: 1 });
}

/** Which instrument a subscribed symbol means: the id stands in the header. */
export function encodeSymbolMapping(
  mapping: { readonly instrumentId: number; readonly stypeIn: SType; readonly asked: string; readonly raw: string },
  options: ControlRecordOptions,
): Uint8Array {
  const common = {
    ...headerOf(rtype.symbolMapping, options, mapping.instrumentId),
    stypeInSymbol: mapping.asked,
    stypeOutSymbol: mapping.raw,
    startTs: undefinedTimestamp,
    endTs: undefinedTimestamp,
  };
  if (options.version === 1) return encodeRecord({ layout: 'symbolMappingV1', ...common });
  return encodeRecord({
    layout: 'symbolMappingV2',
    ...common,
    stypeIn: stypes.indexOf(mapping.stypeIn),
    stypeOut: stypes.indexOf('raw_symbol'),
  });
}

/** A message of the gateway. */
export interface GatewayMessage {
  readonly tsNs: bigint;
  /** 255 where the record has none, as in version 1; a heartbeat is known there by its text. */
  readonly code: number;
  readonly text: string;
}

/** The error messages of a batch, in order; empty for a batch of any other type. */
export function errorMessages(batch: RecordBatch): GatewayMessage[] {
  if (batch.rtype !== rtype.error) return [];
  return messages(batch);
}

/** The system messages of a batch, in order; empty for a batch of any other type. */
export function systemMessages(batch: RecordBatch): GatewayMessage[] {
  if (batch.rtype !== rtype.system) return [];
  return messages(batch);
}

function messages(batch: RecordBatch): GatewayMessage[] {
  const reader = new RecordReader();
  return Array.from({ length: batch.count }, (_, index) => {
    const record = reader.read(batch, index);
    const { tsEvent: tsNs } = record;
    switch (record.layout) {
      case 'errorV1':
        return { tsNs, code: errorCode.unset, text: record.err };
      case 'errorV2':
        return { tsNs, code: record.code, text: record.err };
      case 'systemV1':
        return {
          tsNs,
          code: record.msg === heartbeatText ? systemCode.heartbeat : systemCode.unset,
          text: record.msg,
        };
      case 'systemV2':
        return { tsNs, code: record.code, text: record.msg };
      default:
        return { tsNs, code: systemCode.unset, text: '' };
    }
  });
}
