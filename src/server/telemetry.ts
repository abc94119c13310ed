import { once } from 'node:events';
import { createWriteStream, type WriteStream } from 'node:fs';
import { SpymasterError } from '../errors.ts';
import type { BinTiming } from '../replay/index.ts';

export interface TelemetryOptions {
  /** File that gets a JSON line per bin handed to a socket; appended to. */
  readonly path: string;
  /** Market time of day, New York, HH:MM: only bins that end in [start, end) are measured; it may pass midnight. */
  readonly windowStartEt?: string;
  readonly windowEndEt?: string;
  /** Bins between two summaries in the log. */
  readonly summaryEveryBins?: number;
}

/** One bin on its way to one client. Wall clock moments are UNIX milliseconds. */
export interface BinDelivery {
  readonly clientId: number;
  readonly servingId: string;
  readonly binSeq: number;
  readonly tsNs: bigint;
  readonly eventCount: number;
  readonly timing: BinTiming;
  readonly dueMs: number;
  readonly sentMs: number;
  readonly blockedMs: number;
  /** When the gateway received the record that closed the bin of a live stream; NaN for others. */
  readonly receivedMs: number;
  /** When it was read from the feed's socket; NaN where that is not known. */
  readonly readMs: number;
}

/** Latencies of a line that the summary gives percentiles of. */
const summarised = [
  'first_event_to_ready_us',
  'last_event_to_ready_us',
  'ready_to_socket_us',
  'due_to_socket_us',
  'producer_blocked_us',
] as const;
type Latency = (typeof summarised)[number];

/** A telemetry file that falls behind by more than this loses lines, counted, rather than growing the memory. */
const maxUnwrittenBytes = 8 << 20;

/** Lines are made a moment later and many at once: the bins of other clients, often due within the same few milliseconds, come first. */
const writeAfterMs = 20;

/** Writes one JSON line per measured bin, and percentiles to the log (product.md, "Telemetry"). */
export class Telemetry {
  readonly #file: WriteStream;
  readonly #log: (summary: object) => void;
  readonly #startMinute: number;
  readonly #endMinute: number;
  readonly #summaryEveryBins: number;
  readonly #samples: Record<Latency, number[]>;
  #bins = 0;
  #lost = 0;
  /** Bins that are not written yet. */
  #waiting: BinDelivery[] = [];
  /** A minute since 1970 and what it is in New York, whose offsets are whole minutes: formatting takes longer than the rest of a line. */
  #utcMinute = -1n;
  #minute = 0;

  private constructor(file: WriteStream, options: TelemetryOptions, log: (summary: object) => void) {
    this.#file = file;
    this.#log = log;
    this.#startMinute = minuteOf(options.windowStartEt ?? '00:00');
    this.#endMinute = minuteOf(options.windowEndEt ?? '24:00');
    this.#summaryEveryBins = options.summaryEveryBins ?? 600;
    this.#samples = Object.fromEntries(summarised.map((name) => [name, [] as number[]])) as Record<Latency, number[]>;
  }

  /** Opens the file; throws FILE_UNREADABLE when it cannot be appended to, USAGE for an empty window. */
  static async open(options: TelemetryOptions, log: (summary: object) => void): Promise<Telemetry> {
    const { path, windowStartEt = '00:00', windowEndEt = '24:00' } = options;
    if (minuteOf(windowStartEt) === minuteOf(windowEndEt)) {
      throw new SpymasterError(
        'USAGE',
        `The telemetry window must not be empty, got ${windowStartEt} to ${windowEndEt}.`,
      );
    }
    const file = createWriteStream(path, { flags: 'a' });
    try {
      await once(file, 'open');
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new SpymasterError('FILE_UNREADABLE', `Cannot append telemetry to ${path}: ${why}.`, { path }, cause);
    }
    const telemetry = new Telemetry(file, options, log);
    file.on('error', (error) => {
      log({ telemetry_error: error.message, path });
    });
    return telemetry;
  }

