import './profile_panels.css';
import type { RefObject, VNode } from 'preact';
import { Term } from '../../shared/term.tsx';
import type { ProfileExtent } from '../chart/profiles.ts';
import { formatQuantity, formatValue } from '../session/format.ts';
import { sheetId } from './sheets.tsx';
import { useTerminal } from './use_terminal.ts';

interface ProfileProps {
  readonly canvas: RefObject<HTMLCanvasElement | null>;
  readonly hidden: boolean;
  /** What stands at its top where it is a sheet. */
  readonly head: VNode | null;
}

/** Depth by price, beside the price axis. */
export function DepthPanel({ canvas, hidden, head }: ProfileProps) {
  return (
    <section class="depth" id={sheetId('depth')} aria-label="Depth profile" hidden={hidden}>
      <canvas ref={canvas} role="img" aria-label="Depth by price of the bin shown" />
      {head}
    </section>
  );
}

/** Pressure and vacuum by price, to the left of the heatmap. */
export function ForcePanel({ canvas, hidden, head }: ProfileProps) {
  return (
    <section class="force" id={sheetId('book')} aria-label="Pressure and vacuum profile" hidden={hidden}>
      <canvas ref={canvas} role="img" aria-label="Pressure and vacuum by price of the bin shown" />
      {head}
    </section>
  );
}

/** The largest of the depth profile's bars, and the unit of all. */
export function DepthCaption({ extent }: { extent: ProfileExtent }) {
  const { session } = useTerminal('session').data;
  const unit = session === null || extent.depth === 0 ? '' : session.contract.quantityUnit;
  return <p class="profile-caption of-depth quiet">{unit !== '' && `≤ ${formatQuantity(extent.depth)} ${unit}`}</p>;
}

/** The two sides of the force profile. */
export function ForceCaption({ extent }: { extent: ProfileExtent }) {
  return (
    <p class="profile-caption of-force">
      <span>
        <i class="key mark-pressure" /> <Term word="pressure">pressure</Term>
      </span>
      <span class="quiet">≤ {formatValue(extent.force)}</span>
      <span>
        <Term word="vacuum">vacuum</Term> <i class="key mark-vacuum" />
      </span>
    </p>
  );
}
