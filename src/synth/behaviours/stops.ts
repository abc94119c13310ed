import { away, opposite } from '../book.ts';
import type { Aggressor } from '../execution.ts';
import { drawSize } from '../tables.ts';
import type { Stage } from './stage.ts';

/** Clusters of stop orders near the best prices, and aggressors that follow each other closely and are none. */
export function startStops(stage: Stage): void {
  stage.often(12, () => placeCluster(stage));
  stage.often(3, (timeNs) => crowd(stage, timeNs));
  stage.often(1, (timeNs) => sweepInPieces(stage, timeNs));
}

function placeCluster(stage: Stage): void {
  const taker = stage.side();
  const resting = opposite(taker);
  const nearest = stage.book.best[resting]! + away(resting) * stage.whole(1, 3);
  for (let i = stage.whole(1, 6); i > 0; i--) {
    stage.exchange.placeStop(taker, nearest + away(resting) * stage.whole(0, 2), drawSize(stage.random));
  }
}

/** Several aggressors of one side within microseconds, each with an event of its own. */
function crowd(stage: Stage, timeNs: number): void {
  const taker = stage.side();
  const takers = stage.whole(3, 5);
  const by: Aggressor[][] = [];
  const gapNs = stage.between(300, 5_000);
  let startNs = 0;
  for (let i = 0; i < takers; i++) {
    stage.at(timeNs + i * gapNs, (now) => {
      stage.exchange.take(now, taker, stage.whole(1, 3), 1, 0);
      if (i === 0) startNs = stage.exchange.eventNs;
      by.push([...stage.exchange.aggressors]);
      if (i < takers - 1) return;
      tell(stage, 'stop', startNs, by);
      tell(stage, 'stop_run', startNs, by);
    });
  }
}

/** Three aggressors that take a best price each. */
function sweepInPieces(stage: Stage, timeNs: number): void {
  const taker = stage.side();
  const by: Aggressor[][] = [];
  const gapNs = stage.between(20e3, 200e3);
  let startNs = 0;
  for (let i = 0; i < 3; i++) {
    stage.at(timeNs + i * gapNs, (now) => {
      const resting = opposite(taker);
      stage.exchange.take(now, taker, stage.book.volume[stage.book.best[resting]!]!, 1, 0);
      if (i === 0) startNs = stage.exchange.eventNs;
      by.push([...stage.exchange.aggressors]);
      if (i === 2) tell(stage, 'sweep', startNs, by);
    });
  }
}

/** Writes down aggressors in events of their own, unless one of them triggered a stop. */
function tell(
  stage: Stage,
  kind: 'stop' | 'stop_run' | 'sweep',
  startNs: number,
  events: readonly (readonly Aggressor[])[],
): void {
  const by = events.flat();
  if (events.some(({ length }) => length !== 1)) return;
  stage.tell({
    ...{ kind, lookalike: 'separate_events', tsNs: stage.exchange.eventNs, startNs, side: by[0]!.taker },
    level: by[0]!.levels[0]!,
    size: by.reduce((sum, { size }) => sum + size, 0),
    levels: new Set(by.flatMap(({ levels }) => levels)).size,
    orderIds: by.map(({ id }) => id),
    sequences: by.map(({ sequence }) => sequence),
  });
}
