export { type LiveSession, type LiveSessionOptions, type LiveSubscription, openLiveSession } from './client.ts';
export { type Gateway, type GatewayOptions, startGateway } from './gateway.ts';
export type { SessionFaults } from './gateway_faults.ts';
export { gatewayAddress } from './protocol.ts';
export {
  type RecordedFile,
  type RecorderState,
  type RecordingInfo,
  type RecordOptions,
  type RecordSummary,
  record,
} from './recorder.ts';
export type { LiveAccess, RecordingStart } from './session_recorder.ts';
