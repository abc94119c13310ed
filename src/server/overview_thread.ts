import { constants, setPriority } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import { captureOf } from '../config/index.ts';
import { assert, sentError } from '../errors.ts';
import { type ReplayOrigin, replayInputs, startReplay } from '../replay/index.ts';
import { OverviewBuilder, type OverviewState } from '../wire/index.ts';
import type { OverviewReply } from './overview_protocol.ts';

/*
 * The worker thread that sums up the session of one serving version: the replay that streams it, reading the same file
 * through the same filter, book and bin clock, without physics. Ends when it is done.
 */

assert(parentPort !== null, 'the overview thread is started as a worker');
const port = parentPort;
const data = workerData as ReplayOrigin;
const { spec } = data;

/** How often it tells what it knows so far. */
const reportMs = 250;

// A thread has a priority of its own on Linux alone; streams come first there.
if (process.platform === 'linux') setPriority(0, constants.priority.PRIORITY_BELOW_NORMAL);

function reply(message: OverviewReply): void {
  port.postMessage(message);
}

async function run(): Promise<void> {
  const { serving_id, runtime_snapshot: snapshot } = spec;
  const { startNs } = captureOf(snapshot);
  const session = { serving_id, start_ns: String(startNs), cell_width_ms: snapshot.cell_width_ms };
  const builder = new OverviewBuilder();
  const report = (state: OverviewState) => reply({ kind: 'overview', overview: builder.overview(session, state) });
  const { cursor } = await startReplay(
    { ...replayInputs(data, () => {}), nowMs: () => performance.now(), beforeSlice: async () => {}, bookOnly: true },
    null,
  );
  let reportedMs = performance.now();
  while (await cursor.advance()) {
    builder.add(cursor.engine.bin);
    if (performance.now() - reportedMs < reportMs) continue;
    reportedMs = performance.now();
    report({ is_complete: false, failure: null });
  }
  report({ is_complete: true, failure: cursor.end?.kind === 'failed' ? cursor.end.message : null });
}

run().catch((error: unknown) => reply({ kind: 'failed', ...sentError(error) }));
