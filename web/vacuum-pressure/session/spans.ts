/** Whole numbers as stretches that follow each other: as many entries as there are holes, however many numbers. */
export class Spans {
  /** Half-open, ascending, none touching the next. */
  readonly #spans: { first: number; end: number }[] = [];

  add(seq: number): void {
    const spans = this.#spans;
    let at = spans.length;
    while (at > 0 && (spans[at - 1]?.first ?? 0) > seq) at--;
    const [before, after] = [spans[at - 1], spans[at]];
    if (before !== undefined && seq < before.end) return;
    const joinsAfter = after?.first === seq + 1;
    if (before?.end === seq) {
      before.end = joinsAfter ? after.end : seq + 1;
      if (joinsAfter) spans.splice(at, 1);
    } else if (joinsAfter) after.first = seq;
    else spans.splice(at, 0, { first: seq, end: seq + 1 });
  }

  /** Whether all numbers from `first` to `last`, both counted, are there. */
  hasAll(first: number, last: number): boolean {
    return this.#spans.some((span) => span.first <= first && last < span.end);
  }
}
