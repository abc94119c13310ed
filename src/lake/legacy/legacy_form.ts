import type { SpecKind } from '../lake.ts';

/** A block of a file, as it was parsed. */
export type Block = Readonly<Record<string, unknown>>;

/** A spec in today's form. */
export interface NewSpec {
  readonly kind: SpecKind;
  readonly name: string;
  readonly value: Block;
}

/** What a file of the replaced program becomes. */
export interface LegacyForm {
  /** In the order in which they name each other: the file's own spec last. */
  readonly specs: readonly NewSpec[];
  /** What is said otherwise now, and what is left out, sentences. */
  readonly changes: readonly string[];
}
