/**
 * Every target, each of which has its module beside this one, and the milliseconds that reading one input may take: what a
 * server answers goes through threads and databases.
 */
export const limitsMs: Readonly<Record<string, number>> = {
  dbn: 2000,
  zstd: 2000,
  frames: 2000,
  messages: 2000,
  engine: 2000,
  state: 2000,
  config: 2000,
  live_client: 2000,
  live_gateway: 2000,
  rest: 10_000,
  stream: 10_000,
};

export const targetNames = Object.keys(limitsMs);
