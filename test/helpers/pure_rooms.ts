/** Rooms that run anywhere, with the same result everywhere: no files, clock, randomness or environment. */
export const pureRooms: ReadonlySet<string> = new Set([
  'dbn',
  'book',
  'physics',
  'spectrum',
  'signals',
  'engine',
  'wire',
  'config',
  'synth',
  'statistics',
  'evaluation',
  'playback',
  'execution',
  'orders',
  'models',
  'alerts',
]);
