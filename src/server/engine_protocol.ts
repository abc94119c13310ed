import type { SentError } from '../errors.ts';
import type { Checkpoint } from '../replay/index.ts';
import type { Channel } from '../wire/index.ts';
import type { Segment } from './segment.ts';

/** Requests to an engine thread. */
export type EngineRequest =
  /** A segment with some channels, at least; of one that is being made, with more than were asked for. */
  | { readonly kind: 'segment'; readonly index: number; readonly channels: readonly Channel[] }
  /** No request waits for this segment any more. */
  | { readonly kind: 'cancel'; readonly index: number }
  /** A state of the engine that another thread came by, and where the recording that is replayed has its end. */
  | { readonly kind: 'checkpoint'; readonly checkpoint: Checkpoint }
  | { readonly kind: 'ended' }
  /** Whether the thread still answers. */
  | { readonly kind: 'ping' };

/** What an engine thread says. */
export type EngineReply =
  | { readonly kind: 'pong' }
  /** Something that was put right by itself, for the log. */
  | { readonly kind: 'notice'; readonly text: string }
  | { readonly kind: 'segment'; readonly index: number; readonly segment: Segment; readonly tookMs: number }
  | ({ readonly kind: 'failed'; readonly index: number } & SentError);
