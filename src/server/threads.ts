import type { Worker } from 'node:worker_threads';
import type { Lake } from '../lake/index.ts';
import type { RecordingOrigin, ReplayOrigin } from '../replay/index.ts';
import { startWorker } from '../worker.ts';
import type { HeadOrigin } from './live/head_protocol.ts';
import type { RecorderOrigin } from './live/recorder_protocol.ts';

/** Starts the thread that computes one serving version. */
export function startEngineThread(data: ReplayOrigin | RecordingOrigin): Worker {
  return start('engine', data, `engine ${data.spec.serving_id}`);
}

/** Starts the thread that follows a recording and makes its bins as they close. */
export function startHeadThread(data: HeadOrigin): Worker {
  return start('live/head', data, `head ${data.spec.serving_id}`);
}

/** Starts the thread that records a live feed. */
export function startRecorderThread(data: RecorderOrigin): Worker {
  return start('live/recorder', data, `recorder ${data.symbol}`);
}

/** Starts the thread that sums up the session of one serving version. */
export function startOverviewThread(data: ReplayOrigin): Worker {
  return start('overview', data, `overview ${data.spec.serving_id}`);
}

/** Starts a thread that answers REST requests about a lake. */
export function startRestThread(kind: 'experiments' | 'experiments_outcomes' | 'runs/plans', lake: Lake): Worker {
  return start(kind, lake.root, kind);
}

function start(kind: string, workerData: unknown, name: string): Worker {
  return startWorker(import.meta.url, `./${kind}_thread`, { workerData, name });
}
