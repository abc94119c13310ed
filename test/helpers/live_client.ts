import {
  type GatewayOptions,
  type LiveSessionOptions,
  type LiveSubscription,
  openLiveSession,
  startGateway,
} from '../../src/databento/live/index.ts';
import { type DbnRecord, RecordReader, rtype, type UnknownRecord } from '../../src/dbn/index.ts';

/** A key of the form that accounts have. */
export const liveKey = 'db-0123456789abcdefghijklmno12345';

export const mboOf = (changes: Partial<LiveSubscription> = {}): LiveSubscription => ({
  schema: 'mbo',
  stypeIn: 'raw_symbol',
  symbols: ['MNQH6'],
  ...changes,
});

/** A gateway at full speed that closes connections behind the last record. */
export function quickGateway(files: readonly string[], changes: Partial<GatewayOptions> = {}) {
  return startGateway({ files, key: liveKey, speed: 'max', port: 0, atEnd: 'close', ...changes });
}

export function sessionOptions(port: number, changes: Partial<LiveSessionOptions> = {}): LiveSessionOptions {
  return { host: '127.0.0.1', port, key: liveKey, dataset: 'GLBX.MDP3', subscriptions: [mboOf()], ...changes };
}

/** What one session delivers until it ends, or has `until` records: whole records as objects, and the error of its end. */
export interface Received {
  readonly records: readonly (DbnRecord | UnknownRecord)[];
  /** Their bytes, as hex. */
  readonly hex: readonly string[];
  /** The bytes of the MBO records, joined. */
  readonly mbo: Uint8Array;
  readonly error: unknown;
}

export async function receive(
  options: LiveSessionOptions,
  until: (records: readonly (DbnRecord | UnknownRecord)[]) => boolean = () => false,
): Promise<Received> {
  await using session = await openLiveSession(options);
  const reader = new RecordReader({ tsOut: session.metadata.tsOut });
  const records: (DbnRecord | UnknownRecord)[] = [];
  const hex: string[] = [];
  const mbo: Uint8Array[] = [];
  let error: unknown = null;
  try {
    for await (const batch of session.batches) {
      for (let index = 0; index < batch.count; index++) {
        records.push(reader.read(batch, index));
        const at = index * batch.recordBytes;
        const bytes = Buffer.from(batch.bytes.slice(at, at + batch.recordBytes));
        hex.push(bytes.toString('hex'));
        if (batch.rtype === rtype.mbo) mbo.push(bytes);
        if (until(records)) await session.close();
      }
    }
  } catch (caught) {
    error = caught;
  }
  return { records, hex, mbo: new Uint8Array(Buffer.concat(mbo)), error };
}

/** The records of one layout. */
export function ofLayout<N extends DbnRecord['layout']>(
  records: readonly (DbnRecord | UnknownRecord)[],
  layout: N,
): Extract<DbnRecord, { layout: N }>[] {
  return records.filter((record): record is Extract<DbnRecord, { layout: N }> => record.layout === layout);
}
