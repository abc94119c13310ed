import type { LakeStorage } from '../storage/lake_storage.ts';
import { type PartManifest, partManifestName, partPrefix } from './part_steps.ts';

/** A listing of the bucket is used this long: queries come in rows. */
const freshMs = 1000;
/** Parts that are brought side by side. */
const parallel = 8;
/** How long the parts stay that another has taken over: who listed them before reads them until then. */
const replacedMs = 24 * 3600 * 1000;

/**
 * The parts of a folder of results in a bucket: those that count are kept on this machine while the store is open, where they
 * are read as those of any lake. A part that another has taken over is not brought, and is removed from the bucket a day after the other came.
 */
export class BucketParts {
  readonly #storage: LakeStorage;
  readonly #folder: string;
  /** What each part of the bucket takes over. */
  readonly #replaces = new Map<string, readonly string[]>();
  readonly #held = new Map<string, Disposable>();
  #pulledMs = Number.NEGATIVE_INFINITY;

  /** `folder` is relative to the lake's root. */
  constructor(storage: LakeStorage, folder: string) {
    this.#storage = storage;
    this.#folder = folder;
  }

  /** Names of the parts of the bucket whose rows another has. */
  get replaced(): string[] {
    const taken = new Set([...this.#replaces.values()].flat());
    return [...this.#replaces.keys()].filter((name) => taken.has(name)).sort();
  }

  /** Brings the parts that there are, by a listing that is so old at most. Throws what `LakeStorage` throws. */
  async pull(ageMs = freshMs): Promise<void> {
    if (performance.now() - this.#pulledMs < ageMs) return;
    const names = (await this.#storage.names(this.#folder)).filter((name) => name.startsWith(partPrefix));
    const listed = new Set(names);
    for (const name of this.#replaces.keys()) if (!listed.has(name)) this.#replaces.delete(name);
    const unknown = names.filter((name) => !this.#replaces.has(name));
    for (const [name, { files }] of await this.#storage.entries(this.#folder, unknown)) {
      const { text = '{}' } = files.find((file) => file.name === partManifestName) ?? {};
      this.#replaces.set(name, (JSON.parse(text) as Partial<PartManifest>).replaces ?? []);
    }
    const taken = new Set(this.replaced);
    const live = names.filter((name) => !taken.has(name));
    const missing = live.filter((name) => !this.#held.has(name));
    const bring = async () => {
      for (let name = missing.pop(); name !== undefined; name = missing.pop()) {
        const hold = await this.#storage.hold(`${this.#folder}/${name}`);
        if (hold !== null) this.#held.set(name, hold);
      }
    };
    await Promise.all(Array.from({ length: parallel }, bring));
    const isLive = new Set(live);
    for (const [name, hold] of this.#held) {
      if (isLive.has(name)) continue;
      hold[Symbol.dispose]();
      this.#held.delete(name);
    }
    this.#pulledMs = performance.now();
  }

  /** Removes from the bucket what was taken over more than a day ago; gives the number of parts. */
  async removeReplaced(nowMs: number): Promise<number> {
    const publishedMs = await this.#storage.publishedMs(this.#folder);
    const due = [...this.#replaces].filter(([merged]) => nowMs - (publishedMs.get(merged) ?? nowMs) >= replacedMs);
    let removed = 0;
    for (const name of new Set(due.flatMap(([, names]) => names))) {
      if (!publishedMs.has(name)) continue;
      await this.#storage.remove(`${this.#folder}/${name}`);
      removed++;
    }
    return removed;
  }

  close(): void {
    for (const hold of this.#held.values()) hold[Symbol.dispose]();
    this.#held.clear();
  }
}
