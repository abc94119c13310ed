import './projection_panel.css';
import type { RefObject, VNode } from 'preact';
import { useMemo } from 'preact/hooks';
import { formatCount } from '../session/format.ts';
import { ProjectionSkill, skillWords } from '../session/projection_skill.ts';
import { sheetId } from './sheets.tsx';
import { useTerminal } from './use_terminal.ts';

/** The projected flow score by price and horizon, under a title that says how good it has been. */
export function ProjectionPanel({ canvas, head }: { canvas: RefObject<HTMLCanvasElement | null>; head: VNode | null }) {
  const shown = useTerminal('settings').settings.current.overlays.projection;
  return (
    <section class="projection" id={sheetId('projection')} aria-label="Projected flow score">
      <canvas ref={canvas} role="img" aria-label="Projected flow score by price and horizon" />
      {head}
      {shown && <Skill />}
    </section>
  );
}

/** Skill against persistence over the bins that have come. */
function Skill() {
  const terminal = useTerminal('session', 'bin');
  const { session } = terminal.data;
  const skill = useMemo(
    () =>
      session === null ? null : new ProjectionSkill(session.store, session.contract.config.projection_horizons_ms),
    [session],
  );
  skill?.update();
  const each = skill?.horizons().map((horizon) => `+${horizon.horizonMs} ms: ${skillWords(horizon.skill)}`) ?? [];
  return (
    <p class="zone-caption" title={`Mean absolute error against the score staying as it is.\n${each.join('\n')}`}>
      projected score, ms ahead: {skillWords(skill?.overall() ?? Number.NaN)}, {formatCount(skill?.bins ?? 0)} bins
    </p>
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
