import { present } from '../../../src/errors.ts';
/** Reuses elements for the labels of an axis: text that a screen reader, a test and a search can find. */
export class LabelPool {
  readonly #parent: HTMLElement;
  readonly #className: string;
  readonly #labels: HTMLSpanElement[] = [];
  #used = 0;

  constructor(parent: HTMLElement, className: string) {
    this.#parent = parent;
    this.#className = className;
  }

  begin(): void {
    this.#used = 0;
  }

  /** Puts `text` with its anchor at (xPx, yPx) of the parent; the class says which corner the anchor is. */
  place(text: string, xPx: number, yPx: number): void {
    let label = this.#labels[this.#used];
    if (label === undefined) {
      label = document.createElement('span');
      label.className = this.#className;
      this.#parent.append(label);
      this.#labels.push(label);
    }
    this.#used++;
    if (label.textContent !== text) label.textContent = text;
    label.style.translate = `${xPx}px ${yPx}px`;
    if (label.hidden) label.hidden = false;
  }

  end(): void {
    for (let index = this.#used; index < this.#labels.length; index++) present(this.#labels[index]).hidden = true;
  }
}
