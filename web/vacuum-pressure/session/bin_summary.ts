import { GroupSummary, keptGroups } from './group_summary.ts';
import { type BinField, type SessionStore, seriesFields } from './session_store.ts';

/** Numbers of bins whose extremes are kept. */
export const summaryFields = [
  'bidTick',
  'askTick',
  'midTick',
  'bookValid',
  'score',
  'threshold',
  'bull',
  'bear',
  'mixed',
  ...seriesFields,
] as const satisfies readonly BinField[];
export type SummaryField = (typeof summaryFields)[number];
/** Numbers of bins that are drawn as marks: the last one that is not 0 is kept. */
const markFields = ['chase', 'firing'] as const satisfies readonly BinField[];
export type MarkField = (typeof markFields)[number];

/** Bins of the store in groups, and their marks. */
export class BinSummary extends GroupSummary<SummaryField> {
  readonly #store: SessionStore;
  readonly #marks: Readonly<Record<MarkField, Int8Array>> = {
    chase: new Int8Array(keptGroups),
    firing: new Int8Array(keptGroups),
  };

  constructor(store: SessionStore) {
    // Most signals draw nothing beside their score.
    const unused: readonly SummaryField[] = seriesFields.slice(store.contract.config.signal.series?.length ?? 0);
    const fields = summaryFields.filter((field) => !unused.includes(field));
    super(fields, (field, first, end) => store.extremes(field, first, end));
    this.#store = store;
  }

  protected override sum(slot: number, first: number, end: number): void {
    super.sum(slot, first, end);
    for (const field of markFields) this.#marks[field][slot] = this.#store.lastMark(field, first, end);
  }

  /** The last mark of a group's slot that is not 0. */
  mark(field: MarkField, slot: number): number {
    return this.#marks[field][slot] ?? 0;
  }
}
