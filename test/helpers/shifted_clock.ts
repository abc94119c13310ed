/**
 * Sets the clock of the process that imports it first (`node --import`) by CLOCK_SHIFT_MS milliseconds: what a machine does whose
 * clock is wrong. Time that passes is measured as ever, and the files' times are the file system's.
 */
const shiftMs = Number(process.env.CLOCK_SHIFT_MS ?? 0);
const TrueDate = Date;

class ShiftedDate extends TrueDate {
  constructor(...given: readonly unknown[]) {
    const words = given.length === 0 ? [ShiftedDate.now()] : given;
    super(...(words as [number]));
  }

  static override now(): number {
    return TrueDate.now() + shiftMs;
  }
}

globalThis.Date = ShiftedDate as DateConstructor;
Object.defineProperty(performance, 'timeOrigin', { value: performance.timeOrigin + shiftMs });
