import './projection_panel.css';
import type { RefObject } from 'preact';
import { useTerminal } from './use_terminal.ts';

/** The projected flow score by price and horizon. */
export function ProjectionPanel({ canvas }: { canvas: RefObject<HTMLCanvasElement | null> }) {
  return (
    <section class="projection" aria-label="Projected flow score">
      <canvas ref={canvas} role="img" aria-label="Projected flow score by price and horizon" />
      <p class="zone-caption">projected score, ms ahead</p>
    </section>
  );
}

/** The horizons of the projection, below it. */
export function Horizons() {
  const terminal = useTerminal('session', 'settings');
  const { session } = terminal.data;
  if (session === null || !terminal.settings.current.overlays.projection) return <div class="horizons" />;
  return (
    <div class="horizons" role="img" aria-label="Horizons of the projection, in milliseconds">
      {session.contract.config.projection_horizons_ms.map((ms) => (
        <span key={ms} title={`Flow score ${ms} ms after the newest bin`}>
          +{ms}
        </span>
      ))}
    </div>
  );
}
