/*
 * Limits of a configuration. A value beyond a limit is refused before anything is read or allocated: the numbers are far
 * above those of any use, and below those at which a machine runs out of memory or a bin takes seconds.
 */

/** Most bins of any window of time: a day of 100 ms bins. */
export const maxWindowBins = 864_000;
/** A bin is at most a day, the longest session. */
export const maxCellMs = 86_400_000;
/** A frame of 20,001 rows has 6 MB. */
export const maxRadiusTicks = 10_000;
/** Coefficients and weights: with these and the least time constant, no number of the model overflows. */
export const maxCoefficient = 1e6;
/** 10,000^−50 is still above 0, so that the farthest tick counts. */
export const maxDecayPower = 50;
/** Currency per price unit and contract; the yen's is 12,500,000. */
export const maxMultiplier = 1e9;
/** Price units; prices end at 2^53 · 1e-9. */
export const maxTickSize = 1e6;
export const maxHorizons = 100;
export const maxFlowWindows = 100;
/** A day of 1 ms bins. */
export const maxBins = 86_400_000;
export const maxFolds = 1000;
/** Sessions of one experiment: forty years of them. */
export const maxSessions = 10_000;
/** A week, in seconds. */
export const maxTimeoutS = 604_800;
export const minTauS = 1e-6;
export const maxTauS = 1e6;
