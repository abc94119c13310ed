export type { RecorderReport, Recording, RecordingSink } from './live/recording.ts';
export type { LiveOptions, RecordingTarget } from './live/start_live.ts';
export { type RecorderOptions, recorderFor } from './live/start_recorder.ts';
export { runtimeConfigMessage } from './runtime_config.ts';
export { type Server, type ServerOptions, startServer } from './server.ts';
export { streamPath } from './stream_route.ts';
export type { TelemetryOptions } from './telemetry.ts';
export { startSignalWatch } from './watch_server.ts';
