/**
 * Offsets of a tick's quantities in the state array: `state[slot * tickStride + tick.vAdd]`. All quantities of a tick
 * lie together, because an event touches all of them at one tick and passive time walks from tick to tick.
 */
export const tickStride = 24;

export const tick = {
  addMass: 0,
  pullMass: 1,
  fillMass: 2,
  bidDepth: 3,
  askDepth: 4,
  vAdd: 5,
  aAdd: 6,
  jAdd: 7,
  vPull: 8,
  aPull: 9,
  jPull: 10,
  vFill: 11,
  aFill: 12,
  jFill: 13,
  vBid: 14,
  aBid: 15,
  jBid: 16,
  vAsk: 17,
  aAsk: 18,
  jAsk: 19,
  pressure: 20,
  vacuum: 21,
  /** Time of the last update; −∞: never touched; NaN: every mass and derivative has decayed to zero. */
  lastNs: 22,
  lastEventId: 23,
} as const;
