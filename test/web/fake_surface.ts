import { SessionData } from '../../web/vacuum-pressure/session/session_data.ts';
import { Topics } from '../../web/vacuum-pressure/session/topics.ts';
import { ChartState } from '../../web/vacuum-pressure/viewport/chart_state.ts';
import { CurrentSettings, defaultSettings } from '../../web/vacuum-pressure/viewport/settings.ts';
import { fakeConfig, fakeFrame, fakeUpdate } from './fake_session.ts';

/** A chart over a session of `count` bins whose spot is at tick 100. */
export function fakeChart(count: number) {
  const topics = new Topics();
  const settings = new CurrentSettings(topics, defaultSettings('dark'));
  const data = new SessionData(topics);
  const chart = new ChartState(topics, settings, data);
  data.open(fakeConfig());
  const put = (seq: number, spot = 100) => {
    data.put(
      fakeUpdate(seq, spot),
      fakeFrame(5, () => 0),
    );
    chart.binPut(seq === 0);
  };
  for (let seq = 0; seq < count; seq++) put(seq);
  return { topics, settings, data, chart, put };
}

/** Fields of a pointer or wheel event that gestures read; the position is in pixels of the element. */
interface FakeEvent {
  readonly x?: number;
  readonly y?: number;
  readonly pointerId?: number;
  readonly pointerType?: 'mouse' | 'touch';
  readonly button?: number;
  readonly shiftKey?: boolean;
  readonly ctrlKey?: boolean;
  readonly altKey?: boolean;
  readonly deltaX?: number;
  readonly deltaY?: number;
  readonly deltaMode?: 0 | 1;
}

const usual: Required<FakeEvent> = {
  x: 0,
  y: 0,
  pointerId: 1,
  pointerType: 'mouse',
  button: 0,
  shiftKey: false,
  ctrlKey: false,
  altKey: false,
  deltaX: 0,
  deltaY: 0,
  deltaMode: 0,
};

/** An element at (30, 40) of the page that takes pointer events without a browser. */
export class FakeElement extends EventTarget {
  readonly captured: number[] = [];
  focused = 0;

  getBoundingClientRect() {
    return { left: 30, top: 40 };
  }

  setPointerCapture(pointerId: number): void {
    this.captured.push(pointerId);
  }

  focus(): void {
    this.focused++;
  }

  /** Fires an event; false when its default was prevented. */
  fire(type: string, event: FakeEvent = {}): boolean {
    const { x, y, ...fields } = { ...usual, ...event };
    const fired = new Event(type, { cancelable: true });
    return this.dispatchEvent(Object.assign(fired, fields, { clientX: x + 30, clientY: y + 40 }));
  }

  /** A drag through pixels: press at the first, release at the last. */
  drag(through: readonly (readonly [x: number, y: number])[], event: FakeEvent = {}): void {
    const at = ([x, y]: readonly [number, number]) => ({ ...event, x, y });
    this.fire('pointerdown', at(through[0]!));
    for (const px of through.slice(1)) this.fire('pointermove', at(px));
    this.fire('pointerup', at(through.at(-1)!));
  }

  /** The element as gestures take it. */
  get html(): HTMLElement {
    return this as unknown as HTMLElement;
  }
}
