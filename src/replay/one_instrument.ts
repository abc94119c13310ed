import { type Metadata, namedInstruments } from '../dbn/index.ts';
import { SpymasterError } from '../errors.ts';

// One instrument of a file, chosen by options of a command; `purpose` is what it is needed for: 'follow orders through a queue'.

/** The symbol of a file that maps one or none; '' for none. @throws SYMBOL_UNKNOWN for several */
export function onlySymbol(metadata: Metadata, purpose: string): string {
  const symbols = [...new Set(namedInstruments(metadata).map(({ symbol }) => symbol))];
  if (symbols.length <= 1) return symbols[0] ?? '';
  throw severalSymbols(symbols, purpose);
}

/** @throws SCHEMA_MISMATCH for a file of another schema than mbo */
export function assertMbo({ schema }: Metadata, purpose: string): void {
  if (schema !== null && schema !== 'mbo') {
    throw new SpymasterError(
      'SCHEMA_MISMATCH',
      `Cannot ${purpose} in a file of schema ${schema}: it needs every order. Give one of schema mbo.`,
      { schema },
    );
  }
}

/** The error of a choice of records in terms of a command's options: others speak of runtime fields. */
export function inTermsOfOptions(error: unknown, purpose: string): unknown {
  if (!(error instanceof SpymasterError)) return error;
  const { code, message, fields } = error;
  const known = Array.isArray(fields.known) ? fields.known.map(String) : [];
  if (code === 'SYMBOL_UNKNOWN' && fields.symbol === '' && known.length > 0) return severalSymbols(known, purpose);
  if (code !== 'PUBLISHER_UNKNOWN') return error;
  const text = message.replace(
    'add publisher_id, one of these, to the runtime fields',
    'choose one with --publisher-id',
  );
  return new SpymasterError(code, text, fields);
}

export function noRecords(symbol: string, purpose: string): SpymasterError {
  const of = symbol === '' ? '' : ` of ${symbol}`;
  return new SpymasterError(
    'FILE_EMPTY',
    `Cannot ${purpose}: the file holds no order records${of}. Fetch it again, or give another.`,
  );
}

function severalSymbols(symbols: readonly string[], purpose: string): SpymasterError {
  const listed = symbols.slice(0, 12).join(', ');
  return new SpymasterError(
    'SYMBOL_UNKNOWN',
    `Cannot ${purpose} of several symbols: the file maps ${listed}. Choose one with --symbol.`,
    { known: symbols },
  );
}
