import './projection_panel.css';
import type { RefObject } from 'preact';
import { useTerminal } from './use_terminal.ts';

/** The projected flow score by price and horizon. */
export function ProjectionPanel({ canvas }: { canvas: RefObject<HTMLCanvasElement | null> }) {
  return (
    <section class="projection" aria-label="Projected flow score">
      <canvas ref={canvas} role="img" aria-label="Projected flow score by price and horizon" />
      <p class="zone-caption">projected score</p>
    </section>
  );
}

/** The horizons of the projection, below it. */
export function Horizons() {
  const terminal = useTerminal('session', 'settings');
  const { session } = terminal.data;
  if (session === null || !terminal.settings.current.overlays.projection) return <div class="horizons" />;
  return (
    <div class="horizons">
      {session.contract.config.projection_horizons_ms.map((ms) => (
        <span key={ms}>+{ms}</span>
      ))}
      <span class="horizon-unit">ms ahead</span>
    </div>
  );
}
