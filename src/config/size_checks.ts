import { formatBytes, formatCount } from '../format.ts';
import { configError } from './check.ts';
import type { Rule } from './fields.ts';
import { type Origin, originOf, place } from './origin.ts';

/** Memory of the histories of one engine, 4 GiB. */
const maxEngineBytes = 2 ** 32;
/** Additions of one bin, a second or two: a command looks for Ctrl-C and SIGTERM between bins. */
const maxBinSteps = 1e9;
/** Rows of one table of grids, hundreds of GB. */
const maxGridRows = 1e9;

/** The runtime fields that memory and time depend on. */
interface GridFields {
  readonly n_absolute_ticks: number;
  readonly grid_radius_ticks: number;
  readonly cell_width_ms: number;
  readonly flow_windows: readonly number[];
  readonly flow_zscore_window_bins: number;
}

const rowsOf = ({ grid_radius_ticks: radius }: GridFields) => 2 * radius + 1;

/** Numbers per tick: the tick's state, and its ratio in as many bins as z-score and flow windows look back on. */
function engineBytes(runtime: GridFields): number {
  const { n_absolute_ticks: ticks, flow_zscore_window_bins: zscoreBins, flow_windows: windows } = runtime;
  const perTick = 24 + zscoreBins + Math.max(...windows);
  // Three derivatives of every row, by time and sorted.
  return 8 * (ticks * perTick + rowsOf(runtime) * 6 * zscoreBins);
}

/** When a window comes into view, every row's composites are summed anew for each bin of the z-score's window. */
function binSteps(runtime: GridFields): number {
  const { flow_zscore_window_bins: zscoreBins, flow_windows: windows } = runtime;
  return rowsOf(runtime) * zscoreBins * windows.reduce((sum, window) => sum + window, 0);
}

/** Rules of memory and time across the runtime fields. */
export const limitRules: readonly Rule<GridFields>[] = [
  {
    keys: ['n_absolute_ticks', 'flow_windows', 'flow_zscore_window_bins', 'grid_radius_ticks'],
    allowed: (runtime) =>
      `ticks × bins of flow_windows and flow_zscore_window_bins that take at most ${formatBytes(maxEngineBytes)} of memory; ` +
      `these take ${formatBytes(engineBytes(runtime))}`,
    holds: (runtime) => engineBytes(runtime) <= maxEngineBytes,
  },
  {
    keys: ['grid_radius_ticks', 'flow_windows', 'flow_zscore_window_bins'],
    allowed: (runtime) =>
      `rows × flow_zscore_window_bins × the sum of flow_windows of at most ${formatCount(maxBinSteps)}; ` +
      `these make ${formatCount(binSteps(runtime))}`,
    holds: (runtime) => binSteps(runtime) <= maxBinSteps,
  },
];

/**
 * Refuses a capture that is shorter than a bin or whose table of grids would have more than a thousand million rows.
 * Throws CONFIG_INVALID, pointing at `cell_width_ms` in `block`.
 */
export function assertCaptureFits(
  origin: string | Origin,
  block: string,
  runtime: GridFields,
  { startNs, endNs }: { readonly startNs: bigint; readonly endNs: bigint | null },
): void {
  if (endNs === null) return;
  const captureMs = Number(endNs - startNs) / 1e6;
  const bins = Math.ceil(captureMs / runtime.cell_width_ms);
  const rows = bins * rowsOf(runtime);
  const allowed =
    runtime.cell_width_ms > captureMs
      ? `at most the capture's ${formatCount(captureMs)} ms`
      : rows > maxGridRows
        ? `bins × rows of at most ${formatCount(maxGridRows)} in the capture; these make ${formatCount(rows)}`
        : null;
  if (allowed === null) return;
  const source = originOf(origin);
  const key = `${block}.cell_width_ms`;
  const value = String(runtime.cell_width_ms);
  const text = `${key} is ${value}; allowed: ${allowed}`;
  throw configError(source, [{ where: place(source, [block, 'cell_width_ms']), key, text, value, allowed }]);
}
