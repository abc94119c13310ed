import type { Channel } from '../wire/index.ts';
import { hasChannels, type Segment, type SegmentSource } from './segment.ts';

interface Slot {
  segment?: Segment;
  /** Loading it ahead of its time failed: it is tried again when its time comes, not before. */
  hasFailed: boolean;
  /** The channels that it was asked for with. */
  readonly channels: readonly Channel[];
  readonly controller: AbortController;
}

/** One reader's window on a source: the segment being read and the next one, loaded before it is needed. */
export class SegmentReader {
  readonly #source: SegmentSource;
  readonly #onLoad: (error: unknown) => void;
  readonly #slots = new Map<number, Slot>();
  #wanted = -1;
  #channels: readonly Channel[] = [];

  /** `onLoad` is called when a segment that `at` did not have yet is there (null), or cannot be had (the error). */
  constructor(source: SegmentSource, onLoad: (error: unknown) => void) {
    this.#source = source;
    this.#onLoad = onLoad;
  }

  /** The segment of `index` if it is loaded; otherwise starts loading it. Loads for other places are given up. */
  at(index: number): Segment | undefined {
    if (index !== this.#wanted) this.#moveTo(index);
    if (this.#slots.get(index)?.hasFailed === true) this.#slots.delete(index);
    const segment = this.#load(index).segment;
    if (segment !== undefined && segment.end === null) this.#load(index + 1);
    return segment;
  }

  /** Sets the channels that segments have from now on; those that lack one are loaded again. */
  want(channels: readonly Channel[]): void {
    this.#channels = channels;
    for (const [index, slot] of [...this.#slots]) {
      if (hasChannels(slot.segment ?? slot, channels)) continue;
      this.#slots.delete(index);
      // Asked for before the other is given up: what is being made is made with more.
      this.#load(index);
      giveUp(slot);
    }
  }

  close(): void {
    for (const slot of this.#slots.values()) giveUp(slot);
    this.#slots.clear();
    this.#wanted = -1;
  }

  #moveTo(index: number): void {
    this.#wanted = index;
    for (const [held, slot] of this.#slots) {
      if (held === index || held === index + 1) continue;
      this.#slots.delete(held);
      giveUp(slot);
    }
  }

  #load(index: number): Slot {
    const held = this.#slots.get(index);
    if (held !== undefined) return held;
    const slot: Slot = { hasFailed: false, channels: this.#channels, controller: new AbortController() };
    this.#slots.set(index, slot);
    this.#source.segment(index, slot.controller.signal, slot.channels).then(
      (segment) => {
        if (this.#slots.get(index) !== slot) return;
        slot.segment = segment;
        if (index === this.#wanted) this.#onLoad(null);
      },
      (error: unknown) => {
        if (this.#slots.get(index) !== slot) return;
        slot.hasFailed = true;
        if (index === this.#wanted) this.#onLoad(error);
      },
    );
    return slot;
  }
}

/** Stops waiting for a segment. Where it is there already nobody waits, and the reason of an abort, an error with its stack, is not made. */
function giveUp({ segment, controller }: Slot): void {
  if (segment === undefined) controller.abort();
}
