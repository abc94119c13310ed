import { notNull } from '../../../src/errors.ts';
import './chart_area.css';
import { useEffect, useRef, useState } from 'preact/hooks';
import { Chart } from '../chart/chart.ts';
import type { ProfileExtent } from '../chart/depth_profile.ts';
import { listenToGestures } from '../chart/gestures/gestures.ts';
import { formatValue } from '../session/format.ts';
import { BookSummary } from './book_summary.tsx';
import type { Legend } from './legend.tsx';
import { Notice } from './notice.tsx';
import { Readout } from './readout.tsx';
import { SignalPanel } from './signal_panel.tsx';
import { Splitter } from './splitter.tsx';
import { useTerminal } from './use_terminal.ts';

/** What the chart cannot do in this browser, in words. */
function Broken({ message }: { message: string }) {
  return (
    <div class="notice" role="alert">
      <h2>The heatmap cannot be drawn</h2>
      <p>{message}</p>
    </div>
  );
}

function ProfileCaption({ extent }: { extent: ProfileExtent }) {
  const terminal = useTerminal('session');
  const { session } = terminal.data;
  if (session === null || session.store.count === 0) return null;
  const unit = session.contract.quantityUnit;
  return (
    <div class="profile-caption">
      <p>
        <i class="key up" /> pressure <i class="key down" /> vacuum ≤ {formatValue(extent.force)}
      </p>
      <p class="end">
        <i class="key up" /> bid <i class="key down" /> ask ≤ {formatValue(extent.depth)} {unit}
      </p>
    </div>
  );
}

function Horizons() {
  const terminal = useTerminal('session', 'settings');
  const settings = terminal.settings.current;
  const { session } = terminal.data;
  if (session === null || !settings.overlays.projection) return <div class="horizons" />;
  return (
    <div class="horizons">
      {session.contract.config.projection_horizons_ms.map((ms) => (
        <span key={ms}>+{ms}</span>
      ))}
      <span class="horizon-unit">ms ahead</span>
    </div>
  );
}

/** The heatmap with its axes, the depth profile, the projection, the series and the signal panel. */
export function ChartArea({ onLegend }: { onLegend: (legend: Legend) => void }) {
  const terminal = useTerminal('settings');
  const settings = terminal.settings.current;
  const root = useRef<HTMLElement>(null);
  const [broken, setBroken] = useState<string | null>(null);
  const [extent, setExtent] = useState<ProfileExtent>({ depth: 0, force: 0 });
  useEffect(() => {
    const find = <E extends HTMLElement>(selector: string) => notNull(notNull(root.current).querySelector<E>(selector));
    const elements = {
      heat: find('.heat'),
      heatCanvas: find<HTMLCanvasElement>('.heat-canvas'),
      overlayCanvas: find<HTMLCanvasElement>('.overlay-canvas'),
      pointerCanvas: find<HTMLCanvasElement>('.pointer-canvas'),
      depthCanvas: find<HTMLCanvasElement>('.depth canvas'),
      projectionCanvas: find<HTMLCanvasElement>('.projection canvas'),
      priceAxis: find('.price-axis'),
      timeAxis: find('.time-axis'),
      series: find('.series'),
    };
    let chart: Chart;
    try {
      chart = new Chart(terminal, elements);
    } catch (error) {
      setBroken(error instanceof Error ? error.message : String(error));
      return;
    }
    chart.onScale = (layer, scale, choice) => onLegend({ layer, scale, choice });
    chart.onProfile = (next) =>
      setExtent((shown) => (shown.depth === next.depth && shown.force === next.force ? shown : next));
    chart.onBroken = setBroken;
    const stopInput = listenToGestures(terminal.chart, elements);
    return () => {
      stopInput();
      chart.stop();
    };
  }, [terminal]);

  const { panels } = settings;
  const style = {
    '--depth': panels.depth ? `${settings.depthPx}px` : '0px',
    '--signal': panels.signal ? `${settings.signalPx}px` : '0px',
    '--series': panels.series ? `${settings.seriesPx}px` : '0px',
    '--projection': settings.overlays.projection ? '148px' : '0px',
  };
  return (
    <main class="workspace" style={style} ref={root}>
      <section class="depth" aria-label="Depth profile" hidden={!panels.depth}>
        <canvas role="img" aria-label="Depth, pressure and vacuum by price of the bin shown" />
        <ProfileCaption extent={extent} />
      </section>
      {panels.depth && panels.series && <BookSummary />}
      {panels.depth && (
        <Splitter
          label="Width of the depth profile"
          place="of-depth"
          orientation="vertical"
          sizePx={settings.depthPx}
          range={[110, 480]}
          direction={1}
          onSize={(depthPx) => terminal.settings.change({ depthPx })}
        />
      )}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: the chart takes the keyboard: arrows, zoom, crosshair */}
      <section class="heat" tabIndex={0} aria-label="Heatmap: press question mark for its keys">
        <canvas class="heat-canvas" hidden />
        <canvas class="overlay-canvas" />
        <canvas class="pointer-canvas" />
        {broken === null ? <Notice /> : <Broken message={broken} />}
        <Readout />
        <FollowButton />
      </section>
      <section class="projection" aria-label="Projected flow score">
        <canvas role="img" aria-label="Projected flow score by price and horizon" />
        <p class="zone-caption">projected score</p>
      </section>
      <div class="price-axis" role="img" aria-label="Price axis" />
      {panels.series && (
        <Splitter
          label="Height of the series"
          orientation="horizontal"
          sizePx={settings.seriesPx}
          range={[80, 480]}
          direction={-1}
          onSize={(seriesPx) => terminal.settings.change({ seriesPx })}
        />
      )}
      <section class="series" aria-label="Signal over time" hidden={!panels.series} />
      <div class="time-axis" role="img" aria-label="Time axis" />
      <Horizons />
      {panels.signal && (
        <>
          <Splitter
            label="Width of the signal panel"
            place="of-signal"
            orientation="vertical"
            sizePx={settings.signalPx}
            range={[200, 480]}
            direction={-1}
            onSize={(signalPx) => terminal.settings.change({ signalPx })}
          />
          <SignalPanel />
        </>
      )}
    </main>
  );
}

function FollowButton() {
  const terminal = useTerminal('view', 'bin', 'playback');
  if (terminal.chart.following || terminal.data.session === null) return null;
  return (
    <button type="button" class="follow-button" onClick={() => terminal.chart.followAgain()}>
      Follow newest bin →
    </button>
  );
}
