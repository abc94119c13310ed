import { colourCount, colourTable, type Theme } from '../../shared/colour/colour_maps.ts';
import { palettes } from '../../shared/theme.ts';
import type { Line, Lines } from '../model/parallel.ts';

const margin = { top: 46, bottom: 14, left: 84, right: 84 };

export const axisX = (index: number, axisCount: number, widthPx: number) =>
  margin.left + (index * (widthPx - margin.left - margin.right)) / Math.max(1, axisCount - 1);
/** The place of a height from 0 to 1 on a canvas that is `sizePx` high, and back. */
export const heightY = (height: number, sizePx: number) =>
  sizePx - margin.bottom - height * (sizePx - margin.top - margin.bottom);
export const heightAt = (y: number, sizePx: number) =>
  (sizePx - margin.bottom - y) / (sizePx - margin.top - margin.bottom);

export interface Scene {
  readonly theme: Theme;
  readonly widthPx: number;
  readonly heightPx: number;
  /** Runs that pass the filters; the others are faint. */
  readonly passes: (line: Line) => boolean;
  /** Lines drawn above all others: the chosen run's, and the one under the pointer. */
  readonly strong: readonly (string | null)[];
}

/** Draws all lines, those that pass above those that do not, then the axes. */
export function drawLines(canvas: HTMLCanvasElement, { lines, diverging, stops }: Lines, scene: Scene): void {
  const { theme, widthPx, heightPx, passes, strong } = scene;
  const ratio = devicePixelRatio;
  canvas.width = widthPx * ratio;
  canvas.height = heightPx * ratio;
  const context = canvas.getContext('2d')!;
  const palette = palettes[theme];
  const colours = colourTable(diverging ? 'purple-green' : 'ice', theme);
  context.scale(ratio, ratio);
  const xs = stops.map((_, index) => axisX(index, stops.length, widthPx));
  const path = ({ heights }: Line) => {
    heights.forEach((height, index) => {
      if (index === 0) context.moveTo(xs[index]!, heightY(height, heightPx));
      else context.lineTo(xs[index]!, heightY(height, heightPx));
    });
  };
  const passing = lines.filter(passes);
  if (passing.length < lines.length) {
    context.globalAlpha = lines.length > 400 ? 0.05 : 0.14;
    context.strokeStyle = palette.quiet;
    context.beginPath();
    for (const line of lines) if (!passes(line)) path(line);
    context.stroke();
  }
  context.lineWidth = 1.25;
  context.globalAlpha = passing.length > 400 ? 0.35 : 0.8;
  for (const line of passing) {
    const index = Math.round(line.colour * (colourCount - 1)) * 4;
    context.strokeStyle = `rgb(${colours[index]} ${colours[index + 1]} ${colours[index + 2]})`;
    context.beginPath();
    path(line);
    context.stroke();
  }
  context.globalAlpha = 1;
  context.lineWidth = 3;
  context.strokeStyle = palette.text;
  for (const line of lines.filter(({ run }) => strong.includes(run.run_id))) {
    context.beginPath();
    path(line);
    context.stroke();
  }
  context.font = '11px system-ui, sans-serif';
  context.textAlign = 'left';
  stops.forEach(({ ticks }, index) => {
    const x = xs[index]!;
    context.lineWidth = 1;
    context.strokeStyle = palette.quiet;
    context.beginPath();
    context.moveTo(x, heightY(0, heightPx));
    context.lineTo(x, heightY(1, heightPx));
    context.stroke();
    for (const [height, text] of thinned(ticks)) {
      context.lineWidth = 4;
      context.strokeStyle = palette.panel;
      context.strokeText(text, x + 6, heightY(height, heightPx) + 4);
      context.fillStyle = palette.text;
      context.fillText(text, x + 6, heightY(height, heightPx) + 4);
    }
  });
}

/** At most twelve of an axis's ticks, the first among them. */
function thinned<T>(ticks: readonly T[]): readonly T[] {
  const step = Math.ceil(ticks.length / 12);
  return ticks.filter((_, index) => index % step === 0);
}

/** The line nearest to a point, at most 8 px away; the one drawn last of equals. */
export function nearestLine(
  lines: readonly Line[],
  axisCount: number,
  widthPx: number,
  heightPx: number,
  x: number,
  y: number,
): Line | null {
  const gap = axisX(1, axisCount, widthPx) - axisX(0, axisCount, widthPx);
  const position = Math.min(Math.max((x - margin.left) / gap, 0), axisCount - 1);
  const from = Math.min(Math.floor(position), axisCount - 2);
  let nearest: Line | null = null;
  let least = 8;
  for (const line of lines) {
    const [a, b] = [line.heights[from]!, line.heights[from + 1]!];
    const distance = Math.abs(heightY(a + (b - a) * (position - from), heightPx) - y);
    if (distance <= least) [nearest, least] = [line, distance];
  }
  return nearest;
}
