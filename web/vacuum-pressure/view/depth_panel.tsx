import './depth_panel.css';
import type { RefObject } from 'preact';
import type { ProfileExtent } from '../chart/depth_profile.ts';
import { formatValue } from '../session/format.ts';
import { useTerminal } from './use_terminal.ts';

interface DepthPanelProps {
  readonly canvas: RefObject<HTMLCanvasElement | null>;
  /** Largest values of the bars. */
  readonly extent: ProfileExtent;
  readonly hidden: boolean;
}

/** Depth, pressure and vacuum by price, beside the heatmap. */
export function DepthPanel({ canvas, extent, hidden }: DepthPanelProps) {
  return (
    <section class="depth" aria-label="Depth profile" hidden={hidden}>
      <canvas ref={canvas} role="img" aria-label="Depth, pressure and vacuum by price of the bin shown" />
      <ProfileCaption extent={extent} />
    </section>
  );
}

function ProfileCaption({ extent }: { extent: ProfileExtent }) {
  const { session } = useTerminal('session').data;
  if (session === null || session.store.count === 0) return null;
  const unit = session.contract.quantityUnit;
  return (
    <div class="profile-caption">
      <p>
        <i class="key up" /> pressure <i class="key down" /> vacuum ≤ {formatValue(extent.force)}
      </p>
      <p class="end">
        <i class="key up" /> bid <i class="key down" /> ask ≤ {formatValue(extent.depth)} {unit}
      </p>
    </div>
  );
}
