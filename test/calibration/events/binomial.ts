/** The probability of at most `successes` of `trials` with probability `p` each. */
export function binomialAtMost(successes: number, trials: number, p: number): number {
  if (successes >= trials || p <= 0) return 1;
  if (p >= 1) return 0;
  let sum = 0;
  // Terms in logarithms: (1 − p)^trials may be below the smallest number.
  let logTerm = trials * Math.log1p(-p);
  for (let k = 0; k <= successes; k++) {
    sum += Math.exp(logTerm);
    logTerm += Math.log(((trials - k) / (k + 1)) * (p / (1 - p)));
  }
  return Math.min(1, sum);
}
