import { z } from 'zod';

const whole = z.int().nonnegative();
const ns = z.string();

/** States of the connection that a recording is made of. */
export const connectionStates = ['connecting', 'live', 'retrying', 'closed_market', 'ended'] as const;

/** The recording that a live stream is the tail of, and how far behind its readers are: `GET /v1/live`. */
export const liveStatusSchema = z.object({
  /** The name under which it is streamed. */
  serving_name: z.string(),
  /** The published version and session date; null before the first recording. */
  serving_id: z.string().nullable(),
  symbol: z.string(),
  /** The contract that the version was published with. */
  published_symbol: z.string(),
  /** The session's date; null before the first recording. */
  date: z.string().nullable(),
  connection: z.enum(connectionStates),
  /** Until the next attempt to connect; null unless `connection` is `retrying`. */
  retry_in_ms: z.number().nullable(),
  /** Why there is no recording, or the stream ended early; null. */
  failure: z.string().nullable(),
  /** Whether the recording's times are not of today: the gateway plays a file. Delays then are beyond the least one. */
  is_of_file: z.boolean(),
  /** When the gateway received the recording's first order event, UNIX nanoseconds; null before that. */
  recorded_from_ns: ns.nullable(),
  /** Minutes of the warm-up before the first bin that the recording lacks. */
  warm_up_short_min: whole,
  /** When the gateway received the newest record, UNIX nanoseconds: the stream's clock; null before the first. */
  clock_ns: ns.nullable(),
  bin_count: whole,
  /** Whether the session's recording has ended: no bin will come. */
  is_over: z.boolean(),
  /** The bin closed last: its number, when the record that closed it was received by the gateway, and the delay from then until now. */
  newest: z.object({ bin_seq: whole, received_ns: ns, delay_ms: z.number() }).nullable(),
  recording: z.object({
    bytes: whole,
    /** From the gateway's receipt of the newest record to its writing; null where that is not known, as of a file. */
    lag_ms: z.number().nullable(),
  }),
  engine: z.object({
    /** Bytes of the recording that the engine has not read. */
    lag_bytes: whole,
    /** Market time from the record that the engine read last to the newest of the recording. */
    lag_ms: z.number(),
  }),
  /** Times of which nothing is known: [from, to), UNIX nanoseconds, and the cause in one word. */
  gaps: z.array(z.object({ from_ns: ns, to_ns: ns, cause: z.string() })),
});

export type LiveStatus = Readonly<z.output<typeof liveStatusSchema>>;
