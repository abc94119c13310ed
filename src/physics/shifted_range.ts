/** `kept` slots from `from` on move to `to`; those from `enteredFrom` to `enteredTo`, which is not included, are new. */
export interface ShiftedRange {
  readonly kept: number;
  readonly from: number;
  readonly to: number;
  readonly enteredFrom: number;
  readonly enteredTo: number;
}

/** How `slots` slots move when the grid moves up by `shift` ticks; down where it is negative. */
export function shiftedRange(slots: number, shift: number): ShiftedRange {
  const kept = Math.max(slots - Math.abs(shift), 0);
  return shift > 0
    ? { kept, from: slots - kept, to: 0, enteredFrom: kept, enteredTo: slots }
    : { kept, from: 0, to: slots - kept, enteredFrom: 0, enteredTo: slots - kept };
}
