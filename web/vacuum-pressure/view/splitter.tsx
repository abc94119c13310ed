import './splitter.css';

interface SplitterProps {
  readonly label: string;
  /** Class that gives it its place. */
  readonly place?: string;
  readonly orientation: 'vertical' | 'horizontal';
  /** Size of the panel that the splitter belongs to, and the bounds of it, in CSS pixels. */
  readonly sizePx: number;
  readonly range: readonly [number, number];
  /** 1 when dragging right or down makes the panel larger. */
  readonly direction: 1 | -1;
  readonly onSize: (sizePx: number) => void;
}

/** A bar between two panels that mouse, touch and arrow keys move. */
export function Splitter({ label, place = '', orientation, sizePx, range, direction, onSize }: SplitterProps) {
  const clamp = (size: number) => Math.round(Math.min(Math.max(size, range[0]), range[1]));
  const along = (event: PointerEvent) => (orientation === 'vertical' ? event.clientX : event.clientY);
  const start = (event: PointerEvent) => {
    const bar = event.currentTarget as HTMLElement;
    bar.setPointerCapture(event.pointerId);
    const from = along(event);
    const move = (moved: PointerEvent) => onSize(clamp(sizePx + (along(moved) - from) * direction));
    bar.addEventListener('pointermove', move);
    bar.addEventListener('lostpointercapture', () => bar.removeEventListener('pointermove', move), { once: true });
  };
  const key = (event: KeyboardEvent) => {
    const steps: Record<string, number> = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 };
    const step = steps[event.key];
    if (step === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    onSize(clamp(sizePx + step * direction * 16));
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: a separator that can be focused and moved is a widget, hr is none
    <div
      class={`splitter ${orientation} ${place}`}
      role="separator"
      tabIndex={0}
      aria-label={label}
      aria-orientation={orientation}
      aria-valuenow={sizePx}
      aria-valuemin={range[0]}
      aria-valuemax={range[1]}
      onPointerDown={start}
      onKeyDown={key}
    />
  );
}
