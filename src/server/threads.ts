import type { Worker } from 'node:worker_threads';
import type { Lake } from '../lake/index.ts';
import type { RecordingOrigin, ReplayOrigin } from '../replay/index.ts';
import { startWorker } from '../worker.ts';
import type { AlertsOrigin } from './alerts/alerts_protocol.ts';
import type { HeadOrigin } from './live/head_protocol.ts';
import type { RecorderOrigin } from './live/recorder_protocol.ts';
import { type StreamedSource, streamedSource, watchSignal } from './user_signal.ts';

/** What threads that run a signal are started with beside their origin. */
export interface WithSignal {
  readonly streamed: StreamedSource | null;
}

/** Starts the thread that computes one serving version, whose signal is known here; `stallMs` is how long a bin of a user's may take. */
export function startEngineThread(data: ReplayOrigin | RecordingOrigin, stallMs: number): Worker {
  return startWithSignal('engine', data, stallMs);
}

/** Starts the thread that follows a recording and makes its bins as they close; arguments as of `startEngineThread`. */
export function startHeadThread(data: HeadOrigin, stallMs: number): Worker {
  return startWithSignal('live/head', data, stallMs);
}

function startWithSignal(kind: 'engine' | 'live/head', data: ReplayOrigin | RecordingOrigin, stallMs: number): Worker {
  const streamed = streamedSource(data.spec);
  const name = `${kind.replace('live/', '')} ${data.spec.serving_id}`;
  const worker = start(kind, { ...data, streamed } satisfies WithSignal, name);
  if (streamed !== null) watchSignal(worker, streamed, stallMs);
  return worker;
}

/** Starts the thread that watches for alerts. */
export function startAlertsThread(data: AlertsOrigin): Worker {
  return start('alerts/alerts', data, 'alerts');
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
