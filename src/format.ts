/** A count with thousands separators: 1234567 → `1,234,567`. */
export function formatCount(count: number | bigint): string {
  // Intl takes 25 ms when it is first used, which is half of a short command.
  const isWhole = typeof count === 'bigint' || Number.isSafeInteger(count);
  return isWhole ? String(count).replace(/\B(?=(\d{3})+$)/g, ',') : count.toLocaleString('en-US');
}

/** A number with a fixed number of decimals, a real minus sign, and a plus sign where asked for; a dash where it is not defined. */
export function formatFixed(value: number, decimals: number, plus = false): string {
  if (!Number.isFinite(value)) return '–';
  const text = Math.abs(value).toFixed(decimals);
  if (Number(text) === 0) return text;
  return value < 0 ? `−${text}` : plus ? `+${text}` : text;
}

/** Names in a row, of many the first `most` and how many others there are: `a, b and 3 more`. */
export function formatNames(names: readonly string[], most: number): string {
  const shown = names.slice(0, most).join(', ');
  return names.length > most ? `${shown} and ${names.length - most} more` : shown;
}

/** A p-value or a probability: three decimals, of a small one its order of magnitude. */
export function formatChance(chance: number): string {
  return chance < 0.001 ? chance.toExponential(0) : chance.toFixed(3);
}

/** Ticks, as a mean of trades: two decimals; a dash where there is none. */
export function formatTicks(ticks: number | null): string {
  return formatFixed(ticks ?? Number.NaN, 2);
}

/** A rate in three significant figures or so: 3518400 → `3.52 M`, 12400 → `12.4 k`, 870 → `870`. */
export function formatRate(perSecond: number): string {
  for (const [scale, suffix] of [
    [1e9, ' G'],
    [1e6, ' M'],
    [1e3, ' k'],
  ] as const) {
    if (perSecond >= scale) return `${(perSecond / scale).toPrecision(3)}${suffix}`;
  }
  return perSecond >= 100 ? perSecond.toFixed(0) : perSecond.toPrecision(3);
}

/** Bytes in the unit that reads best: 1050591 → `1.05 MB`. */
export function formatBytes(bytes: number): string {
  for (const [scale, suffix] of [
    [1e9, ' GB'],
    [1e6, ' MB'],
    [1e3, ' kB'],
  ] as const) {
    if (bytes >= scale) return `${(bytes / scale).toPrecision(3)}${suffix}`;
  }
  return `${bytes} B`;
}

/** A span of time in seconds as people say it: 0.0123 → `12 ms`, 75 → `1 min 15 s`, 7260 → `2 h 1 min`. */
export function formatDurationS(seconds: number): string {
  if (seconds < 1) return `${Math.round(seconds * 1000)} ms`;
  if (seconds < 60) return `${seconds < 10 ? seconds.toFixed(1) : Math.round(seconds)} s`;
  const whole = Math.round(seconds);
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}

const newYork = 'America/New_York';

/** Microseconds as people say a latency: `0`, `100 µs`, `5 ms`. */
export function formatLatencyUs(us: number): string {
  return us === 0 ? '0' : us < 1000 ? `${us} µs` : `${us / 1000} ms`;
}

/**
 * A UNIX time in nanoseconds as New York time, to the nanosecond: `2026-02-06 09:25:00.000000000 New York time`. In the hour that
 * clocks show twice when they are set back the distance to UTC tells which.
 */
export function formatNewYork(unixNs: bigint): string {
  const at = Temporal.Instant.fromEpochNanoseconds(unixNs).toZonedDateTimeISO(newYork);
  const isShownTwice = (['earlier', 'later'] as const).some(
    (disambiguation) => at.toPlainDateTime().toZonedDateTime(newYork, { disambiguation }).offset !== at.offset,
  );
  const time = `${at.toPlainDate()} ${at.toPlainTime().toString({ fractionalSecondDigits: 9 })} New York time`;
  return isShownTwice ? `${time}, UTC${at.offset.slice(0, 3)}` : time;
}

/** A price given in 1e-9 units, without trailing zeros beyond two decimals: 21500250000000n → `21500.25`. */
export function formatPriceInt(priceInt: bigint): string {
  const sign = priceInt < 0n ? '-' : '';
  const magnitude = priceInt < 0n ? -priceInt : priceInt;
  const fraction = (magnitude % 1_000_000_000n).toString().padStart(9, '0').replace(/0+$/, '').padEnd(2, '0');
  return `${sign}${magnitude / 1_000_000_000n}.${fraction}`;
}

/** `1 file`, `2 files`; the count gets thousands separators. */
export function plural(count: number, singular: string, several = `${singular}s`): string {
  return `${formatCount(count)} ${count === 1 ? singular : several}`;
}

/** `a`, `a and b`, `a, b and c`. */
export function joinWords(words: readonly string[]): string {
  if (words.length < 2) return words.join('');
  return `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
}

/** A word as a POSIX shell reads it: in single quotes unless none of its characters means anything to the shell. */
export function shellWord(text: string): string {
  return /^[\w./=+@%-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
