import { resolve } from 'node:path';
import { SpymasterError } from '../../errors.ts';
import { type HftbacktestCounters, HftbacktestRows, hftbacktestFields, OurOrders } from '../../execution/index.ts';
import { createAtomicFile, NpzWriter } from '../../files/index.ts';
import { type FollowedQueues, type FollowQueuesOptions, followQueues } from './queue_file.ts';

/** Rows are written when they take this many bytes. */
const writtenBytes = 1 << 20;
const rowBytes = hftbacktestFields.length * 8;

export interface ExportHftbacktestOptions extends Omit<FollowQueuesOptions, 'clock'> {
  readonly out: string;
  /** Whether a symbolic link at `out` is followed. */
  readonly force: boolean;
}

/** A file for hftbacktest, and what of the records it does not hold as they are. */
export interface HftbacktestExport
  extends Pick<FollowedQueues, 'symbol' | 'records' | 'executions' | 'frontShare' | 'matchAlgorithm' | 'losses'> {
  readonly path: string;
  readonly rows: number;
  readonly counters: HftbacktestCounters;
}

/**
 * Writes the records of one instrument as an `.npz` that hftbacktest's L3 models read, in two passes: one that counts the rows and
 * measures the queues, one that writes. The file appears whole or not at all; what is there is replaced.
 * @throws FILE_UNREADABLE for a file that changes meanwhile, LAKE_NOT_WRITABLE, and what `followQueues` throws
 */
export async function exportHftbacktest(options: ExportHftbacktestOptions): Promise<HftbacktestExport> {
  const { path, signal, onProgress, force } = options;
  const half = (done: number) =>
    onProgress && {
      onProgress: (bytes: number, size: number, records: number) => onProgress(bytes / 2 + done * size, size, records),
    };
  const first = await follow({ ...options, ...half(0) });
  const { rows: count } = first;
  const out = resolve(options.out);
  const file = await createAtomicFile(out, { force, ...(signal !== undefined && { signal }) });
  try {
    const writer = new NpzWriter(file, { name: 'data', fields: hftbacktestFields, rowBytes, rows: count });
    await writer.start();
    const second = await follow({ ...options, ...half(0.5) }, (bytes) => writer.write(bytes));
    if (second.rows !== count || second.records !== first.records) throw changed(path);
    await writer.finish();
    await file.commit();
    return { path: out, ...second };
  } finally {
    await file.abort();
  }
}

async function follow(
  options: Omit<FollowQueuesOptions, 'clock'>,
  write?: (bytes: Uint8Array) => Promise<void>,
): Promise<Omit<HftbacktestExport, 'path'>> {
  let made: HftbacktestRows | undefined;
  const found = await followQueues({ ...options, clock: 'event' }, ({ start }) => {
    const rows = new HftbacktestRows(start);
    made = rows;
    return {
      originNs: start,
      ours: new OurOrders([]),
      onRecord: (words, at, nowNs, { book }) => rows.note(words, at, nowNs, book),
      onLoss: (nowNs) => rows.lose(nowNs),
      onBatch: () => {
        if (rows.heldBytes < writtenBytes) return undefined;
        const bytes = rows.take();
        return write?.(bytes);
      },
    };
  });
  if (made === undefined) throw changed(options.path);
  if (write !== undefined) await write(made.take());
  const { symbol, records, executions, frontShare, matchAlgorithm, losses } = found;
  return { symbol, records, executions, frontShare, matchAlgorithm, losses, rows: made.count, counters: made.counters };
}

function changed(path: string): SpymasterError {
  return new SpymasterError(
    'FILE_UNREADABLE',
    `Cannot export ${path}: it changed while it was read. Wait until what writes it has ended, then export it again.`,
    { path },
  );
}
