import type { OrderEventKind } from '../../../src/orders/index.ts';
import type { OrderEvent } from '../session/event_ledger.ts';
import { isBelow, type MarkGroup, type MarkGroups, outranks } from '../session/mark_groups.ts';
import { type Viewport, visibleBins } from '../viewport/viewport.ts';
import { powerOfTwo } from './bubbles.ts';

/** Events of a side nearer than this in time and in price have one mark; cells are up to twice as large. */
const cellPx = [40, 120] as const;
/** Room that a mark takes, its number included. */
const roomPx = [38, 17] as const;
/** A mark's middle is so far from its price, away from the market. */
export const awayPx = 15;
/** A mark covers no best prices within this of its middle. */
const reachPx = 19;
/** Columns of cells beyond the edges of the picture whose marks may reach into it. */
const marginColumns = 2;

/** A mark that is drawn, and the groups whose events it stands for, its own first. */
export interface PlacedMark {
  readonly group: MarkGroup;
  readonly groups: readonly MarkGroup[];
  /** Events that it stands for. */
  readonly count: number;
}

/** A group, and the mark that stands for it when it is not its own. */
interface Candidate {
  readonly group: MarkGroup;
  under: Candidate | null;
}

/**
 * The marks of the bins in view, so few that none covers another: of groups whose marks would, only the most important has one, and stands
 * for the others. What is left out depends on events and zoom alone, never on what part of the session is in view.
 */
export function placedMarks(
  groups: MarkGroups,
  view: Viewport,
  kinds: Readonly<Record<OrderEventKind, boolean>>,
): readonly PlacedMark[] {
  const bins = powerOfTwo(cellPx[0] * view.binsPerPx);
  const ticks = powerOfTwo(cellPx[1] * view.ticksPerPx);
  // At this zoom or any nearer one that has the same cells, a pixel is at most so much.
  const [binsPerPx, ticksPerPx] = [bins / cellPx[0], ticks / cellPx[1]];
  groups.setCells({ bins, ticks, reachBins: Math.ceil(reachPx * binsPerPx), kinds });
  const [firstBin, endBin] = visibleBins(view);
  const [first, end] = [Math.floor(firstBin / bins) - marginColumns, Math.ceil(endBin / bins) + marginColumns];
  const columns: Candidate[][] = [];
  for (let column = first; column < end; column++) {
    columns.push(groups.at(column).map((group) => ({ group, under: null })));
  }
  for (const [at, column] of columns.entries()) {
    const near = [...(columns[at - 1] ?? []), ...column, ...(columns[at + 1] ?? [])];
    for (const candidate of column) candidate.under = strongestOver(candidate, near, binsPerPx, ticksPerPx);
  }
  return gathered(columns.flat());
}

/** The most important mark that outranks one and would cover it; null where none does. */
function strongestOver(
  { group }: Candidate,
  near: readonly Candidate[],
  binsPerPx: number,
  ticksPerPx: number,
): Candidate | null {
  let best: Candidate | null = null;
  for (const other of near) {
    if (!outranks(other.group.event, group.event) || !cover(other.group, group, binsPerPx, ticksPerPx)) continue;
    if (best === null || outranks(other.group.event, best.group.event)) best = other;
  }
  return best;
}

/** Whether two marks cover each other at some zoom between `binsPerPx`, `ticksPerPx` and twice as near. */
function cover(one: MarkGroup, other: MarkGroup, binsPerPx: number, ticksPerPx: number): boolean {
  if (Math.abs(one.event.seq - other.event.seq) / binsPerPx >= roomPx[0]) return false;
  const apartPx = (one.edgeTick - other.edgeTick) / ticksPerPx;
  const sidesPx = (awayOf(other.event) - awayOf(one.event)) * awayPx;
  const [far, near] = [apartPx + sidesPx, 2 * apartPx + sidesPx];
  return far < 0 !== near < 0 || Math.min(Math.abs(far), Math.abs(near)) < roomPx[1];
}

/** 1 for a mark below its price, −1 for one above. */
export const awayOf = (event: OrderEvent) => (isBelow(event) ? 1 : -1);

function gathered(candidates: readonly Candidate[]): PlacedMark[] {
  const marks = new Map<Candidate, MarkGroup[]>();
  for (const candidate of candidates) if (candidate.under === null) marks.set(candidate, [candidate.group]);
  for (const candidate of candidates) {
    let top = candidate;
    while (top.under !== null) top = top.under;
    if (top !== candidate) marks.get(top)?.push(candidate.group);
  }
  return [...marks].map(([{ group }, groups]) => ({
    ...{ group, groups },
    count: groups.reduce((sum, { events }) => sum + events.length, 0),
  }));
}