  /** Records a bin that was handed to a socket, if it is inside the window. */
  record(delivery: BinDelivery): void {
    if (this.#waiting.length === 0) setTimeout(() => this.#write(), writeAfterMs).unref();
    this.#waiting.push(delivery);
  }

  #write(): void {
    const deliveries = this.#waiting;
    this.#waiting = [];
    const isFull = this.#file.writableLength > maxUnwrittenBytes || this.#file.errored !== null;
    let text = '';
    for (const delivery of deliveries) {
      if (!this.#isMeasured(delivery.tsNs)) continue;
      const line = lineOf(delivery);
      if (isFull) this.#lost++;
      else text += `${JSON.stringify(line)}\n`;
      for (const name of summarised) {
        const value = line[name];
        if (value !== null) this.#samples[name].push(value);
      }
      if (++this.#bins % this.#summaryEveryBins === 0) this.#summarise();
    }
    if (text !== '') this.#file.write(text);
  }

  #isMeasured(tsNs: bigint): boolean {
    const utcMinute = tsNs / 60_000_000_000n;
    if (utcMinute !== this.#utcMinute) {
      this.#utcMinute = utcMinute;
      this.#minute = newYorkMinute(tsNs);
    }
    const [minute, start, end] = [this.#minute, this.#startMinute, this.#endMinute];
    return start < end ? minute >= start && minute < end : minute >= start || minute < end;
  }

  async close(): Promise<void> {
    this.#write();
    if (this.#file.errored !== null) return;
    this.#file.end();
    await once(this.#file, 'close');
  }

  #summarise(): void {
    const latencies = summarised.map((name) => {
      const sorted = Float64Array.from(this.#samples[name]).sort();
      this.#samples[name].length = 0;
      return [name, { p50: percentile(sorted, 0.5), p95: percentile(sorted, 0.95), p99: percentile(sorted, 0.99) }];
    });
    this.#log({ bins: this.#bins, lost_lines: this.#lost, ...Object.fromEntries(latencies) });
  }
}

/** The line of a bin, its latencies in microseconds. */
function lineOf(delivery: BinDelivery) {
  const { timing, sentMs, dueMs, receivedMs, readMs } = delivery;
  return {
    serving_id: delivery.servingId,
    client_id: delivery.clientId,
    bin_seq: delivery.binSeq,
    ts_ns: delivery.tsNs.toString(),
    bin_event_count: delivery.eventCount,
    first_event_to_ready_us: micros(timing.readyMs - timing.firstEventMs),
    last_event_to_ready_us: micros(timing.readyMs - timing.lastEventMs),
    ready_to_socket_us: micros(sentMs - timing.readyMs),
    first_event_to_socket_us: micros(sentMs - timing.firstEventMs),
    last_event_to_socket_us: micros(sentMs - timing.lastEventMs),
    due_to_socket_us: micros(sentMs - dueMs),
    producer_blocked_us: micros(delivery.blockedMs),
    // Lines of replays stay as they were.
    ...(!Number.isNaN(receivedMs) && { received_to_socket_us: micros(sentMs - receivedMs) }),
    ...(!Number.isNaN(readMs) && { read_to_socket_us: micros(sentMs - readMs) }),
  };
}

/** The smallest sample that at least `share` of all samples do not exceed; null without samples. */
export function percentile(sorted: Float64Array, share: number): number | null {
  if (sorted.length === 0) return null;
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? null;
}

/** Milliseconds as whole microseconds; null for a moment that does not exist. */
function micros(ms: number): number | null {
  return Number.isNaN(ms) ? null : Math.round(ms * 1000);
}

function minuteOf(clock: string): number {
  const [hour = 0, minute = 0] = clock.split(':').map(Number);
  return hour * 60 + minute;
}

const dayFormat = new Intl.DateTimeFormat('en-GB', {
  timeZone: 'America/New_York',
  hour: '2-digit',
  minute: '2-digit',
  hourCycle: 'h23',
});

/** Minute of the day in New York of a UNIX time. */
function newYorkMinute(tsNs: bigint): number {
  return minuteOf(dayFormat.format(Number(tsNs / 1_000_000n)));
}
