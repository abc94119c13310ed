import { decodeDbn, encodeMetadata } from '../../src/dbn/index.ts';
import { notNull } from '../../src/errors.ts';

const dayNs = 86_400_000_000_000n;

/** A DBN file of MBO records so many days later: its records, its times and the dates of its symbols. */
export function laterSession(bytes: Uint8Array, days: number): Uint8Array {
  const decoded = decodeDbn(bytes);
  const metadata = notNull(decoded.metadata);
  const byNs = BigInt(days) * dayNs;
  const parts: Uint8Array[] = [];
  for (const { bytes: run, recordBytes } of decoded.batches) {
    const part = run.slice();
    const view = new DataView(part.buffer);
    for (let at = 0; at < part.length; at += recordBytes) {
      for (const field of [8, 40]) view.setBigUint64(at + field, view.getBigUint64(at + field, true) + byNs, true);
    }
    parts.push(part);
  }
  const { start, end } = metadata;
  const mappings = metadata.mappings.map(({ rawSymbol, intervals }) => ({
    rawSymbol,
    intervals: intervals.map((interval) => ({
      ...interval,
      startDate: laterDate(interval.startDate, days),
      endDate: laterDate(interval.endDate, days),
    })),
  }));
  const moved = { ...metadata, start: start + byNs, end: end === null ? null : end + byNs, mappings };
  return Buffer.concat([encodeMetadata(moved), ...parts]);
}

/** A date as YYYYMMDD, some days later. */
function laterDate(date: number, days: number): number {
  const text = String(date).replace(/(\d{4})(\d\d)(\d\d)/, '$1-$2-$3');
  return Number(Temporal.PlainDate.from(text).add({ days }).toString().replaceAll('-', ''));
}
