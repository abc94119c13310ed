/*
 * Compares src/dbn with the official Python package on the corpus, the market files and random records:
 * `npm run test:interop -- dbn`. docs/dbn-interop.md, docs/dbn-records.md and the digests for `npm test` must say the same;
 * `--write` writes them.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import {
  batchOfRecord,
  type DbnRecord,
  decodeDbn,
  encodeMetadata,
  encodeRecord,
  type Field,
  layoutInVersion,
  layouts,
  type Metadata,
  type RecordBatch,
  RecordReader,
  RecordText,
  schemaRtypes,
  TsSymbolMap,
  type UnknownRecord,
  upgradeBatch,
  upgradeMetadata,
} from '../../src/dbn/index.ts';
import { missingShared, sessionFiles, sharedPath } from '../helpers/shared.ts';
import { content, corpusFiles, decompress } from './dbn_corpus.ts';
import { randomRecords } from './dbn_random.ts';
import { recordTables } from './dbn_record_tables.ts';

const root = resolve(import.meta.dirname, '../..');

interface Check {
  readonly file: string;
  readonly check: string;
  readonly records: number;
  readonly difference: string | null;
}

function run(command: string, args: readonly string[]): string {
  const { status, stdout, stderr, error } = spawnSync(command, args, { encoding: 'utf8', maxBuffer: 1 << 30 });
  if (status === 0) return stdout;
  throw new Error(`${command} ${args.join(' ')} failed: ${error?.message ?? stderr}`);
}

/** Every field of a record under DBN's name, 64-bit integers as decimal strings. */
function plainFields(record: DbnRecord | UnknownRecord): Record<string, unknown> {
  if (record.layout === 'unknown') return { rtype: record.rtype };
  const layout = layouts[record.layout];
  const plain: Record<string, unknown> = {};
  const put = (field: Field, values: Record<string, unknown>) => {
    const value = values[field.name];
    plain[field.dbnName] = typeof value === 'bigint' ? value.toString() : value;
  };
  for (const field of layout.fields) put(field, record as unknown as Record<string, unknown>);
  const { levels } = record as unknown as { levels?: Record<string, unknown>[] };
  for (const [index, fields] of layout.levels.entries()) for (const field of fields) put(field, levels![index]!);
  return plain;
}

function metadataFields(metadata: Metadata): Record<string, unknown> {
  return {
    ...metadata,
    start: String(metadata.start),
    end: metadata.end?.toString() ?? null,
    limit: metadata.limit?.toString() ?? null,
    recordCount: null,
  };
}

interface Exported {
  readonly name: string;
  readonly stream: Uint8Array;
  readonly fragment: boolean;
  readonly version: 1 | 2 | 3;
  readonly tsOut: boolean;
}

/** Writes everything that we make of a stream, for the other side to compare. */
function exportStream(folder: string, { name, stream, fragment, version, tsOut }: Exported): void {
  const write = (part: string, data: string | Uint8Array) => writeFileSync(join(folder, `${name}.${part}`), data);
  const { metadata, batches } = decodeDbn(stream, { fragment, decompress });
  const reader = new RecordReader({ tsOut });
  const copies: RecordBatch[] = [];
  const lines: string[] = [];
  const encoded: Uint8Array[] = metadata === null ? [] : [encodeMetadata(metadata)];
  for (const batch of batches) {
    const bytes = batch.bytes.slice();
    copies.push({ ...batch, bytes, words: new Uint32Array(bytes.buffer) });
    for (let index = 0; index < batch.count; index++) {
      const record = reader.read(batch, index);
      lines.push(JSON.stringify(plainFields(record)));
      encoded.push(encodeRecord(record));
    }
  }
  write('dbn', stream);
  write('encoded', Buffer.concat(encoded));
  write('fields', lines.join('\n'));
  write(
    'info',
    JSON.stringify({ fragment, version, tsOut, metadata: metadata === null ? null : metadataFields(metadata) }),
  );
  for (const to of [2, 3] as const) {
    const head = metadata === null ? [] : [encodeMetadata(upgradeMetadata(metadata, to))];
    write(`v${to}`, Buffer.concat([...head, ...copies.map((batch) => upgradeBatch(batch, to, tsOut).bytes)]));
  }
  const symbols = metadata === null ? null : new TsSymbolMap(metadata);
  for (const format of ['json', 'csv'] as const) {
    for (const pretty of [true, false]) {
      for (const mapped of symbols === null ? [false] : [false, true]) {
        const symbolOf = mapped ? { symbolOf: (id: number, date: number) => symbols!.get(id, date) } : {};
        const text = new RecordText({ format, prettyPrices: pretty, prettyTimes: pretty, tsOut, ...symbolOf });
        const part = `${format}.${pretty ? 'pretty' : 'plain'}${mapped ? '.symbols' : ''}`;
        const schema = metadata?.schema;
        const head = schema ? text.header(layoutInVersion(schemaRtypes[schema][0]!, version)!) : '';
        write(part, head + copies.map((batch) => text.lines(batch)).join(''));
      }
    }
  }
}

/** A DBZ file's records as a fragment, which the package can read; it cannot read DBZ. */
function dbzRecords(raw: Uint8Array): Buffer {
  return Buffer.concat(Array.from(decodeDbn(raw, { decompress }).batches, (batch) => batch.bytes.slice()));
}

/** DBZ metadata against that of the DBN file of the same request. */
function dbzMetadataChecks(): Check[] {
  const files = corpusFiles();
  return files
    .filter(({ isDbz, name }) => isDbz && !name.includes('definition'))
    .map(({ name, raw }) => {
      const other = files.find((file) => file.name === name.replace('.dbz', '.v1.dbn.zst'))!;
      const [ours, theirs] = [raw, other.raw].map((bytes) => decodeDbn(bytes, { decompress }).metadata!);
      const plain = (metadata: Metadata) => JSON.stringify(metadataFields(metadata));
      return {
        file: name,
        check: 'metadata',
        records: 2,
        difference: plain(ours!) === plain(theirs!) ? null : 'differs',
      };
    });
}

