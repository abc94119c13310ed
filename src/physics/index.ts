export { Physics, type PhysicsParams } from './physics.ts';
export { tick, tickStride } from './tick_state.ts';
