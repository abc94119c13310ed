export { Physics, type PhysicsParams } from './physics.ts';
export { shiftedRange } from './shifted_range.ts';
export { tick, tickStride } from './tick_state.ts';
