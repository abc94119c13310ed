import uPlot from 'uplot';
import type { Palette } from '../../shared/theme.ts';

const stepped = uPlot.paths.stepped?.({ align: 1 });

/** The colour of the sign at each height of a plot: one above 0, another below. */
function bySign(plot: uPlot, scale: string, above: string, below: string): CanvasGradient | string {
  const { top, height } = plot.bbox;
  const zero = plot.valToPos(0, scale, true);
  if (!(height > 0) || !Number.isFinite(zero)) return above;
  const gradient = plot.ctx.createLinearGradient(0, top, 0, top + height);
  const at = Math.min(1, Math.max(0, (zero - top) / height));
  gradient.addColorStop(at, above);
  gradient.addColorStop(at, below);
  return gradient;
}

export const stepLine = (
  label: string,
  scale: string,
  stroke: uPlot.Series['stroke'],
  width: number,
): uPlot.Series => ({
  label,
  scale,
  width,
  ...(stroke === undefined ? {} : { stroke }),
  ...(stepped === undefined ? {} : { paths: stepped }),
  points: { show: false },
  spanGaps: false,
});

/** The score as a band from smallest to largest, a line where they are equal. */
export function scoreSeries(palette: Palette): Pick<uPlot.Options, 'series' | 'bands'> {
  const line = (plot: uPlot) => bySign(plot, 'score', palette.bull, palette.bear);
  const threshold = { ...stepLine('Threshold', 'score', palette.ours, 1), dash: [4, 4] };
  return {
    series: [
      {},
      stepLine('Smallest score', 'score', line, 1.25),
      stepLine('Largest score', 'score', line, 1.25),
      threshold,
      { ...threshold },
    ],
    bands: [{ series: [2, 1], fill: (plot) => bySign(plot, 'score', `${palette.bull}80`, `${palette.bear}80`) }],
  };
}

/** Shares of the states as areas that fill the pane. */
export function shareSeries(palette: Palette): Pick<uPlot.Options, 'series' | 'bands'> {
  const area = (label: string, colour: string) => stepLine(label, 'share', colour, 0);
  return {
    series: [
      {},
      { ...area('Bull', palette.bull), fill: `${palette.bull}b0` },
      area('Mixed', palette.neutral),
      area('Bear', palette.bear),
    ],
    bands: [
      { series: [3, 2], fill: `${palette.bear}b0` },
      { series: [2, 1], fill: `${palette.neutral}60` },
    ],
  };
}

/** A feature as a band from its smallest to its largest: of buyers' colour above 0, of sellers' below. */
export function featureSeries(palette: Palette, scale: string): Pick<uPlot.Options, 'series' | 'bands'> {
  const line = (plot: uPlot) => bySign(plot, scale, palette.bid, palette.ask);
  return {
    series: [{}, stepLine('Smallest', scale, line, 1.25), stepLine('Largest', scale, line, 1.25)],
    bands: [{ series: [2, 1], fill: (plot) => bySign(plot, scale, `${palette.bid}80`, `${palette.ask}80`) }],
  };
}
