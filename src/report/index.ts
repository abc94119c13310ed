export { type Column, escapeText, Html, html, type Row, scriptJson, table } from './html.ts';
export { renderPage } from './page.ts';
export {
  type HistogramPlot,
  histogramPlot,
  type IntervalPlot,
  type IntervalRow,
  intervalPlot,
  type LinePlot,
  type LineSeries,
  linePlot,
  type StackRow,
  stackPlot,
} from './plots.ts';
export {
  clockTime,
  duration,
  percent,
  probability,
  rangeText,
  signedPercent,
  significant,
  thinCount,
} from './words.ts';
