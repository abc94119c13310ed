import './beside_chart.css';
import './tape_panel.css';
import type { VNode } from 'preact';
import { useMemo } from 'preact/hooks';
import type { OrderEvent } from '../session/event_ledger.ts';
import { eventWords } from '../session/event_words.ts';
import { formatPrice, formatQuantity, ZoneClock } from '../session/format.ts';
import type { Spans } from '../session/spans.ts';
import { sheetId } from './sheets.tsx';
import { TapeFilter } from './tape_filter.tsx';
import { tapeRows } from './tape_rows.ts';
import { useTerminal } from './use_terminal.ts';

/** The events up to the bin shown, the latest first, as the filter lets them pass. */
export function TapePanel({ head }: { head: VNode | null }) {
  const terminal = useTerminal('events', 'bin', 'session', 'settings', 'playback', 'proof');
  const { settings, data, chart } = terminal;
  const { tape, zone } = settings.current;
  const rowsOf = useMemo(() => keptRows(new ZoneClock(zone)), [zone]);
  const { session } = data;
  const rows = session === null ? [] : tapeRows(session.events, chart.shownSeq + 1, tape);
  return (
    <section class="tape" id={sheetId('tape')} aria-label="Tape">
      {head}
      <header>
        <h2>Tape</h2>
        <TapeFilter filter={tape} onChange={(next) => settings.change({ tape: next })} />
      </header>
      <div class="scroll-box tape-rows">
        {session !== null && withGaps(rowsOf(rows), rows, session.events.bins)}
        {rows.length === 0 && <p class="quiet">No event passes the filter yet.</p>}
      </div>
    </section>
  );
}

/** Makes the rows of events; a row that is there already is the same one, which needs no second look. */
function keptRows(clock: ZoneClock): (events: readonly OrderEvent[]) => VNode[] {
  let kept: ReadonlyMap<OrderEvent, VNode> = new Map();
  return (events) => {
    kept = new Map(
      events.map((event) => [
        event,
        kept.get(event) ?? <TapeRow key={`${event.event}.${event.update}`} event={event} clock={clock} />,
      ]),
    );
    return [...kept.values()];
  };
}

/** Rows, and a line wherever bins between two of them were not received: other events may have been in them. */
function withGaps(rows: readonly VNode[], events: readonly OrderEvent[], bins: Spans): VNode[] {
  return rows.flatMap((row, at) => {
    const [newer, older] = [events[at - 1], events[at]];
    if (newer === undefined || older === undefined || bins.hasAll(older.seq, newer.seq)) return [row];
    const gap = (
      <p class="tape-gap quiet" key={`gap ${newer.seq}`}>
        bins that were not received
      </p>
    );
    return [gap, row];
  });
}

function TapeRow({ event, clock }: { event: OrderEvent; clock: ZoneClock }) {
  const terminal = useTerminal('proof', 'session');
  const { session } = terminal.data;
  if (session === null) return null;
  const { tickInt, priceDecimals } = session.contract;
  const { label, about } = eventWords[event.kind];
  const isOpen = terminal.proof.event === event;
  return (
    <button
      type="button"
      class={`tape-row side-${event.side} kind-${event.kind}`}
      aria-pressed={isOpen}
      title={`${about}. Click for its records.`}
      onClick={() => terminal.proof.show(isOpen ? null : event)}
    >
      <span class="quiet">{clock.time(Number(BigInt(event.ts_ns) / 1_000_000n), 3)}</span>
      <span>{label}</span>
      <span class="number">{formatPrice(event.tick, tickInt, priceDecimals)}</span>
      <span class="number size">{formatQuantity(event.size)}</span>
    </button>
  );
}
