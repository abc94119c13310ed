import { dateOfNs, indexTsWord, layoutOf, type RecordBatch, rtype, TsSymbolMap, tsOfWords } from '../dbn/index.ts';
import { present, SpymasterError } from '../errors.ts';
import type { Input } from './source.ts';

/** Result of reading a whole input. */
export interface Verification {
  readonly path: string;
  readonly container: string;
  readonly version: number | null;
  readonly dataset: string | null;
  readonly schema: string | null;
  readonly records: number;
  readonly recordsByLayout: Readonly<Record<string, number>>;
  /** Records of types that this library does not know. */
  readonly unknownRecords: number;
  readonly instruments: number;
  /** First and last time (ts_recv, or ts_event where there is none), UNIX nanoseconds; null without records. */
  readonly firstTs: bigint | null;
  readonly lastTs: bigint | null;
  /** Records that are earlier than the one before them. */
  readonly outOfOrder: number;
  /** Records whose time lies outside the metadata's start and end. */
  readonly outsideRange: number;
  /** Data records whose instrument the metadata does not map on their date; 0 for a file without mappings. */
  readonly unmapped: number;
  /** Size of the decompressed stream as far as it was read. */
  readonly bytes: number;
  /** The error that ended the read early; null for a whole stream. */
  readonly error: SpymasterError | null;
}

const controlTypes = new Set<number>([rtype.error, rtype.symbolMapping, rtype.system]);

/** Reads an input to its end and counts what is not as it should be; never throws for what the stream holds. */
export async function verify(input: Input): Promise<Verification> {
  const { metadata } = input;
  const counts = new Map<string, number>();
  const instruments = new Set<number>();
  const map = metadata === null ? null : new TsSymbolMap(metadata);
  const mapped = map === null || map.isEmpty ? null : map;
  const found = { records: 0, unknownRecords: 0, outOfOrder: 0, outsideRange: 0, unmapped: 0, bytes: 0 };
  let firstTs: bigint | null = null;
  let lastTs: bigint | null = null;
  let error: SpymasterError | null = null;
  const count = (batch: RecordBatch): void => {
    const layout = layoutOf(batch.rtype, batch.recordBytes - (input.tsOut ? 8 : 0));
    if (layout === null) found.unknownRecords += batch.count;
    else counts.set(layout.name, (counts.get(layout.name) ?? 0) + batch.count);
    found.records += batch.count;
    found.bytes = batch.byteOffset + batch.bytes.length;
    const stride = batch.recordBytes >>> 2;
    const tsWord = indexTsWord(batch);
    const isData = layout !== null && !controlTypes.has(batch.rtype);
    for (let at = 0; at < batch.words.length; at += stride) {
      const ts = tsOfWords(batch.words, at + tsWord);
      const instrumentId = present(batch.words[at + 1]);
      instruments.add(instrumentId);
      firstTs ??= ts;
      if (lastTs !== null && ts < lastTs) found.outOfOrder++;
      lastTs = ts;
      if (metadata === null || !isData) continue;
      if (ts < metadata.start || (metadata.end !== null && ts >= metadata.end)) found.outsideRange++;
      if (mapped !== null && mapped.get(instrumentId, dateOfNs(ts)) === undefined) found.unmapped++;
    }
  };
  try {
    for await (const batch of input) count(batch);
  } catch (caught) {
    if (!(caught instanceof SpymasterError)) throw caught;
    error = caught;
  }
  return {
    path: input.name,
    container: input.container,
    version: metadata?.version ?? null,
    dataset: metadata?.dataset ?? null,
    schema: metadata?.schema ?? null,
    ...found,
    recordsByLayout: Object.fromEntries([...counts].sort()),
    instruments: instruments.size,
    firstTs,
    lastTs,
    error,
  };
}