function exportAll(folder: string): void {
  for (const { name, raw, isDbz, isFragment, version } of corpusFiles()) {
    const stream = isDbz ? dbzRecords(raw) : content(raw);
    exportStream(folder, { name, stream, fragment: isFragment || isDbz, version, tsOut: false });
  }
  for (const path of sessionFiles.map((name) => sharedPath('data', name))) {
    const stream = content(readFileSync(path));
    exportStream(folder, {
      name: basename(path),
      stream,
      fragment: false,
      version: stream[3] as 1 | 2 | 3,
      tsOut: false,
    });
  }
  for (const layout of Object.values(layouts)) {
    for (const tsOut of [false, true]) {
      const records = randomRecords(layout, 200, tsOut, 7);
      for (const record of records) batchOfRecord(record);
      const name = `random.${layout.name}${tsOut ? '.ts_out' : ''}`;
      exportStream(folder, { name, stream: Buffer.concat(records), fragment: true, version: layout.version, tsOut });
    }
  }
}

function report(checks: readonly Check[], packageVersion: string): string {
  const files = [...new Set(checks.map(({ file }) => file))];
  const kinds = ['metadata', 'bytes', 'fields', 'encoded', 'v2', 'v3', 'json', 'csv'];
  const cell = (file: string, kind: string): string => {
    const found = checks.filter((check) => check.file === file && check.check.split('.')[0] === kind);
    if (found.length === 0) return '–';
    return found.every(({ difference }) => difference === null) ? '=' : '**differs**';
  };
  const rows = files.map((file) => {
    const of = checks.filter((check) => check.file === file);
    const dbz = of.find(({ check }) => check.startsWith('records equal'));
    if (dbz !== undefined)
      return `| ${file} | – | ${dbz.difference === null ? dbz.check : '**differs**'} |${' |'.repeat(7)}`;
    return `| ${file} | ${of[0]!.records} | ${kinds.map((kind) => cell(file, kind)).join(' | ')} |`;
  });
  const bad = checks.filter(({ difference }) => difference !== null);
  return `# DBN: ours against the official package

Written by \`npm run test:interop -- dbn --write\`, which compares \`src/dbn\` with \`databento_dbn\` ${packageVersion} (PyPI).
${checks.length} comparisons, ${bad.length} differences.

Each column is "ours equals theirs" for every record of the file: **metadata** all its fields, and its bytes when they
encode it; **bytes** the raw records that they decode; **fields** every field's value, theirs read through their own
dtypes; **encoded** what we encode from record objects, as they decode it; **v2**, **v3** the upgraded records' bytes;
**json**, **csv** the text, pretty and plain, with and without symbols. "random" are ${'200'} seeded records of a layout with
random bytes in every field, but letters in one-character fields: quotes there are escaped differently (see dbn.md). The package cannot read DBZ: it is given the records of those files, and their metadata is
compared with that of the DBN file of the same request, where there is one.

| file | records | ${kinds.join(' | ')} |
| --- | --- | ${kinds.map(() => '---').join(' | ')} |
${rows.join('\n')}
${bad.length === 0 ? '' : `\n## Differences\n\n${bad.map(({ file, check, difference }) => `- ${file}, ${check}: ${difference}`).join('\n')}\n`}`;
}

/** sha256 of the official text of each corpus file, which the test suite compares ours with when the package is not there. */
function digests(folder: string): string {
  const found: Record<string, string> = {};
  for (const { name, isDbz, isFragment } of corpusFiles()) {
    if (isDbz) continue;
    for (const part of ['json.pretty', 'json.plain', 'csv.pretty', 'csv.plain']) {
      for (const suffix of isFragment ? [''] : ['', '.symbols']) {
        const text = readFileSync(join(folder, `${name}.official.${part}${suffix}`));
        found[`${name} ${part}${suffix}`] = createHash('sha256').update(text).digest('hex');
      }
    }
  }
  return `${JSON.stringify(found, null, 2)}\n`;
}

/** Compares a file with what it should hold, or writes it. */
function settle(path: string, content: string, write: boolean): void {
  const whole = join(root, path);
  if (write) writeFileSync(whole, content);
  else if (readFileSync(whole, 'utf8') !== content) {
    console.error(`${path} says something else: npm run test:interop -- dbn --write`);
    process.exitCode = 1;
  }
}

function main(): void {
  if (missingShared !== false) {
    console.log(`SKIPPED: it reads the official corpus. ${missingShared}`);
    return;
  }
  const [python = 'python3', flag] = process.argv.slice(2);
  const write = flag === '--write';
  const folder = mkdtempSync(join(tmpdir(), 'spymaster-interop-'));
  try {
    exportAll(folder);
    const theirs = JSON.parse(run(python, [join(import.meta.dirname, 'dbn_interop.py'), folder])) as Check[];
    const checks = [...theirs, ...dbzMetadataChecks()];
    settle('docs/dbn-records.md', recordTables(), write);
    settle(
      'docs/dbn-interop.md',
      report(checks, run(python, ['-c', 'import importlib.metadata as m; print(m.version("databento-dbn"), end="")'])),
      write,
    );
    settle('test/interop/dbn_text_digests.json', digests(folder), write);
    const bad = checks.filter(({ difference }) => difference !== null);
    for (const { file, check, difference } of bad) console.error(`${file}, ${check}: ${difference}`);
    console.log(`${checks.length} comparisons, ${bad.length} differences`);
    if (bad.length > 0) process.exitCode = 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

main();
