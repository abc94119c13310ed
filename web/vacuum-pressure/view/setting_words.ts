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
  vwap: 'VWAP with bands of 1 and 2 σ',
  levels: 'Levels of the trading day',
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
  shares: 'State shares over time',
  cvd: 'Cumulative volume delta over time',
  delta: 'Volume delta over time',
  replay: 'Replay bar',
};
