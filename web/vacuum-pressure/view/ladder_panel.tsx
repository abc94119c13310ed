import './beside_chart.css';
import './ladder_panel.css';
import type { VNode } from 'preact';
import { ladderColumns } from '../chart/ladder_layer.ts';
import { ZoneClock } from '../session/format.ts';
import { sheetId } from './sheets.tsx';
import { useLadder } from './use_ladder.ts';
import { useTerminal } from './use_terminal.ts';

const columns = ladderColumns.map(([, , , parts]) => `minmax(0, ${parts}fr)`).join(' ');

/** The book around the market, price by price, with orders, flow of the last second and volume since the reset. */
export function LadderPanel({ head }: { head: VNode | null }) {
  const terminal = useTerminal('ladder', 'session');
  const canvas = useLadder(terminal);
  const { ladder, data } = terminal;
  const resetMs = data.unixMs(ladder.resetSeq);
  return (
    <section class="ladder" id={sheetId('ladder')} aria-label="Ladder">
      {head}
      <header>
        <h2>Ladder</h2>
        <span class="quiet">
          volume since{' '}
          {ladder.resetSeq === 0 || Number.isNaN(resetMs)
            ? 'the first bin'
            : new ZoneClock(terminal.settings.current.zone).time(resetMs)}
        </span>
        {!ladder.isFollowing && (
          <button type="button" title="Bring the market back to the middle" onClick={() => ladder.follow()}>
            Centre
          </button>
        )}
        <button
          type="button"
          title="Count volume at bid and ask from here on (V)"
          onClick={() => ladder.reset(terminal.chart.shownSeq)}
        >
          Reset
        </button>
        {ladder.resetSeq > 0 && (
          <button type="button" title="Count volume of all bins received" onClick={() => ladder.countAll()}>
            All
          </button>
        )}
      </header>
      <div class="ladder-heads" style={{ gridTemplateColumns: columns }}>
        {ladderColumns.map(([column, heading, title]) => (
          <span key={column} class={`of-${column}`} title={title}>
            {heading}
          </span>
        ))}
      </div>
      <canvas
        ref={canvas}
        role="img"
        aria-label="Sizes, orders and volume by price of the bin shown"
        onDblClick={() => ladder.follow()}
      />
    </section>
  );
}
