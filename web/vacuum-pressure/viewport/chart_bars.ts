import type { BarOptions } from '../session/bars.ts';
import type { SessionData } from '../session/session_data.ts';
import type { ChartChoice, ChartKind } from './chart_kind.ts';

/** Width of a bar at which its kind of chart reads well, in CSS pixels. */
const goodBarPx: Readonly<Record<ChartKind, number>> = { heatmap: 0, footprint: 104, candles: 14 };
/** Height of a price at which sizes can be read, in CSS pixels. */
export const readableRowPx = 15;

/** The bars that the settings ask for, cut to whole bins of the session. */
export function barOptions(settings: ChartChoice, data: SessionData): BarOptions {
  const kind = settings.barKind;
  const size = settings.barSizes[kind];
  const { session, originNs } = data;
  if (kind !== 'time' || session === null) return { kind, size, offsetBins: 0 };
  const { cellNs } = session.contract;
  const bins = Math.max(1, Math.round((size * 1e9) / cellNs));
  const barNs = BigInt(bins) * BigInt(cellNs);
  return { kind, size: bins, offsetBins: originNs === null ? 0 : Number((originNs % barNs) / BigInt(cellNs)) };
}

/** The time zoom at which bars of so many bins read well; null for a heatmap, which any zoom suits. */
export function binsPerPxFor(kind: ChartKind, barBins: number): number | null {
  return kind === 'heatmap' ? null : barBins / goodBarPx[kind];
}
