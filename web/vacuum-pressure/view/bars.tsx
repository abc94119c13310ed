import './bars.css';
/** A bar from the middle to either side: `share` in [−1, 1]. */
export function Bar({ share, tone }: { share: number; tone?: 'up' | 'down' | 'neutral' }) {
  const size = Math.min(Math.abs(share), 1) * 50;
  const side = tone ?? (share < 0 ? 'down' : 'up');
  return (
    <span class="bar two-sided" aria-hidden="true">
      <span class={`fill ${side}`} style={{ left: `${share < 0 ? 50 - size : 50}%`, width: `${size}%` }} />
    </span>
  );
}

/** A bar from the left: `share` in [0, 1]. */
export function Level({ share, tone }: { share: number; tone: 'up' | 'down' | 'neutral' }) {
  return (
    <span class="bar" aria-hidden="true">
      <span class={`fill ${tone}`} style={{ left: 0, width: `${Math.min(Math.max(share, 0), 1) * 100}%` }} />
    </span>
  );
}
