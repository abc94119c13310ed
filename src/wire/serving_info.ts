import { z } from 'zod';
import { evidenceSchema, publishedSourceSchema } from '../config/index.ts';

/** Answer of `GET /v1/servings/{serving}`: what is streamed under a name, and what is known of it. */
export const servingInfoSchema = z.object({
  /** As asked for. */
  serving_name: z.string(),
  serving_id: z.string(),
  description: z.string(),
  /** False for a session of a run: `promoted_at_utc` of its source is `unpublished`. */
  is_published: z.boolean(),
  symbol: z.string(),
  /** Trading date, YYYY-MM-DD. */
  session: z.iso.date(),
  /** At which the signal fires, a score or a percentile; null where none was judged. */
  threshold: z.number().nullable(),
  source: publishedSourceSchema,
  /** Of the run at this threshold over its sessions: as stored with a published version, as judged last for a run; null: not evaluated. */
  evidence: evidenceSchema.nullable(),
  /** What the run earned in this session at this threshold, ticks after costs; null where no result is stored. */
  session_result: z.object({ n_signals: z.int().min(0), net_pnl_ticks: z.number() }).nullable(),
});

export type ServingInfo = Readonly<z.output<typeof servingInfoSchema>>;
