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
export { OrderEvents } from './order_events.ts';
export { OrderStates } from './order_states.ts';
export { defaultOrderEventParams, type OrderEventParams } from './params.ts';
