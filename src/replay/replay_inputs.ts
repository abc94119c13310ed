import { captureOf, type PublishedServingSpec } from '../config/index.ts';
import { warmUpNs } from '../engine/index.ts';
import { SpymasterError } from '../errors.ts';
import { type Growth, openGrowingRecords, openRecords } from '../files/index.ts';
import { BookCache, type BookCheckpointKey, fileIdentity, findRawFile, Lake } from '../lake/index.ts';
import type { ReplayStartOptions } from './replay_start.ts';

/** A serving version and the lake that it is replayed from. */
export interface ReplayOrigin {
  readonly spec: PublishedServingSpec;
  readonly lakeRoot: string;
}

/** Inputs of a serving version's replay: its file in the lake, and the book before its warm-up if one was kept. */
export function replayInputs(
  { spec, lakeRoot }: ReplayOrigin,
  notice: (text: string) => void,
): Pick<ReplayStartOptions, 'spec' | 'open' | 'bookStore'> {
  const lake = new Lake(lakeRoot);
  const { product_type, symbol, publisher_id: publisherId = null, stream_dt } = spec.runtime_snapshot;
  const findFile = () => findRawFile(lake, product_type, symbol, stream_dt);
  const books = new BookCache(lake, { notice });
  const bookKey = async (): Promise<BookCheckpointKey> => {
    const { startNs } = captureOf(spec.runtime_snapshot);
    return {
      productType: product_type,
      symbol,
      publisherId,
      date: stream_dt,
      warmUpStartNs: startNs - BigInt(warmUpNs),
      file: await fileIdentity(await findFile()),
    };
  };
  return {
    spec,
    open: async (startByteOffset) =>
      openRecords(await findFile(), startByteOffset === undefined ? {} : { startByteOffset }),
    bookStore: {
      load: async () => books.load(await bookKey()),
      save: async (checkpoint) => books.save(await bookKey(), checkpoint),
    },
  };
}

/** A serving version and the file that its session is being recorded into. */
export interface RecordingOrigin {
  readonly spec: PublishedServingSpec;
  readonly path: string;
}

/**
 * Inputs of a replay of a recording that still grows; where it has ended and was compressed meanwhile, of the compressed file. No book
 * is kept of it, for the file that a book would belong to is another one with every record.
 */
export function recordingInputs(
  { spec, path }: RecordingOrigin,
  growth: Growth,
): Pick<ReplayStartOptions, 'spec' | 'open' | 'bookStore'> {
  return {
    spec,
    open: async (startByteOffset) => {
      const options = startByteOffset === undefined ? {} : { startByteOffset };
      try {
        return await openGrowingRecords(path, growth, options);
      } catch (error) {
        if (!(error instanceof SpymasterError) || error.code !== 'FILE_NOT_FOUND') throw error;
        return await openRecords(`${path}.zst`, options);
      }
    },
    bookStore: null,
  };
}
