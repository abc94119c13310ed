import { useEffect, useRef, useState } from 'preact/hooks';
import { notNull } from '../../../src/errors.ts';
import { Chart } from '../chart/chart.ts';
import type { ChartElements } from '../chart/chart_elements.ts';
import { listenToGestures } from '../chart/gestures/gestures.ts';
import type { ProfileExtent } from '../chart/profiles.ts';
import type { Terminal } from '../playback/terminal.ts';
import type { Legend } from './legend.tsx';

/** Refs of the elements that the chart draws into. */
export type ChartRefs = ReturnType<typeof useChartRefs>;

function useChartRefs() {
  return {
    heat: useRef<HTMLElement>(null),
    heatCanvas: useRef<HTMLCanvasElement>(null),
    overlayCanvas: useRef<HTMLCanvasElement>(null),
    pointerCanvas: useRef<HTMLCanvasElement>(null),
    depthCanvas: useRef<HTMLCanvasElement>(null),
    forceCanvas: useRef<HTMLCanvasElement>(null),
    projectionCanvas: useRef<HTMLCanvasElement>(null),
    priceAxis: useRef<HTMLDivElement>(null),
    timeAxis: useRef<HTMLDivElement>(null),
    series: useRef<HTMLElement>(null),
  };
}

/** A chart of the terminal in the elements of `refs`; `broken` says why there is none. */
export function useChart(terminal: Terminal, onLegend: (legend: Legend) => void) {
  const refs = useChartRefs();
  const [broken, setBroken] = useState<string | null>(null);
  const [extent, setExtent] = useState<ProfileExtent>({ depth: 0, force: 0 });
  useEffect(() => {
    const elements: ChartElements = {
      heat: notNull(refs.heat.current),
      heatCanvas: notNull(refs.heatCanvas.current),
      overlayCanvas: notNull(refs.overlayCanvas.current),
      pointerCanvas: notNull(refs.pointerCanvas.current),
      depthCanvas: notNull(refs.depthCanvas.current),
      forceCanvas: notNull(refs.forceCanvas.current),
      projectionCanvas: notNull(refs.projectionCanvas.current),
      priceAxis: notNull(refs.priceAxis.current),
      timeAxis: notNull(refs.timeAxis.current),
      series: notNull(refs.series.current),
    };
    let chart: Chart;
    try {
      chart = new Chart(terminal, elements);
    } catch (error) {
      setBroken(error instanceof Error ? error.message : String(error));
      return;
    }
    chart.onScale = (layer, scale, choice) => onLegend({ layer, scale, choice });
    chart.onProfile = (next) =>
      setExtent((shown) => (shown.depth === next.depth && shown.force === next.force ? shown : next));
    chart.onBroken = setBroken;
    const stopGestures = listenToGestures(terminal.chart, elements);
    return () => {
      stopGestures();
      chart.stop();
    };
  }, [terminal]);
  return { refs, broken, extent };
}
