import { present } from '../../../src/errors.ts';
/** Reuses elements for the labels of an axis: text that a screen reader, a test and a search can find. */
export class LabelPool {
  readonly #parent: HTMLElement;
  readonly #className: string;
  readonly #labels: HTMLSpanElement[] = [];
  readonly #places: (readonly [xPx: number, yPx: number])[] = [];
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
    this.#places[this.#used] = [xPx, yPx];
    this.#used++;
    if (label.textContent !== text) label.textContent = text;
    label.style.translate = `${xPx}px ${yPx}px`;
    if (label.hidden) label.hidden = false;
  }

  /** Shows all labels but those within `gapPx` of a tag's anchor, which would show from below it; null without a tag. */
  makeWay(tag: readonly [xPx: number, yPx: number] | null, gapPx: number): void {
    for (let index = 0; index < this.#used; index++) {
      const [x, y] = present(this.#places[index]);
      const isBelow = tag !== null && Math.hypot(x - tag[0], y - tag[1]) < gapPx;
      const visibility = isBelow ? 'hidden' : '';
      const { style } = present(this.#labels[index]);
      if (style.visibility !== visibility) style.visibility = visibility;
    }
  }

  end(): void {
    for (let index = this.#used; index < this.#labels.length; index++) present(this.#labels[index]).hidden = true;
  }
}
