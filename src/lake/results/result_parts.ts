import { runSteps, runStepsSync, threadOwners } from '../../files/light.ts';
import { dropMerged, type PartManifest, partNames, type StoredParts, storedParts, verifyPart } from './part_steps.ts';

/** The parts of a results store, which appear whole and vanish only when another has taken over their rows. */
export class ResultParts {
  readonly #folder: string;
  /** Parts whose files were found to be as they were written. */
  readonly #verified = new Map<string, PartManifest>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** The parts that there are, each verified once. Throws CHECKSUM_MISMATCH for a damaged one. */
  stored(): StoredParts {
    return runStepsSync(storedParts(this.#folder, this.#verified));
  }

  /** Every part that there is, the oldest first. */
  names(): string[] {
    return runStepsSync(partNames(this.#folder));
  }

  /** Reads a part's files; null when a compaction took it over meanwhile. Throws CHECKSUM_MISMATCH. */
  verify(name: string): PartManifest | null {
    return runStepsSync(verifyPart(this.#folder, name));
  }

  /** Removes the parts that `merged` replaces; false when it is not there itself. */
  dropMerged(merged: string): Promise<boolean> {
    return runSteps(dropMerged(this.#folder, merged, threadOwners));
  }
}
