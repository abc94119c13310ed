import './chart_area.css';
import { shownPanes } from '../chart/series_strip.ts';
import { BookSummary } from './book_summary.tsx';
import { HeatPanel } from './heat_panel.tsx';
import type { Legend } from './legend.tsx';
import { DepthCaption, DepthPanel, ForceCaption, ForcePanel } from './profile_panels.tsx';
import { Horizons, ProjectionPanel } from './projection_panel.tsx';
import { SheetHead, type SheetName, type Sheets } from './sheets.tsx';
import { SidePanels } from './side_panels.tsx';
import { SignalPanel } from './signal_panel.tsx';
import { Splitter } from './splitter.tsx';
import { TradeChip } from './trade_chip.tsx';
import { useChart } from './use_chart.ts';
import { useTerminal } from './use_terminal.ts';

/** The heatmap with its axes, the profiles, the projection, the series and the signal panel. */
export function ChartArea({ onLegend, sheets }: { onLegend: (legend: Legend) => void; sheets: Sheets }) {
  const terminal = useTerminal('settings', 'session');
  const { refs, broken, extent } = useChart(terminal, onLegend);
  const { settings } = terminal;
  const { session } = terminal.data;
  const { panels, overlays, bookPx, ladderPx, tapePx, signalPx, seriesPx } = settings.current;
  const panes = shownPanes(panels, session).length;
  const style = {
    '--book': panels.book ? `${bookPx}px` : '0px',
    '--depth': panels.depth ? '112px' : '0px',
    '--ladder': panels.ladder ? `${ladderPx}px` : '0px',
    '--tape': panels.tape ? `${tapePx}px` : '0px',
    '--signal': panels.signal ? `${signalPx}px` : '0px',
    '--series': `${panes * seriesPx}px`,
    '--projection': overlays.projection ? '148px' : '0px',
  };
  const shows = (name: Exclude<SheetName, 'projection'>) => panels[name] || sheets.open === name;
  const head = (name: SheetName) => (sheets.open === name ? <SheetHead name={name} sheets={sheets} /> : null);
  return (
    <main class="workspace" style={style} data-sheet={sheets.open ?? undefined}>
      <ForcePanel canvas={refs.forceCanvas} hidden={!shows('book')} head={head('book')} />
      {shows('book') && panels.series && <BookSummary />}
      {shows('book') && <ForceCaption extent={extent} />}
      {panels.book && (
        <Splitter
          label="Width of the left panel"
          place="of-book"
          orientation="vertical"
          sizePx={bookPx}
          range={[110, 480]}
          direction={1}
          onSize={(px) => settings.change({ bookPx: px })}
        />
      )}
      <HeatPanel refs={refs} broken={broken} />
      <TradeChip />
      <ProjectionPanel canvas={refs.projectionCanvas} head={head('projection')} />
      <DepthPanel canvas={refs.depthCanvas} hidden={!shows('depth')} head={head('depth')} />
      <div class="price-axis" ref={refs.priceAxis} role="img" aria-label="Price axis" />
      {panes > 0 && (
        <Splitter
          label="Height of the series"
          orientation="horizontal"
          sizePx={seriesPx}
          range={[80, 480]}
          direction={-1}
          onSize={(px) => settings.change({ seriesPx: px })}
        />
      )}
      <section class="series" ref={refs.series} aria-label="Series over time" hidden={panes === 0} />
      <div class="time-axis" ref={refs.timeAxis} role="img" aria-label="Time axis" />
      <Horizons />
      {shows('depth') && <DepthCaption extent={extent} />}
      <SidePanels shows={shows} head={head} />
      {shows('signal') && <SignalPanel head={head('signal')} />}
    </main>
  );
}
