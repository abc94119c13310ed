import './bars.css';
/** The role whose colour a mark has. */
export type Mark = 'bid' | 'ask' | 'bull' | 'bear' | 'pressure' | 'vacuum' | 'ours' | 'text' | 'neutral';

/** A bar from the middle to either side: `share` in [−1, 1]. */
export function Bar({ share, tone }: { share: number; tone?: Mark }) {
  const size = Math.min(Math.abs(share), 1) * 50;
  const side = tone ?? (share < 0 ? 'bear' : 'bull');
  return (
    <span class="bar two-sided" aria-hidden="true">
      <span class={`fill mark-${side}`} style={{ left: `${share < 0 ? 50 - size : 50}%`, width: `${size}%` }} />
    </span>
  );
}

/** A bar from the left: `share` in [0, 1]. */
export function Level({ share, tone }: { share: number; tone: Mark }) {
  return (
    <span class="bar" aria-hidden="true">
      <span class={`fill mark-${tone}`} style={{ left: 0, width: `${Math.min(Math.max(share, 0), 1) * 100}%` }} />
    </span>
  );
}
