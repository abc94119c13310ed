import type { SessionOverview } from '../../../src/wire/index.ts';
import type { FileReport } from '../feed/feed.ts';

/** A file to replay, and how. */
export interface FileRequest {
  readonly file: File;
  /** An `instrument.yaml`, or a configuration of `replay`: its name and its text. */
  readonly configName: string;
  readonly configText: string;
  /** Session date YYYY-MM-DD, and New York clock times HH:MM; no end: to the end of the file. */
  readonly date: string;
  readonly startTime: string;
  readonly endTime: string | null;
}

/** What the page tells the worker. */
export type ToWorker =
  | ({ readonly type: 'open' } & FileRequest)
  /** Sum up the session, and nothing else. */
  | ({ readonly type: 'overview' } & FileRequest)
  /** A control message of the stream, as text. */
  | { readonly type: 'control'; readonly text: string }
  /** The page has taken in a bin. */
  | { readonly type: 'taken' };

/** What the worker tells the page: the messages of a stream, as text and bytes, and how it ends. */
export type FromWorker =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'bytes'; readonly bytes: ArrayBuffer }
  /** The depth frame of the bin before it. */
  | { readonly type: 'depth'; readonly bytes: ArrayBuffer }
  | { readonly type: 'failed'; readonly message: string }
  /** The last one is complete; null when there is none. */
  | { readonly type: 'overview'; readonly overview: SessionOverview | null }
  /** What was wrong with the file so far, and what of it was left out. */
  | ({ readonly type: 'report' } & FileReport);
