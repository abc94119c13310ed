import type { OrderEvent } from '../session/event_ledger.ts';
import type { Proof } from '../session/proof.ts';

/** A press that moves farther than this is a drag, in CSS pixels. */
const clickPx = 4;

/** Opens the proof of the events whose mark is clicked; returns what ends that. */
export function onMarkClick(
  element: HTMLElement,
  eventsAt: (px: readonly [number, number]) => readonly OrderEvent[],
  proof: Proof,
): () => void {
  const stop = new AbortController();
  const { signal } = stop;
  const at = ({ clientX, clientY }: MouseEvent): readonly [number, number] => {
    const { left, top } = element.getBoundingClientRect();
    return [clientX - left, clientY - top];
  };
  let pressed: readonly [number, number] | null = null;
  const press = (event: PointerEvent) => {
    pressed = event.button === 0 ? at(event) : null;
  };
  const release = (event: PointerEvent) => {
    const [from, to] = [pressed, at(event)];
    pressed = null;
    if (from === null || Math.hypot(from[0] - to[0], from[1] - to[1]) > clickPx) return;
    const found = eventsAt(to);
    if (found[0] !== undefined) proof.show(found[0], found);
  };
  element.addEventListener('pointerdown', press, { signal });
  element.addEventListener('pointerup', release, { signal });
  return () => stop.abort();
}
