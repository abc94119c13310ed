import type { Gap } from '../../dbn/index.ts';
import type { SentError } from '../../errors.ts';
import type { BinTiming, Checkpoint, RecordingOrigin, ReplayEnd } from '../../replay/index.ts';
import type { ChannelMessages, SessionOverview } from '../../wire/index.ts';
import type { WriteLog } from './write_log.ts';

/** What the thread at a recording's head is started with. */
export interface HeadOrigin extends RecordingOrigin {
  /** The recording's writes; null where another process writes. */
  readonly writes: WriteLog | null;
}

/** A bin that has just closed, ready to send; the memory is its own. */
export interface LiveBin extends ChannelMessages {
  readonly seq: number;
  readonly frame: Uint8Array<ArrayBuffer>;
  /** The `grid_update`. */
  readonly text: string;
  readonly timing: BinTiming;
  readonly eventCount: number;
  /** When the record that closed the bin was received by the gateway, UNIX milliseconds; NaN for the recording's end. */
  readonly receivedMs: number;
  /** When it was read from the feed's socket, UNIX milliseconds; NaN where that is not known. */
  readonly readMs: number;
}

/** How far the engine is. */
export interface HeadProgress {
  /** Offset in the recording of the first record that the engine has not seen. */
  readonly byteOffset: number;
  /** When the last record that it has seen was received by the gateway, UNIX milliseconds. */
  readonly receivedMs: number;
}

/** Requests to the thread at a recording's head. */
export type HeadRequest =
  /** The recording has ended: its end is the stream's. */
  { readonly kind: 'ended' } | { readonly kind: 'overview' } | { readonly kind: 'ping' };

/** What the thread at a recording's head says. */
export type HeadReply =
  | { readonly kind: 'pong' }
  /** The recording has a first order event, received at this UNIX time in milliseconds. */
  | { readonly kind: 'begun'; readonly receivedMs: number }
  | { readonly kind: 'bins'; readonly bins: readonly LiveBin[] }
  | ({ readonly kind: 'progress' } & HeadProgress)
  | { readonly kind: 'gap'; readonly gap: Gap }
  /** A state of the engine from which the past can be made again. */
  | { readonly kind: 'checkpoint'; readonly checkpoint: Checkpoint }
  | { readonly kind: 'overview'; readonly overview: SessionOverview }
  | { readonly kind: 'end'; readonly end: ReplayEnd }
  | ({ readonly kind: 'failed' } & SentError);
