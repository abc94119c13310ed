import { assert } from '../errors.ts';
import type { Alert, AlertedStream } from './alert.ts';
import { type AlertRule, alertTriggers } from './rule.ts';
import { isMuted } from './schedule.ts';
import type { AlertBin, Sighting, Watch } from './watch.ts';
import { watchEvents } from './watch_events.ts';
import { watchFeed } from './watch_feed.ts';
import { watchLevel } from './watch_level.ts';
import { watchSignal } from './watch_signal.ts';

interface Watched {
  readonly rule: AlertRule;
  readonly watch: Watch;
  /** When the rule alerted last, UNIX nanoseconds. */
  lastNs: bigint | null;
}

/**
 * Holds rules against the bins of one stream, in their order: the same bins give the same alerts, on a server and in a page. After a
 * bin that does not follow on the last one everything before it is forgotten, as nothing is known of the bins between.
 */
export class AlertWatcher {
  readonly #rules: readonly AlertRule[];
  readonly #stream: AlertedStream;
  #watched: Watched[] = [];
  #nextSeq = -1;

  /** Rules for other symbols than the stream's are left out. */
  constructor(rules: readonly AlertRule[], stream: AlertedStream) {
    this.#rules = rules.filter(({ symbols }) => symbols === undefined || symbols.includes(stream.symbol));
    this.#stream = stream;
  }

  /** The alerts of a bin, in the order of the rules; `isReplay`: the market of the bin is past. */
  take(bin: AlertBin, isReplay: boolean): Alert[] {
    const { update, message } = bin;
    assert(message.bin_seq === update.bin_seq, 'a bin comes with its own events');
    if (update.bin_seq !== this.#nextSeq) {
      this.#watched = this.#rules.map((rule) => ({ rule, watch: watchOf(rule, this.#stream), lastNs: null }));
    }
    this.#nextSeq = update.bin_seq + 1;
    return this.#watched.flatMap((watched) => this.#take(watched, bin, isReplay));
  }

  #take(watched: Watched, bin: AlertBin, isReplay: boolean): Alert[] {
    const { rule } = watched;
    const pauseNs = BigInt(Math.round(rule.pause_s * 1e9));
    const alerts: Alert[] = [];
    for (const sighting of watched.watch(bin)) {
      const tsNs = sighting.ts_ns ?? bin.update.ts_ns;
      const ns = BigInt(tsNs);
      const isPaused = watched.lastNs !== null && ns - watched.lastNs < pauseNs;
      if (isPaused || isMuted(rule.muted, tsNs)) continue;
      watched.lastNs = ns;
      alerts.push({ ...this.#alert(rule, sighting, bin), replay: isReplay });
    }
    return alerts;
  }

  #alert(rule: AlertRule, { id, text, ...parts }: Sighting, { update }: AlertBin): Omit<Alert, 'replay'> {
    const { servingId, symbol } = this.#stream;
    return {
      key: `${servingId}/${rule.name}/${id.replaceAll(' ', '_')}`,
      rule: rule.name,
      trigger: alertTriggers.find((trigger) => rule[trigger] !== undefined) ?? 'event',
      text,
      serving_id: servingId,
      symbol,
      ts_ns: update.ts_ns,
      bin_seq: update.bin_seq,
      ...{ price_int: null, event_kind: null, side: null, size: null, event: null, score: null },
      ...parts,
    };
  }
}

/** A market that is this long past, in milliseconds, is a replay's. */
const replayMs = 60_000;

/** Whether a bin that ended at `tsNs`, UNIX nanoseconds, is of a replay when it is seen at `nowMs`, UNIX milliseconds. */
export function isOfReplay(tsNs: string, nowMs: number): boolean {
  return nowMs - Number(BigInt(tsNs) / 1_000_000n) > replayMs;
}

function watchOf({ event, signal, level, feed }: AlertRule, stream: AlertedStream): Watch {
  if (event !== undefined) return watchEvents(event, stream);
  if (signal !== undefined) return watchSignal(signal, stream);
  if (level !== undefined) return watchLevel(level, stream);
  assert(feed !== undefined, 'a rule waits for something');
  return watchFeed(feed, stream);
}
