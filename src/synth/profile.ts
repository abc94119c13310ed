import { defaultEdge, type EdgeOptions } from './planted_edge.ts';

/** Names of the markets that `synth` can make. */
export const profileNames = ['calm', 'busy', 'open', 'null', 'edge'] as const;
export type ProfileName = (typeof profileNames)[number];

/** Parameters of a synthetic market; docs/synth.md explains each number's place in the model. */
export interface Profile {
  /** Records per second on average, unless the caller asks for another rate. */
  readonly recordsPerS: number;
  /** Contracts that a level near the touch settles at when activity is average. */
  readonly touchDepth: number;
  /** Standard deviation of the fair value's move per event, in ticks; of `null`, the square root of the share of moves. */
  readonly fairStepTicks: number;
  /** Expected direct offspring of an event at each of the clock's time scales; the sum is below 1. */
  readonly branching: readonly [number, number, number];
  /** Quiet and fast regimes: activity relative to each other, and mean lengths in seconds. */
  readonly fastFactor: number;
  readonly meanQuietS: number;
  readonly meanFastS: number;
  /** One shock per so many events, on average. */
  readonly eventsPerShock: number;
  /** Whether activity follows the curve of a cash open. */
  readonly opening: boolean;
  /** Whether the mid is a martingale that no flow announces. */
  readonly martingale: boolean;
  /** The edge that is planted into a martingale; null: none. */
  readonly edge: EdgeOptions | null;
}

const busy: Profile = {
  recordsPerS: 1500,
  touchDepth: 9,
  fairStepTicks: 0.09,
  branching: [0.35, 0.35, 0.05],
  fastFactor: 3,
  meanQuietS: 20,
  meanFastS: 7,
  eventsPerShock: 60_000,
  opening: false,
  martingale: false,
  edge: null,
};

/** Every profile by name. */
export const profiles: Readonly<Record<ProfileName, Profile>> = {
  calm: {
    ...busy,
    recordsPerS: 250,
    touchDepth: 16,
    fairStepTicks: 0.09,
    branching: [0.25, 0.3, 0.05],
    fastFactor: 3,
    meanQuietS: 45,
    meanFastS: 6,
    eventsPerShock: 150_000,
  },
  busy,
  open: {
    ...busy,
    recordsPerS: 1200,
    touchDepth: 7,
    fairStepTicks: 0.105,
    fastFactor: 1.2,
    eventsPerShock: 40_000,
    opening: true,
  },
  null: { ...busy, recordsPerS: 600, fairStepTicks: 0.1, martingale: true },
  edge: { ...busy, recordsPerS: 400, touchDepth: 40, fairStepTicks: 0.05, martingale: true, edge: defaultEdge },
};
