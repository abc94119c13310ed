/** A position in CSS pixels from the top left corner of an element. */
export type Px = readonly [x: number, y: number];

/** An element that gestures listen to until `signal` aborts. */
export class Surface {
  readonly element: HTMLElement;
  readonly #signal: AbortSignal;

  constructor(element: HTMLElement, signal: AbortSignal) {
    this.element = element;
    this.#signal = signal;
  }

  on<Name extends keyof HTMLElementEventMap>(name: Name, listener: (event: HTMLElementEventMap[Name]) => void): void {
    // Not passive: a wheel over the chart must not scroll the page.
    this.element.addEventListener(name, listener, { signal: this.#signal, passive: false });
  }

  px({ clientX, clientY }: MouseEvent): Px {
    const { left, top } = this.element.getBoundingClientRect();
    return [clientX - left, clientY - top];
  }
}
