import type { PublishedServingSpec } from '../config/index.ts';
import { SpymasterError } from '../errors.ts';
import type { Segment, SegmentSource } from './segment.ts';
import { SegmentCache } from './segment_cache.ts';
import { type EngineThread, ServingSource } from './serving_source.ts';
import { streamKey } from './servings.ts';

export interface ServingPoolOptions {
  /** Starts the engine thread of a serving version. */
  readonly startThread: (spec: PublishedServingSpec) => EngineThread;
  /** Memory for computed segments of all serving versions. */
  readonly cacheBytes: number;
  /** Serving versions that may be computed at the same time. */
  readonly maxEngines: number;
  /** How long an engine thread without clients lives on. */
  readonly idleMs: number;
  readonly onMade?: (servingId: string, segment: Segment, tookMs: number) => void;
  readonly onNotice?: (servingId: string, text: string) => void;
  readonly onCrash?: (servingId: string, error: SpymasterError) => void;
}

/** A client's hold on a source: while there is one, its engine thread is not ended for idleness. */
export interface Lease {
  readonly source: SegmentSource;
  release(): void;
}

interface Entry {
  readonly servingId: string;
  readonly source: ServingSource;
  leases: number;
  idleTimer: NodeJS.Timeout | null;
}

/** The sources of all serving versions that have clients, or had until a moment ago. */
export class ServingPool {
  readonly cache: SegmentCache;
  readonly #options: ServingPoolOptions;
  /** By `streamKey`. */
  readonly #entries = new Map<string, Entry>();

  constructor(options: ServingPoolOptions) {
    this.#options = options;
    this.cache = new SegmentCache(options.cacheBytes);
  }

  /** The source of a serving version. Throws TOO_BUSY when as many others as allowed have clients. */
  acquire(spec: PublishedServingSpec): Lease {
    const key = streamKey(spec);
    const entry = this.#entries.get(key) ?? this.#add(key, spec);
    if (entry.idleTimer !== null) clearTimeout(entry.idleTimer);
    entry.idleTimer = null;
    entry.leases++;
    let isHeld = true;
    return {
      source: entry.source,
      release: () => {
        if (!isHeld) return;
        isHeld = false;
        if (--entry.leases === 0) {
          entry.idleTimer = setTimeout(() => this.#drop(key), this.#options.idleMs).unref();
        }
      },
    };
  }

  /** Engine threads that run now. */
  get runningEngines(): number {
    return [...this.#entries.values()].filter(({ source }) => source.isRunning).length;
  }

  /** Serving versions whose engine threads do not answer within a while. */
  async silentEngines(timeoutMs: number): Promise<string[]> {
    const entries = [...this.#entries.values()];
    const answers = await Promise.all(entries.map(({ source }) => source.answersWithin(timeoutMs)));
    return entries.filter((_, at) => answers[at] === false).map(({ servingId }) => servingId);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#entries.keys()].map((key) => this.#drop(key)));
  }

  #add(key: string, spec: PublishedServingSpec): Entry {
    const { maxEngines, startThread, onMade, onNotice, onCrash } = this.#options;
    const servingId = spec.serving_id;
    if (this.#entries.size >= maxEngines) {
      const idle = [...this.#entries].find(([, { leases }]) => leases === 0);
      if (idle === undefined) {
        throw new SpymasterError(
          'TOO_BUSY',
          `Cannot stream ${servingId}: ${maxEngines} other serving versions are being streamed already; ` +
            'close one of them and try again.',
          { servingId },
        );
      }
      this.#drop(idle[0]);
    }
    const source = new ServingSource({
      key,
      cache: this.cache,
      startThread: () => startThread(spec),
      onMade: (segment, tookMs) => onMade?.(servingId, segment, tookMs),
      onNotice: (text) => onNotice?.(servingId, text),
      onCrash: (error) => onCrash?.(servingId, error),
    });
    const entry: Entry = { servingId, source, leases: 0, idleTimer: null };
    this.#entries.set(key, entry);
    return entry;
  }

  async #drop(key: string): Promise<void> {
    const entry = this.#entries.get(key);
    if (entry === undefined) return;
    this.#entries.delete(key);
    if (entry.idleTimer !== null) clearTimeout(entry.idleTimer);
    await entry.source.stop();
  }
}
