/** What may happen in a schedule; drawn anew for each, so that some are quiet and some are not. */
export interface Plan {
  /** Machines, or containers with process ids of their own; and how far their clocks are off. */
  readonly hosts: readonly { readonly offMs: number }[];
  /** Whether a lock holds on all machines; else each has its own, as with NFS mounted with `nolock`. */
  readonly locksAreShared: boolean;
  /** Chance that the task that was at work goes on, rather than any. */
  readonly stay: number;
  /** Longest time between two steps. */
  readonly stepMs: number;
  /** Chances by step. */
  readonly kill: number;
  readonly powerCut: number;
  readonly rest: number;
  readonly clockJump: number;
  readonly meddle: number;
  readonly fullDisk: number;
  /** Chance by call that it fails, and of these that it was done nevertheless. */
  readonly error: number;
  readonly errorAfter: number;
}

export function drawPlan(random: () => number): Plan {
  const sometimes = (chance: number, value: number) => (random() < chance ? value * random() ** 2 : 0);
  return {
    hosts: Array.from({ length: 1 + Math.floor(random() * 3) }, () => ({
      offMs: random() < 0.3 ? (random() - 0.5) * 2 * 3 * 86_400_000 : (random() - 0.5) * 1000,
    })),
    locksAreShared: random() < 0.85,
    stay: random() < 0.5 ? 0 : random(),
    stepMs: 10 ** (random() * 4),
    kill: sometimes(0.5, 0.05),
    powerCut: sometimes(0.2, 0.03),
    rest: sometimes(0.4, 0.05),
    clockJump: sometimes(0.2, 0.05),
    meddle: sometimes(0.3, 0.05),
    fullDisk: sometimes(0.1, 0.02),
    error: sometimes(0.3, 0.1),
    errorAfter: random() < 0.3 ? random() : 0,
  };
}

/** A plan in which nothing happens but work. */
export const quiet: Plan = {
  hosts: [{ offMs: 0 }],
  locksAreShared: true,
  stay: 0,
  stepMs: 1,
  kill: 0,
  powerCut: 0,
  rest: 0,
  clockJump: 0,
  meddle: 0,
  fullDisk: 0,
  error: 0,
  errorAfter: 0,
};
