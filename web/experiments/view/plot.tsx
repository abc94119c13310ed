import { notNull, present } from '../../../src/errors.ts';
import './plot.css';
import { useLayoutEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import type { Theme } from '../../shared/colour/colour_maps.ts';
import { type Palette, palettes } from '../../shared/theme.ts';

export interface PlotProps {
  /** What the plot shows, for who cannot see it. */
  readonly label: string;
  readonly theme: Theme;
  readonly heightPx: number;
  readonly data: uPlot.AlignedData;
  /** The series, from 1, that stands out while the others step back; null for none, absent where none ever does. */
  readonly emphasis?: number | null;
  /** Series, scales, axes and bands in the colours of the theme. */
  readonly options: (palette: Palette) => Omit<uPlot.Options, 'width' | 'height'>;
}

/** An axis in the page's colours; `text` writes a tick. */
export function plotAxis(
  palette: Palette,
  changes: Partial<uPlot.Axis> & { text?: (value: number) => string } = {},
): uPlot.Axis {
  const { text, ...rest } = changes;
  return {
    stroke: palette.quiet,
    font: '11px system-ui, sans-serif',
    labelFont: '11px system-ui, sans-serif',
    labelSize: 16,
    labelGap: 0,
    grid: { stroke: palette.line, width: 1 },
    ticks: { show: false },
    gap: 5,
    ...(text === undefined ? {} : { values: (_plot: uPlot, ticks: number[]) => ticks.map(text) }),
    ...rest,
  };
}

/** A dashed line at zero, behind the curves, where the scale holds it. */
export function zeroLine(colour: string): uPlot.Plugin {
  return {
    hooks: {
      drawAxes: ({ ctx, bbox, valToPos, scales }) => {
        const { min, max } = present(scales.y);
        if (min === undefined || min === null || max === undefined || max === null || min > 0 || max < 0) return;
        const y = valToPos(0, 'y', true);
        ctx.save();
        ctx.strokeStyle = colour;
        ctx.lineWidth = devicePixelRatio;
        ctx.beginPath();
        ctx.moveTo(bbox.left, y);
        ctx.lineTo(bbox.left + bbox.width, y);
        ctx.stroke();
        ctx.restore();
      },
    },
  };
}

/** What goes up or down at once and stays until the next point. */
export const stepped = present(uPlot.paths.stepped)({ align: 1 });

/** A uPlot that fills its place and is made anew when what it shows changes. */
export function Plot({ label, theme, heightPx, data, options, emphasis }: PlotProps) {
  const place = useRef<HTMLDivElement>(null);
  const shown = useRef<uPlot | null>(null);
  useLayoutEffect(() => {
    const element = notNull(place.current);
    const plot = new uPlot(
      {
        cursor: { y: false, drag: { x: false, y: false }, points: { size: 6 } },
        ...options(palettes[theme]),
        legend: { show: false },
        width: Math.max(100, element.clientWidth),
        height: heightPx,
      },
      data,
      element,
    );
    shown.current = plot;
    const observer = new ResizeObserver(() => {
      const width = Math.max(100, element.clientWidth);
      if (width !== plot.width) plot.setSize({ width, height: heightPx });
    });
    observer.observe(element);
    return () => {
      observer.disconnect();
      plot.destroy();
    };
  }, [theme, data, heightPx]);
  useLayoutEffect(() => {
    if (emphasis === undefined) return;
    const plot = notNull(shown.current);
    plot.series.forEach((series, index) => {
      series.alpha = emphasis === null || emphasis === index ? 1 : 0.15;
      if (index > 0 && emphasis !== null) series.width = emphasis === index ? 3 : 1.5;
      else if (index > 0) series.width = 1.75;
    });
    if (plot.series.length > 1) plot.redraw(false);
  }, [emphasis, data, theme]);
  return <div class="plot" ref={place} role="img" aria-label={label} style={{ height: `${heightPx}px` }} />;
}
