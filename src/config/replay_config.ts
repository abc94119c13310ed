import { z } from 'zod';
import { type CaptureWindow, captureOf, captureWindowOf, clockTime, sessionDate } from './capture.ts';
import { checked } from './check.ts';
import { block } from './fields.ts';
import type { Origin } from './origin.ts';
import { type RuntimeConfig, runtimeSchema } from './runtime.ts';
import { assertCaptureFits } from './size_checks.ts';

/** Input of `replay`: runtime fields and the capture, in New York clock times (`captureWindow` resolves it). */
export interface ReplayConfig {
  readonly runtime: RuntimeConfig;
  /** Session date YYYY-MM-DD. */
  readonly stream_dt: string;
  /** Start of the first bin, HH:MM. */
  readonly stream_start_time: string;
  /** End of the capture, HH:MM; absent: to the end of the file. */
  readonly end_time?: string | undefined;
}

export const replaySchema = block({
  runtime: runtimeSchema,
  stream_dt: sessionDate,
  stream_start_time: clockTime,
  end_time: z.optional(clockTime),
});

/** The capture of a replay configuration; throws what `captureWindow` does. */
export function replayCapture({ runtime, ...times }: ReplayConfig): CaptureWindow {
  return captureOf({ product_type: runtime.product_type, ...times });
}

/**
 * Checks a replay configuration that was read from `origin`, its capture included; throws CONFIG_INVALID as
 * `parseRuntimeConfig` does.
 */
export function parseReplayConfig(value: unknown, origin: string | Origin): ReplayConfig {
  const config = checked(replaySchema, value, origin);
  const { runtime, stream_dt, stream_start_time, end_time } = config;
  const paths = { stream_dt: ['stream_dt'], stream_start_time: ['stream_start_time'], end_time: ['end_time'] };
  const capture = captureWindowOf(origin, paths, runtime.product_type, stream_dt, stream_start_time, end_time);
  assertCaptureFits(origin, 'runtime', runtime, capture);
  return config;
}
