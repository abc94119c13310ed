import './icon.css';

const paths = {
  restart: 'M3 3h2v10H3zM13 3v10L6 8z',
  back: 'M10 3v10L3 8zM11 3h2v10h-2z',
  play: 'M4 2.5v11l9-5.5z',
  pause: 'M4 3h3v10H4zM9 3h3v10H9z',
  forward: 'M6 3v10l7-5zM3 3h2v10H3z',
} as const;

/** A small drawing in the text's colour; the control around it has the name. */
export function Icon({ name }: { name: keyof typeof paths }) {
  return (
    <svg class="icon" viewBox="0 0 16 16" width="14" height="14" aria-hidden="true">
      <path d={paths[name]} fill="currentColor" />
    </svg>
  );
}
