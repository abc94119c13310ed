export {
  aggressorType,
  icebergState,
  largeOrderChange,
  maxOrderEventDetails,
  type OrderEventDetail,
  type OrderEventKind,
  orderEventCode,
  orderEventDetails,
  orderEventKinds,
} from './event_kinds.ts';
export { OrderEventRows } from './event_rows.ts';
export { EventsPass, type EventsPassOptions } from './events_pass.ts';
export { OrderFeatures } from './features/order_features.ts';
export type { FeatureAnchor, FeatureDay, FeatureParams } from './features/params.ts';
export type { VolumeProfile } from './features/volume_profile.ts';
export * from './light.ts';
export { OrderEvents } from './order_events.ts';
export { defaultOrderEventParams, type OrderEventParams } from './params.ts';
