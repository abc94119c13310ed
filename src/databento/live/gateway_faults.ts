/** What a hostile gateway does to a stream, in place of going on. */
export type FaultAction =
  /** Breaks the connection, behind so many bytes of the next record. */
  | { readonly do: 'drop'; readonly bytes?: number }
  /** Ends the connection in order; sends nothing any more; sends bytes that are no records; a record of an unknown type. */
  | { readonly do: 'close' | 'silence' | 'garbage' | 'unknown_record' | 'slow_reader_warning' }
  /** Sends an error message, and ends the session where its code does. */
  | { readonly do: 'error'; readonly code: number }
  /** Leaves out the next records, or sends them twice. */
  | { readonly do: 'omit' | 'duplicate'; readonly records: number };

/** An action behind so many records of market data of a session, snapshot and replay among them. */
export type Fault = FaultAction & { readonly after: number };

/** What goes wrong in one session. */
export interface SessionFaults {
  /** In place of the greeting. */
  readonly greeting?: 'garbage' | 'silence' | 'close';
  /** The reason for which the key is refused, whatever it is. */
  readonly refuse?: string;
  /** A replay has aged out: code 8 for every `start`, even 0. */
  readonly replayAgedOut?: boolean;
  /** A snapshot fails: code 6. */
  readonly snapshotFails?: boolean;
  /** `start` is ignored: all that there is comes again. */
  readonly ignoreStart?: boolean;
  /** The replay says that it is complete, and lacks its first records. */
  readonly replayLacks?: number;
  /** Each write to the socket has at most so many bytes. */
  readonly splitBytes?: number;
  /** At full speed: so many records happen between the end of this session and the next. */
  readonly missed?: number;
  /** In order of `after`. */
  readonly at?: readonly Fault[];
}

/** The faults of each session, in the order in which clients connect; sessions beyond have none. */
export type GatewayFaults = readonly SessionFaults[];

/** A record of a type that no version of DBN has, with the time of now. */
export function unknownRecord(tsNs: bigint): Uint8Array {
  const bytes = new Uint8Array(32);
  bytes.set([8, 0xee]);
  new DataView(bytes.buffer).setBigUint64(8, tsNs, true);
  return bytes;
}

/** Bytes that no reader takes for records: a header whose length is less than its own. */
export const garbageBytes: Uint8Array = new Uint8Array(64).fill(1);
