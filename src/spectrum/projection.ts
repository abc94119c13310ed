import { exp } from '../elementary.ts';

/** How a flow score is continued (model.md §6, "Forward projection"). */
export interface ProjectionParams {
  useCubic: boolean;
  cubicScale: number;
  /** Per second. */
  dampingLambda: number;
}

/**
 * The flow score of a tick `horizonS` seconds ahead, from its value and successive bin differences over Δt
 * (`s1`, `s2`, `s3`; 0 until they exist), clipped to [−1, 1].
 */
export function projectFlowScore(
  score: number,
  s1: number,
  s2: number,
  s3: number,
  horizonS: number,
  params: ProjectionParams,
): number {
  const h = horizonS;
  let value = score + s1 * h + 0.5 * s2 * h * h;
  if (params.useCubic) value += params.cubicScale * s3 * h * h * h;
  value *= exp(-params.dampingLambda * h);
  return value > 1 ? 1 : value < -1 ? -1 : value;
}
