import './hatching_legend.css';
import { type HatchingKind, hatchings, hatchingsInView } from '../viewport/hatching.ts';
import { useTerminalSeldom } from './use_terminal.ts';

/** Names the hatchings that are in view. */
export function HatchingLegend() {
  const terminal = useTerminalSeldom('view', 'bin', 'session', 'settings');
  const { session } = terminal.data;
  const { chartKind } = terminal.settings.current;
  if (session === null || session.store.count === 0 || chartKind !== 'heatmap') return null;
  const kinds = hatchingsInView(session, terminal.chart.view, terminal.settings.current.overlays.invalid);
  if (kinds.length === 0) return null;
  return (
    <ul class="hatching-legend" aria-label="Hatchings in view">
      {kinds.map((kind) => (
        <li key={kind}>
          <i style={{ backgroundImage: swatch(kind) }} />
          {hatchings[kind].words}
        </li>
      ))}
    </ul>
  );
}

/** The hatching as the heatmap draws it; lines lie at 45°, so that their distance is 1/√2 of that along the page. */
function swatch(kind: HatchingKind): string {
  const { spacingPx, strength } = hatchings[kind];
  const [linePx, stepPx] = [1 / Math.SQRT2, spacingPx / Math.SQRT2];
  const line = `color-mix(in srgb, var(--neutral) ${100 * strength}%, transparent)`;
  return `repeating-linear-gradient(45deg, ${line} 0 ${linePx}px, transparent ${linePx}px ${stepPx}px)`;
}
