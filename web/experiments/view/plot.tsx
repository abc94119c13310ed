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

/** A uPlot that fills its place and is made anew when what it shows changes. */
export function Plot({ label, theme, heightPx, data, options }: PlotProps) {
  const place = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const element = place.current!;
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
  return <div class="plot" ref={place} role="img" aria-label={label} style={{ height: `${heightPx}px` }} />;
}
