export { defaultRetryTiming, type RetryTiming } from './backoff.ts';
export {
  defaultLiveTiming,
  type LiveSession,
  type LiveSessionOptions,
  type LiveSubscription,
  type LiveTiming,
  openLiveSession,
  subscriptionLines,
} from './client.ts';
export {
  type ControlRecordOptions,
  encodeErrorMessage,
  encodeHeartbeat,
  encodeSymbolMapping,
  encodeSystemMessage,
  errorMessages,
  type GatewayMessage,
  systemMessages,
} from './control_records.ts';
export { finishRecording } from './finish_recording.ts';
export { type Gateway, type GatewayOptions, startGateway } from './gateway.ts';
export type { Fault, FaultAction, GatewayFaults, SessionFaults } from './gateway_faults.ts';
export { errorCode, gatewayAddress, livePort, systemCode } from './protocol.ts';
export {
  type RecordedFile,
  type RecorderState,
  type RecordingInfo,
  type RecordOptions,
  type RecordSummary,
  record,
} from './recorder.ts';
export type { LiveAccess, RecordingStart } from './session_recorder.ts';
