export type DrawingInput = string | number | boolean;

/** The values from which something was last drawn or computed, so that it is not made anew from the same ones. */
export class DrawingInputs {
  #values: readonly DrawingInput[] | null = null;

  /** Keeps `values` for the next call; true when they differ from those kept, and when there were none. */
  change(values: readonly DrawingInput[]): boolean {
    const kept = this.#values;
    this.#values = values;
    return kept === null || kept.length !== values.length || kept.some((value, at) => !Object.is(value, values[at]));
  }

  /** Makes the next call true. */
  clear(): void {
    this.#values = null;
  }
}
