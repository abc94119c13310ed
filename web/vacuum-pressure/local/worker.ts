import {
  parseReplayConfig,
  parseYaml,
  plainProjection,
  type ReplayConfig,
  replayCapture,
} from '../../../src/config/index.ts';
import { type Channel, parseControl, type RuntimeConfigMessage, runtimeConfig } from '../../../src/wire/index.ts';
import { fileBins, fileOverview, type ReplayFindings } from './file_bins.ts';
import { FilePlayback } from './file_playback.ts';
import { describeFile } from './file_report.ts';
import type { FileRequest, FromWorker, ToWorker } from './worker_messages.ts';

/** How often the page is told how the file fares. */
const reportMs = 500;
/** Bins that may be on their way to the page. */
const mostUntaken = 8;

const post = (message: FromWorker, transfer: Transferable[] = []) => self.postMessage(message, { transfer });

/** The first message of a file's stream, as a server sends it. */
function fileConfig(file: File, { runtime, stream_dt, stream_start_time }: ReplayConfig): RuntimeConfigMessage {
  return runtimeConfig({
    runtime,
    streamDt: stream_dt,
    streamStartTime: stream_start_time,
    signal: null,
    projection: plainProjection,
    firing: null,
    serving: { serving_name: 'file', serving_id: file.name, source: {} },
    effective: { runtime: { ...runtime }, stream_dt, stream_start_time, file: file.name },
  });
}

let wake: () => void = () => {};
let untaken = 0;
let playback: FilePlayback | null = null;
let subscribed: readonly Channel[] = [];

/** The configuration of a request; throws CONFIG_PARSE and CONFIG_INVALID with file, line and key. */
function configOf({ configName, configText, date, startTime, endTime }: FileRequest): ReplayConfig {
  const { value } = parseYaml(configText, configName);
  const isReplayConfig = typeof value === 'object' && value !== null && 'runtime' in value;
  const capture = { stream_dt: date, stream_start_time: startTime, ...(endTime !== null && { end_time: endTime }) };
  return parseReplayConfig({ runtime: isReplayConfig ? value.runtime : value, ...capture }, configName);
}

async function open(request: FileRequest): Promise<void> {
  const { file } = request;
  const config = configOf(request);
  const capture = replayCapture(config);
  let latest: (() => ReplayFindings) | null = null;
  let reportedMs = Number.NEGATIVE_INFINITY;
  const report = () => latest !== null && post({ type: 'report', ...describeFile(latest()) });
  playback = new FilePlayback({
    replay: () =>
      fileBins(file, config, (next) => {
        latest = next;
        if (performance.now() - reportedMs < reportMs) return;
        reportedMs = performance.now();
        report();
      }),
    cellWidthMs: config.runtime.cell_width_ms,
    startNs: capture.startNs,
    nowMs: () => performance.now(),
    sleep: (ms) =>
      new Promise((resolve) => {
        const timer = setTimeout(resolve, ms);
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      }),
    mayRunAhead: () => untaken < mostUntaken,
    send: ({ text, frame, depth, events, features }) => {
      untaken++;
      const bytes = frame.slice().buffer;
      post({ type: 'text', text });
      post({ type: 'bytes', bytes }, [bytes]);
      if (subscribed.includes('depth')) {
        const book = depth.slice().buffer;
        post({ type: 'depth', bytes: book }, [book]);
      }
      if (subscribed.includes('events')) post({ type: 'text', text: events });
      if (subscribed.includes('features')) post({ type: 'text', text: features });
    },
  });
  post({ type: 'text', text: JSON.stringify(fileConfig(file, config)) });
  const binCount = await playback.run().finally(report);
  post({ type: 'text', text: JSON.stringify({ type: 'eof', bin_count: binCount }) });
}

function follow(text: string): void {
  const control = parseControl(text);
  if (control.action === 'subscribe') subscribed = control.channels;
  else playback?.control(control);
}

self.onmessage = ({ data }: MessageEvent<ToWorker>) => {
  if (data.type === 'overview') {
    // What is wrong with the file or its configuration, the worker that plays it tells.
    fileOverview(
      data.file,
      configOf(data),
      () => performance.now(),
      (overview) => post({ type: 'overview', overview }),
    ).catch(() => post({ type: 'overview', overview: null }));
  } else if (data.type === 'open') {
    open(data).catch((error: unknown) =>
      post({ type: 'failed', message: error instanceof Error ? error.message : String(error) }),
    );
  } else {
    if (data.type === 'taken') untaken--;
    else follow(data.text);
    wake();
  }
};
