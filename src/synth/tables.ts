import { Discrete } from './discrete.ts';

/** Levels that flow reaches, counted from the best price. */
export const reach = 256;

/** Distance from the best price in ticks, of flow in general: a power-law tail over a floor, as books of futures show. */
export const wideDistance = new Discrete(
  Array.from({ length: reach }, (_, d) => 1 / ((1 + d / 4) * (1 + d / 4)) + (d < 120 ? 0.004 : 0.001)),
);

/** The same of fast reactions, which happen near the touch. */
export const nearDistance = new Discrete(
  Array.from({ length: 24 }, (_, d) => 1 / ((1 + d / 2) * (1 + d / 2) * (1 + d / 2))),
);

/** Sizes of orders in contracts: mostly one lot, with bumps at round numbers. */
const orderSizes = [
  [1, 560],
  [2, 160],
  [3, 80],
  [4, 50],
  [5, 65],
  [6, 15],
  [8, 12],
  [10, 40],
  [15, 6],
  [20, 8],
  [25, 3],
  [50, 1],
] as const;
const sizeTable = new Discrete(orderSizes.map(([, weight]) => weight));

/** Size of an order, drawn from the table. */
export function drawSize(random: Parameters<Discrete['draw']>[0]): number {
  return orderSizes[sizeTable.draw(random)]![0];
}

/** Depth at a distance from the touch relative to the touch: it rises over the first ticks and then stays. */
export const depthShape = Float64Array.from({ length: reach }, (_, d) => 0.8 + 0.12 * Math.min(d, 10));
