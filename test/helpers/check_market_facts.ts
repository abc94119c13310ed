import { ok } from 'node:assert/strict';
import type { ProfileName } from '../../src/synth/index.ts';
import { type MarketFacts, syntheticFacts } from './market_facts.ts';

const seeds = 4;
const durationS = 1_200;

/** Bounds of the means over seeds; the real hour of ESH4 lies within most of them (docs/synth.md). */
const bounds: Partial<Record<keyof MarketFacts, readonly [low: number, high: number]>> = {
  varianceRatio30S: [0.8, 1.05],
  countsLag1: [0.1, 0.5],
  kurtosis1S: [6, 100],
  kurtosis100Ms: [10, 500],
  sizesLag1: [0.05, 0.3],
  spread1: [0.8, 0.95],
  depth2: [1.2, 1.7],
  gapsBelow1Ms: [0.5, 0.9],
  cancelsPerAdd: [0.85, 1.1],
};

/** Checks the means of a profile's facts over four sessions of twenty minutes at its default rate. */
export function checkFacts(profile: ProfileName): void {
  const facts = Array.from({ length: seeds }, (_, i) => syntheticFacts(profile, i + 1, durationS));
  for (const [name, [low, high]] of Object.entries(bounds)) {
    const mean = facts.reduce((sum, fact) => sum + fact[name as keyof MarketFacts], 0) / seeds;
    ok(mean >= low && mean <= high, `${name} of ${profile} is ${mean}, expected ${low} to ${high}`);
  }
}
