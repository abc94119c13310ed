/** Nanoseconds of a millisecond. */
const nsPerMs = 1e6;

/** Where in the files the market is: the first record that has not happened yet. */
export interface Head {
  readonly file: number;
  readonly record: number;
}

/**
 * The time of the market that a gateway plays. Times are nanoseconds from `baseNs`, the first record's.
 *
 * With a speed, the market goes on by the clock of the machine once the first session has started, whether or not somebody
 * listens. At full speed it is where the session is that has got furthest, and stands still in between.
 */
export class MarketClock {
  readonly baseNs: bigint;
  readonly #speed: number | null;
  /** Position at full speed; null as long as nothing was played. */
  #head: Head | null = null;
  #rel: number;
  /** Since when time goes on by itself, by the machine's monotonic clock. */
  #sinceMs: number | null = null;
  /** Sessions that have started so far. */
  #begun = 0;
  /** Where the market stands still or stood last for a session to start, nanoseconds from the base. */
  haltRel = Number.NEGATIVE_INFINITY;

  constructor(speed: number | 'max', baseNs: bigint, startNs: bigint) {
    this.#speed = speed === 'max' ? null : speed;
    this.baseNs = baseNs;
    this.#rel = Number(startNs - baseNs);
  }

  get isPaced(): boolean {
    return this.#speed !== null;
  }

  get head(): Head | null {
    return this.#head;
  }

  /** Now, nanoseconds from the base. */
  get rel(): number {
    const since = this.#sinceMs;
    return since === null ? this.#rel : this.#rel + (performance.now() - since) * nsPerMs * (this.#speed ?? 1);
  }

  /** Now, UNIX nanoseconds. */
  get nowNs(): bigint {
    return this.ns(this.rel);
  }

  /** UNIX nanoseconds of a time from the base. */
  ns(rel: number): bigint {
    return this.baseNs + BigInt(Math.floor(rel));
  }

  get sessionsBegun(): number {
    return this.#begun;
  }

  /** A session starts: time goes on, where it goes by the machine's clock. */
  start(): void {
    this.#begun++;
    if (this.#speed !== null) this.#sinceMs ??= performance.now();
  }

  /** Milliseconds until a time is reached; 0 where it is past, or where time does not wait. */
  delayMs(rel: number): number {
    if (this.#sinceMs === null) return 0;
    return Math.max(0, (rel - this.rel) / nsPerMs / (this.#speed ?? 1));
  }

  /** At full speed: the records before a position have happened, the last of them at `rel`. */
  advance(file: number, record: number, rel: number): void {
    if (this.#speed !== null) return;
    const head = this.#head;
    if (head !== null && (file < head.file || (file === head.file && record <= head.record))) return;
    this.#head = { file, record };
    this.#rel = Math.max(this.#rel, rel);
  }

  /** At full speed: the market goes on by some records that no session sees. */
  skip(records: number): void {
    if (this.#head !== null) this.#head = { file: this.#head.file, record: this.#head.record + records };
  }

  /** At full speed: all records have happened and time is `rel`; from now on it goes by the machine's clock. */
  end(rel: number): void {
    if (this.#sinceMs !== null) return;
    this.#rel = Math.max(this.#rel, rel);
    this.#sinceMs = performance.now();
  }
}
