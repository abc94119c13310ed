import type { ChartState } from '../../viewport/chart_state.ts';
import type { Px, Surface } from './surface.ts';

/** A finger that stays for this long, within so many pixels, is a right click. */
export const longPressMs = 500;
const stillPx = 8;

/** Right click, the menu key and a long press open the menu of the place. */
export function openMenu(heat: Surface, chart: ChartState): void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let from: Px = [0, 0];
  const cancel = () => clearTimeout(timer);
  heat.on('contextmenu', (event) => {
    event.preventDefault();
    cancel();
    chart.openMenu(heat.px(event));
  });
  heat.on('pointerdown', (event) => {
    cancel();
    chart.closeMenu();
    if (event.pointerType !== 'touch' || event.isPrimary === false) return;
    from = heat.px(event);
    timer = setTimeout(() => chart.openMenu(from), longPressMs);
  });
  heat.on('pointermove', (event) => {
    const [x, y] = heat.px(event);
    if (Math.hypot(x - from[0], y - from[1]) > stillPx) cancel();
  });
  heat.on('pointerup', cancel);
  heat.on('pointercancel', cancel);
}
