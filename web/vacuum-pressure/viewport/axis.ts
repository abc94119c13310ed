/** A step of 1, 2 or 5 times a power of ten that is at least `smallest`. */
export function niceStep(smallest: number): number {
  const power = 10 ** Math.floor(Math.log10(smallest));
  for (const factor of [1, 2, 5]) if (factor * power >= smallest * (1 - 1e-9)) return factor * power;
  return 10 * power;
}

/**
 * Ticks between two labels of the price axis: the smallest that leaves `minGapPx` between labels and that makes round
 * prices. `tickInt` is the size of a tick in 1e-9 units.
 */
export function priceLabelStep(ticksPerPx: number, tickInt: number, minGapPx: number): number {
  const atLeast = ticksPerPx * minGapPx;
  if (atLeast <= 1) return 1;
  const stepInt = niceStep(atLeast * tickInt);
  if (stepInt % tickInt === 0) return stepInt / tickInt;
  for (const factor of [2, 2.5, 4, 5, 10]) {
    if ((stepInt * factor) % tickInt === 0) return (stepInt * factor) / tickInt;
  }
  return Math.ceil(niceStep(atLeast));
}

const secondMs = 1000;
const minuteMs = 60 * secondMs;
const hourMs = 60 * minuteMs;
const timeStepsMs = [
  ...[1, 2, 5, 10, 20, 50, 100, 200, 500],
  ...[1, 2, 5, 10, 15, 30].map((seconds) => seconds * secondMs),
  ...[1, 2, 5, 10, 15, 30].map((minutes) => minutes * minuteMs),
  ...[1, 2, 4, 6, 12, 24].map((hours) => hours * hourMs),
];

/** Milliseconds between two labels of the time axis, at least `minGapPx` apart; a divisor of the day. */
export function timeLabelStepMs(msPerPx: number, minGapPx: number): number {
  return timeStepsMs.find((step) => step >= msPerPx * minGapPx) ?? 24 * hourMs;
}

/** Multiples of `step` in [low, high], ascending. */
export function multiples(step: number, low: number, high: number): number[] {
  const values: number[] = [];
  for (let n = Math.ceil(low / step - 1e-9); n * step <= high + step * 1e-9; n++) values.push(n * step);
  return values;
}
