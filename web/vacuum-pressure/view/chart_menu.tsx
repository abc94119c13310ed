import './chart_menu.css';
import { useEffect, useRef } from 'preact/hooks';
import { formatPrice, ZoneClock } from '../session/format.ts';
import { copyLink } from './export_menu.tsx';
import { useTerminal } from './use_terminal.ts';

/** The menu of a place of the chart: a right click, the menu key or a long press opens it. */
export function ChartMenu() {
  const terminal = useTerminal('tool', 'settings');
  const root = useRef<HTMLDivElement>(null);
  const { chart, data } = terminal;
  const { menu } = chart;
  useEffect(() => {
    if (menu === null) return;
    root.current?.querySelector('button')?.focus();
    const outside = (event: PointerEvent) => {
      if (!root.current?.contains(event.target as Node)) chart.closeMenu();
    };
    document.addEventListener('pointerdown', outside);
    return () => document.removeEventListener('pointerdown', outside);
  }, [menu]);
  if (menu === null || data.session === null) return null;
  const seq = Math.max(0, Math.floor(menu.point.time));
  const tsNs = data.endNs(seq);
  const time = new ZoneClock(terminal.settings.current.zone).time(data.unixMs(seq + 1), 1);
  const { tickInt, priceDecimals } = data.session.contract;
  const tick = Math.floor(menu.point.price + 0.5);
  const price = formatPrice(tick, tickInt, priceDecimals);
  const tickPrice = (tick * tickInt) / 1e9;
  const entry = (words: string, run: () => void) => (
    <button
      type="button"
      role="menuitem"
      onClick={() => {
        chart.closeMenu();
        run();
      }}
    >
      {words}
    </button>
  );
  const onKey = (event: KeyboardEvent) => {
    const entries = [...(root.current?.querySelectorAll('button') ?? [])];
    const at = entries.indexOf(document.activeElement as HTMLButtonElement);
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined) entries.at((at + step) % entries.length)?.focus();
    else if (event.key === 'Escape') chart.closeMenu();
    else return;
    event.preventDefault();
  };
  const { widthPx, heightPx } = chart.view;
  const style = {
    left: `${menu.px[0]}px`,
    translate: `${menu.px[0] > widthPx / 2 ? '-100%' : '0'} ${menu.px[1] > heightPx / 2 ? '-100%' : '0'}`,
    top: `${menu.px[1]}px`,
  };
  return (
    <div
      ref={root}
      class="chart-menu"
      role="menu"
      tabIndex={-1}
      aria-label={`${price} at ${time}`}
      style={style}
      onKeyDown={onKey}
    >
      <p class="quiet">
        {price} · {time}
      </p>
      {tsNs !== null && entry('Bookmark this time', () => terminal.bookmarks.add(tsNs, ''))}
      {entry(`Alert at ${price}`, () => terminal.alerts.addPrice(tickPrice))}
      {entry('Measure from here', () => chart.measureFrom(menu.point))}
      {tsNs !== null && entry('Copy link to this time', () => void copyLink(terminal, seq))}
    </div>
  );
}
