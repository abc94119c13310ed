import { captureWindow } from '../config/index.ts';
import { namedInstruments } from '../dbn/index.ts';
import { SpymasterError } from '../errors.ts';
import { openRecords } from '../files/index.ts';
import { findRawFile, Lake, latestRawDate } from '../lake/index.ts';
import type { SessionOptions } from '../replay/index.ts';
import { lockedRuntime, runtimeOf } from './instrument.ts';

/** What of a session a user named; what is missing is found. */
export interface BenchRequest {
  readonly file?: string;
  readonly symbol?: string;
  readonly date?: string;
  /** New York clock time HH:MM. */
  readonly start: string;
  readonly maxBins: number;
  readonly lakeRoot: string;
}

/**
 * The window to replay: of the file if one is named, elsewhere of the lake's session. Throws what finding and opening it
 * throws, INSTRUMENT_LOCKED for another symbol than the lake's, USAGE where a file does not say which symbol is meant.
 */
export async function benchSession(request: BenchRequest): Promise<SessionOptions> {
  const { path, runtime, date } =
    request.file === undefined ? await inLake(request) : await inFile(request.file, request);
  const whole = captureWindow(runtime.product_type, date, request.start);
  const endNs = whole.startNs + BigInt(request.maxBins * runtime.cell_width_ms) * 1_000_000n;
  // The last bins of a session end with it, as they do in a replay.
  const capture = { ...whole, endNs: endNs < whole.sessionEndNs ? endNs : null };
  return { path, runtime, date, capture };
}

type Found = Pick<SessionOptions, 'path' | 'runtime' | 'date'>;

async function inLake({ symbol, date, lakeRoot }: BenchRequest): Promise<Found> {
  const lake = new Lake(lakeRoot);
  const runtime = await lockedRuntime(symbol);
  const { product_type: productType } = runtime;
  const day = date ?? (await latestRawDate(lake, productType, runtime.symbol));
  return { path: await findRawFile(lake, productType, runtime.symbol, day), runtime, date: day };
}

async function inFile(path: string, { symbol, date }: BenchRequest): Promise<Found> {
  await using source = await openRecords(path);
  const { metadata } = source;
  const named = [...new Set(namedInstruments(metadata).map((instrument) => instrument.symbol))];
  const only = symbol ?? (named.length === 1 ? named[0] : undefined);
  if (only === undefined) {
    const maps = named.length === 0 ? 'no symbols' : `${named.length} symbols`;
    throw new SpymasterError(
      'USAGE',
      `Cannot tell which instrument of ${path} to replay: it maps ${maps}; give --symbol.`,
    );
  }
  if (date === undefined && metadata.start === 0n) {
    throw new SpymasterError(
      'USAGE',
      `Cannot tell which session of ${path} to replay: it names no start; give --date.`,
    );
  }
  return { path, runtime: await runtimeOf(only), date: date ?? utcDate(metadata.start) };
}

function utcDate(unixNs: bigint): string {
  return Temporal.Instant.fromEpochNanoseconds(unixNs).toZonedDateTimeISO('UTC').toPlainDate().toString();
}
