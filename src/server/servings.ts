import { contentHash, type PublishedServingSpec } from '../config/index.ts';
import type { Lake, ResolvedServing, ServingRegistry } from '../lake/index.ts';
import { parseDayStreamName } from '../wire/index.ts';
import { knowSignal } from './user_signal.ts';

export interface ServingsOptions {
  readonly lake: Lake;
  readonly registry: ServingRegistry;
  /** Resolves any name, by queries of the results (`resolveServing`). */
  readonly resolveServing: (name: string, signal: AbortSignal) => Promise<ResolvedServing>;
}

/** What a server can stream: published versions, and the sessions of runs and versions. */
export class Servings {
  readonly #options: ServingsOptions;

  constructor(options: ServingsOptions) {
    this.#options = options;
  }

  /**
   * What a name stands for, its signal known to this thread: at once for a published version, later for a session, and for a signal of
   * the user that is not known yet. Throws, or rejects with, what `resolveServing` and `knowSignal` throw, the signal's reason, TOO_BUSY, ENGINE_STOPPED.
   */
  resolve(name: string, signal: AbortSignal): ResolvedServing | Promise<ResolvedServing> {
    const { lake, registry, resolveServing } = this.#options;
    const isPublished = parseDayStreamName(name) === null || registry.knows(name);
    const known = (serving: ResolvedServing) => knowSignal(lake, serving.spec)?.then(() => serving) ?? serving;
    return isPublished ? known(registry.resolve(name)) : resolveServing(name, signal).then(known);
  }
}

/**
 * Equal for specs that stream the same under one id. Versions never change, but a run may be evaluated again on another window or
 * contract of a day.
 */
export function streamKey(spec: PublishedServingSpec): string {
  const { serving_id: id, runtime_snapshot, signal, firing } = spec;
  return parseDayStreamName(id) === null ? id : `${id}/${contentHash({ runtime_snapshot, signal, firing }, 16)}`;
}

/** The value of the label `serving_id` of metrics: sessions share one, for there are as many as users care to look at. */
export function servingLabel(servingId: string): string {
  return parseDayStreamName(servingId) === null ? servingId : 'session';
}
