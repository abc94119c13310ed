import { formatPrice, type ZoneClock } from '../session/format.ts';
import type { Session } from '../session/session.ts';
import type { SessionData } from '../session/session_data.ts';
import { multiples, priceLabelStep, timeLabelStepMs } from '../viewport/axis.ts';
import { timeAt, type Viewport, visibleTicks, xOf, yOf } from '../viewport/viewport.ts';
import { LabelPool } from './label_pool.ts';

const priceGapPx = 30;
const timeGapPx = 84;
const edgePx = 7;
/** A label closer than this to the tag of spot would show from below it. */
const tagPx = 16;
/** Half of a time's tag and half of a label's text. */
const timeTagPx = 82;

/** Prices to the right of the heatmap, and the tags of spot and crosshair. */
export class PriceAxis {
  readonly #labels: LabelPool;
  readonly #spot: HTMLElement;
  readonly #pointer: HTMLElement;

  constructor(element: HTMLElement) {
    this.#labels = new LabelPool(element, 'price-label');
    this.#spot = tag(element, 'price-tag spot');
    this.#pointer = tag(element, 'price-tag pointer');
  }

  /** `seq`: the bin whose spot has the tag. */
  draw(view: Viewport, { contract, store }: Session, seq: number): void {
    const { tickInt, priceDecimals } = contract;
    const [first, end] = visibleTicks(view);
    const spot = store.bin('spotTick', seq);
    const spotPx = yOf(view, spot);
    this.#labels.begin();
    for (const tick of multiples(priceLabelStep(view.ticksPerPx, tickInt, priceGapPx), first, end - 1)) {
      const y = yOf(view, tick);
      if (y < edgePx || y > view.heightPx - edgePx || Math.abs(y - spotPx) < tagPx) continue;
      this.#labels.place(formatPrice(tick, tickInt, priceDecimals), 0, y);
    }
    this.#labels.end();
    place(this.#spot, formatPrice(spot, tickInt, priceDecimals), spotPx, view.heightPx);
  }

  pointer(view: Viewport, { contract }: Session, price: number | null): void {
    if (price === null) {
      this.#pointer.hidden = true;
      this.#labels.makeWay(null, tagPx);
      return;
    }
    const tick = Math.floor(price + 0.5);
    this.#labels.makeWay([0, yOf(view, tick)], tagPx);
    place(this.#pointer, formatPrice(tick, contract.tickInt, contract.priceDecimals), yOf(view, tick), view.heightPx);
  }
}

function tag(parent: HTMLElement, className: string): HTMLElement {
  const element = document.createElement('span');
  element.className = className;
  element.hidden = true;
  parent.append(element);
  return element;
}

function place(element: HTMLElement, text: string, yPx: number, heightPx: number): void {
  element.hidden = !(yPx >= 0 && yPx <= heightPx);
  if (element.hidden) return;
  if (element.textContent !== text) element.textContent = text;
  element.style.translate = `0 ${yPx}px`;
}

/** Clock times below the heatmap, and the tag of the crosshair. */
export class TimeAxis {
  readonly #labels: LabelPool;
  readonly #pointer: HTMLElement;

  constructor(element: HTMLElement) {
    this.#labels = new LabelPool(element, 'time-label');
    this.#pointer = tag(element, 'time-tag');
  }

  draw(view: Viewport, data: SessionData, clock: ZoneClock): void {
    this.#labels.begin();
    const [fromMs, toMs] = [data.unixMs(view.left), data.unixMs(timeAt(view, view.widthPx))];
    if (!Number.isNaN(fromMs)) {
      const stepMs = timeLabelStepMs((toMs - fromMs) / view.widthPx, timeGapPx);
      const offsetMs = clock.offsetMs(toMs);
      for (const wallMs of multiples(stepMs, fromMs + offsetMs, toMs + offsetMs)) {
        const unixMs = wallMs - offsetMs;
        const x = xOf(view, data.timeOf(unixMs));
        if (x >= 24 && x <= view.widthPx - 24) this.#labels.place(clock.label(unixMs, stepMs), x, 0);
      }
    }
    this.#labels.end();
  }

  pointer(view: Viewport, data: SessionData, clock: ZoneClock, time: number | null): void {
    const unixMs = time === null ? Number.NaN : data.unixMs(Math.floor(time) + 1);
    this.#pointer.hidden = time === null || Number.isNaN(unixMs);
    if (time === null || this.#pointer.hidden) {
      this.#labels.makeWay(null, timeTagPx);
      return;
    }
    this.#pointer.textContent = clock.time(unixMs, 1);
    const x = Math.min(Math.max(xOf(view, Math.floor(time) + 0.5), 40), view.widthPx - 40);
    this.#pointer.style.translate = `${x}px 0`;
    this.#labels.makeWay([x, 0], timeTagPx);
  }
}
