import type { OverlayName, PanelName } from '../viewport/settings.ts';

/** Overlays and panels as menus name them. */
export const overlayWords: Readonly<Record<OverlayName, string>> = {
  quotes: 'Best bid and ask',
  mid: 'Mid',
  spot: 'Spot line',
  fills: 'Fills',
  chase: 'Chase flags (strip at the bottom)',
  firings: 'Signal firings ▲▼',
  events: 'Marks of events (E)',
  orders: 'Our orders, of an executed run',
  invalid: 'Invalid book, hatched',
  projection: 'Projection',
};
export const panelWords: Readonly<Record<PanelName, string>> = {
  depth: 'Depth beside the prices',
  book: 'Pressure, vacuum and book (left)',
  ladder: 'Ladder (D)',
  tape: 'Tape of events (T)',
  signal: 'Signal panel',
  series: 'Score over time',
  shares: 'State shares below the score',
  replay: 'Replay bar',
};
