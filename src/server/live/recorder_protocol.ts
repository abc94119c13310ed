import type { LiveAccess, RecordingStart } from '../../databento/live/index.ts';
import type { SentError } from '../../errors.ts';
import type { RecorderReport, Recording } from './recording.ts';

/** What the recorder thread is started with. */
export interface RecorderOrigin {
  /** Where the recordings go: into a lake, or into one file. */
  readonly target: { readonly lakeRoot: string } | { readonly file: string };
  readonly symbol: string;
  readonly access: LiveAccess;
  readonly start: RecordingStart;
}

/** The only request to the recorder thread: to end its recording. */
export type RecorderRequest = 'stop';

/** What the recorder thread says. */
export type RecorderReply =
  | { readonly kind: 'begin'; readonly recording: Recording }
  | { readonly kind: 'report'; readonly report: RecorderReport }
  | { readonly kind: 'notice'; readonly text: string }
  /** Nothing is recorded any more: it was asked to end, or the feed has. */
  | { readonly kind: 'end' }
  | ({ readonly kind: 'failed' } & SentError);
