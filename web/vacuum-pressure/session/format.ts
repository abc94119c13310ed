import { present } from '../../../src/errors.ts';

export {
  formatCount,
  formatFixed,
  formatPrice,
  formatPriceNumber,
  formatQuantity,
  formatRate,
  formatScore,
  formatShare,
  formatSigned,
  formatValue,
} from '../../shared/numbers.ts';

/** Where a stream's times are shown: the exchange's zone, UTC, or any IANA name. */
export const timeZones = [
  { zone: 'America/New_York', label: 'New York' },
  { zone: 'America/Chicago', label: 'Chicago' },
  { zone: 'UTC', label: 'UTC' },
  { zone: 'Europe/London', label: 'London' },
  { zone: 'Europe/Berlin', label: 'Berlin' },
  { zone: 'Asia/Tokyo', label: 'Tokyo' },
  { zone: 'Asia/Singapore', label: 'Singapore' },
] as const;

/** A zone as people say it; an IANA name that is not in the list stays as it is. */
export const zoneName = (zone: string) => timeZones.find((known) => known.zone === zone)?.label ?? zone;

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/** Clock times of one zone, right across changes of daylight saving time; a quarter hour is asked for only once. */
export class ZoneClock {
  readonly zone: string;
  readonly #parts: Intl.DateTimeFormat;
  readonly #offsets = new Map<number, number>();

  constructor(zone: string) {
    this.zone = zone;
    this.#parts = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
  }

  /** Milliseconds that the zone is ahead of UTC at a UNIX time in milliseconds. */
  offsetMs(unixMs: number): number {
    const quarter = Math.floor(unixMs / (hourMs / 4));
    let offset = this.#offsets.get(quarter);
    if (offset === undefined) {
      const start = quarter * (hourMs / 4);
      const part = Object.fromEntries(this.#parts.formatToParts(start).map(({ type, value }) => [type, Number(value)]));
      const wall = Date.UTC(
        present(part.year),
        present(part.month) - 1,
        present(part.day),
        present(part.hour),
        present(part.minute),
        present(part.second),
      );
      offset = wall - start;
      this.#offsets.set(quarter, offset);
    }
    return offset;
  }

  /** `2026-02-06` */
  date(unixMs: number): string {
    return new Date(unixMs + this.offsetMs(unixMs)).toISOString().slice(0, 10);
  }

  /** `09:30:00`, with as many decimals of a second as asked for. */
  time(unixMs: number, decimals: 0 | 1 | 2 | 3 = 0): string {
    const iso = new Date(Math.floor(unixMs) + this.offsetMs(unixMs)).toISOString();
    return iso.slice(11, decimals === 0 ? 19 : 20 + decimals);
  }

  /** `09:30` for whole minutes, else as `time` with the decimals that the step needs. */
  label(unixMs: number, stepMs: number): string {
    if (stepMs >= 60_000) return this.time(unixMs).slice(0, 5);
    return this.time(unixMs, stepMs >= 1000 ? 0 : stepMs >= 100 ? 1 : stepMs >= 10 ? 2 : 3);
  }

  /**
   * The UNIX milliseconds of a clock time `HH:MM[:SS[.mmm]]`, or null when the text is none. A session that began at
   * `startUnixMs` lasts to the next UTC midnight at most: the time is the one inside it, which in an evening session may be
   * on the next date; where none is, the one on the zone's date of `nearUnixMs`. Of a time that daylight saving repeats,
   * the first.
   */
  parse(text: string, nearUnixMs: number, startUnixMs: number): number | null {
    const match = /^(\d{1,2}):(\d{2})(?::(\d{2})(\.\d{1,3})?)?$/.exec(text.trim());
    if (match === null) return null;
    const [, hours, minutes, seconds = '0', fraction = '0'] = match;
    if (Number(hours) > 23 || Number(minutes) > 59 || Number(seconds) > 59) return null;
    const clockMs =
      Number(hours) * hourMs + Number(minutes) * 60_000 + Number(seconds) * 1000 + Number(fraction) * 1000;
    const nearWall = Date.parse(`${this.date(nearUnixMs)}T00:00:00Z`) + clockMs;
    const endUnixMs = (Math.floor(startUnixMs / dayMs) + 1) * dayMs;
    const inSession = [nearWall - dayMs, nearWall, nearWall + dayMs]
      .map((wall) => this.#unixMs(wall))
      .find((unixMs) => unixMs >= startUnixMs && unixMs <= endUnixMs);
    return inSession ?? this.#unixMs(nearWall);
  }

  /** UNIX milliseconds of what the zone's clocks show, given as if they showed UTC. */
  #unixMs(wall: number): number {
    const earlier = wall - this.offsetMs(wall - dayMs);
    return earlier + this.offsetMs(earlier) === wall ? earlier : wall - this.offsetMs(wall - this.offsetMs(wall));
  }
}

/** `1.5 s`, `2 min 05 s`, `1 h 02 min` */
export function formatDuration(ms: number): string {
  const size = Math.abs(ms);
  const sign = ms < 0 ? '−' : '';
  if (size < 1000) return `${sign}${Math.round(size)} ms`;
  if (size < 60_000) return `${sign}${(size / 1000).toFixed(size < 10_000 ? 1 : 0)} s`;
  const pad = (value: number) => String(Math.floor(value)).padStart(2, '0');
  if (size < hourMs) return `${sign}${Math.floor(size / 60_000)} min ${pad((size % 60_000) / 1000)} s`;
  return `${sign}${Math.floor(size / hourMs)} h ${pad((size % hourMs) / 60_000)} min`;
}

/** UNIX nanoseconds, in decimal too, as milliseconds to the microsecond. */
export function unixMsOf(ns: bigint | string): number {
  return Number(BigInt(ns) / 1000n) / 1000;
}
