import { z } from 'zod';
import { runningSweepSchema, sweepEndSchema } from './experiments.ts';

/* What pages ask for beside results: who may change something, and the sweeps. */

export const changesSchema = z.object({
  /** Whether who asks may change something: `needs_token` until the page was opened with the token. */
  changes: z.enum(['allowed', 'needs_token', 'off']),
});

export const sweepsSchema = z.object({ running: z.array(runningSweepSchema), ended: z.array(sweepEndSchema) });

export const cancelledSchema = z.object({ sweep_id: z.string(), state: z.enum(['cancelling', 'removed']) });

export type ChangesResponse = z.infer<typeof changesSchema>;
export type SweepsResponse = z.infer<typeof sweepsSchema>;
export type CancelledResponse = z.infer<typeof cancelledSchema>;
