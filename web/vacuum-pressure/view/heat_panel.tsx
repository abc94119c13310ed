import './heat_panel.css';
import { formatCount } from '../session/format.ts';
import { ChartMenu } from './chart_menu.tsx';
import { HatchingLegend } from './hatching_legend.tsx';
import { Notice } from './notice.tsx';
import { ProofPanel } from './proof_panel.tsx';
import { Readout } from './readout.tsx';
import { seekingWords } from './top_bar.tsx';
import type { ChartRefs } from './use_chart.ts';
import { useTerminal } from './use_terminal.ts';

/** The heatmap, and the messages and numbers over it; `broken` says why it cannot be drawn. */
export function HeatPanel({ refs, broken }: { refs: ChartRefs; broken: string | null }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: the chart takes the keyboard: arrows, zoom, crosshair
    <section class="heat" ref={refs.heat} tabIndex={0} aria-label="Heatmap: press question mark for its keys">
      <canvas class="heat-canvas" ref={refs.heatCanvas} hidden />
      <canvas class="overlay-canvas" ref={refs.overlayCanvas} />
      <canvas class="pointer-canvas" ref={refs.pointerCanvas} />
      <SeekingNote />
      <HatchingLegend />
      <Readout />
      <OverChart>
        {broken === null ? <Notice /> : <Broken message={broken} />}
        <FollowButton />
        <ChartMenu />
        <ProofPanel />
      </OverChart>
    </section>
  );
}

/** What lies over the chart and is used itself: the chart's gestures do not begin on it. */
function OverChart({ children }: { children: preact.ComponentChildren }) {
  const stop = (event: Event) => event.stopPropagation();
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: it only keeps events from the chart behind it
    <div class="over-chart" onPointerDown={stop} onWheel={stop} onDblClick={stop}>
      {children}
    </div>
  );
}

function Broken({ message }: { message: string }) {
  return (
    <div class="notice" role="alert">
      <h2>The heatmap cannot be drawn</h2>
      <p>{message}</p>
    </div>
  );
}

/** Names the time that is sought until its first column is there. */
function SeekingNote() {
  const terminal = useTerminal('playback', 'settings');
  const words = seekingWords(terminal);
  return words === null ? null : <p class="seeking-note">{words}</p>;
}

/** Shown while the view does not follow: leads back to the newest bin, and counts the bins that it is ahead. */
function FollowButton() {
  const terminal = useTerminal('view', 'bin', 'playback');
  const { following, binsBehind } = terminal.chart;
  if (following || terminal.data.session === null) return null;
  return (
    <button
      type="button"
      class="follow-button"
      title="Show the newest bin at the right edge and keep it there (End)"
      onClick={() => terminal.chart.followAgain()}
    >
      Follow{binsBehind > 0 && <span class="behind"> · {formatCount(binsBehind)} bins behind</span>}
    </button>
  );
}
