import './proof_panel.css';
import type { OrderEvent } from '../session/event_ledger.ts';
import { eventWords } from '../session/event_words.ts';
import { formatCount, formatPrice, formatQuantity, formatSigned, ZoneClock } from '../session/format.ts';
import { useTerminal } from './use_terminal.ts';

const sideWords = { bid: 'bid', ask: 'ask', none: 'no side' } as const;
/** Kinds whose side is the aggressor's. */
const aggressive = new Set(['trade', 'stop', 'stop_run', 'sweep', 'large_trade']);

/** What proves an event: its numbers, and the records and orders that tell it. */
export function ProofPanel() {
  const terminal = useTerminal('proof', 'settings', 'session');
  const { proof, data, settings } = terminal;
  const { event } = proof;
  if (event === null || data.session === null) return null;
  const clock = new ZoneClock(settings.current.zone);
  const time = (ns: string) => `${clock.time(Number(BigInt(ns) / 1_000_000n), 3)}${ns.slice(-6)}`;
  const { tickInt, priceDecimals, quantityUnit } = data.session.contract;
  const side =
    aggressive.has(event.kind) && event.side !== 'none'
      ? event.side === 'bid'
        ? 'buyer'
        : 'seller'
      : sideWords[event.side];
  return (
    <aside class="proof" aria-label="Records of the event">
      <header>
        <h2>{eventWords[event.kind].label}</h2>
        <button type="button" title="Show it on the chart" onClick={() => terminal.playback.seek(event.seq)}>
          Go to
        </button>
        <button type="button" aria-label="Close the event" onClick={() => proof.show(null)}>
          ✕
        </button>
      </header>
      <Among />
      <p class="quiet">{eventWords[event.kind].about}.</p>
      <dl>
        <Row name="Known" value={time(event.ts_ns)} />
        {event.start_ns !== event.ts_ns && <Row name="Began" value={time(event.start_ns)} />}
        <Row name="Side" value={side} />
        <Row name="Price" value={formatPrice(event.tick, tickInt, priceDecimals)} />
        <Row name="Size" value={`${formatQuantity(event.size)} ${quantityUnit}`} />
        {event.levels > 1 && <Row name="Prices" value={String(event.levels)} />}
        {details(event, tickInt, priceDecimals).map(([name, value]) => (
          <Row key={name} name={name} value={value} />
        ))}
      </dl>
      <h3>Records, by sequence number</h3>
      <p class="ids">{event.sequences.join(', ')}</p>
      <h3>Orders, by id</h3>
      <p class="ids">{event.order_ids.join(', ')}</p>
    </aside>
  );
}

/** Leads through the events of one mark. */
function Among() {
  const { proof } = useTerminal('proof');
  const { event, among } = proof;
  if (event === null || among.length < 2) return null;
  const at = among.indexOf(event);
  const step = (by: number, label: string, sign: string) => {
    const next = among[at + by];
    return (
      <button
        type="button"
        aria-label={label}
        disabled={next === undefined}
        onClick={() => next !== undefined && proof.show(next, among)}
      >
        {sign}
      </button>
    );
  };
  return (
    <p class="among">
      {step(-1, 'The event before, of this mark', '‹')}
      <span>
        {formatCount(at + 1)} of {formatCount(among.length)} under this mark
      </span>
      {step(1, 'The next event of this mark', '›')}
    </p>
  );
}

function Row({ name, value }: { name: string; value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

/** The numbers of the event's kind, as people read them. */
function details({ detail }: OrderEvent, tickInt: number, decimals: number): (readonly [string, string])[] {
  return Object.entries(detail).map(([key, value]) => {
    const words = key.replace(/_(int|ns)$/, '').replaceAll('_', ' ');
    const name = `${words.slice(0, 1).toUpperCase()}${words.slice(1)}`;
    if (key.endsWith('_int')) return [name, formatPrice(Number(value) / tickInt, tickInt, decimals)];
    if (key.endsWith('_ns')) return [name, `${(Number(value) / 1e6).toFixed(3)} ms`];
    if (typeof value === 'string') return [name, value];
    return [name, key === 'share' ? `${Math.round(value * 100)} %` : formatSigned(value).replace('+', '')];
  });
}
