import type { GridFrame } from '../../../src/engine/index.ts';
import type {
  Channel,
  Control,
  DepthFrame,
  FeaturesMessage,
  GridUpdate,
  OrderEventsMessage,
  RuntimeConfigMessage,
  SessionOverview,
} from '../../../src/wire/index.ts';
import type { ConnectionState } from './connection.ts';

/** The channels that the page subscribes to. */
export const pageChannels: readonly Channel[] = ['depth', 'events', 'features'];

/** The condition of a file that the browser replays itself, in sentences. */
export interface FileReport {
  readonly events: number;
  readonly anomalies: readonly string[];
  /** Records that were left out, by kind. */
  readonly skipped: readonly string[];
}

/** The receiver of a source of bins. `config` and `bin` throw PROTOCOL when the contract is broken. */
export interface FeedListener {
  /** The first message of every connection; a reconnected source starts again from its first bin. */
  config(message: RuntimeConfigMessage): void;
  /** A bin and its grid; the frame is a view that may be kept. */
  bin(update: GridUpdate, frame: GridFrame): void;
  /** The whole book at the end of the bin before this call. */
  depth(frame: DepthFrame): void;
  /** What single orders and aggressors did in that bin. */
  events(message: OrderEventsMessage): void;
  /** Volume delta, VWAP, profile and levels at the end of that bin. */
  features(message: FeaturesMessage): void;
  connection(state: ConnectionState): void;
  /** The summary of the whole session, as far as it is known. */
  sessionOverview(overview: SessionOverview): void;
  fileReport(report: FileReport): void;
  /** The source did not follow a control message; a sentence says why. */
  controlFailed(message: string): void;
  /** A sentence for the user, which changes nothing. */
  notice(message: string): void;
}

/** A source of bins: a server's stream, or a file that the browser replays itself. */
export interface Feed {
  start(listener: FeedListener): void;
  send(control: Control): void;
  /** Asks for what is known of the whole session: now, and again until it is complete. */
  askOverview(servingId: string): void;
  /** Connects again, now. */
  retry(): void;
  /** Ends for good. */
  stop(): void;
}
