import { type BundleFormat, type BundlePartition, tickSizeInt } from '../config/index.ts';
import { assert, present } from '../errors.ts';
import { formatCount, formatNewYork } from '../format.ts';
import { type DatasetManifest, datasetAnomalies } from '../lake/index.ts';
import {
  type ColumnMeaning,
  columnMeanings,
  featureMeanings,
  isPrice,
  mayBeNull,
  sidesOfPrice,
} from '../wire/index.ts';

import type { BundleColumn, TableName } from './bundle_plan.ts';

/** Version 1 had 0 for the prices of a missing side. */
export const bundleVersion = 2;

/** Content and source of a bundle: its `manifest.json`. */
export interface BundleManifest {
  readonly bundle_version: number;
  readonly dataset_id: string;
  /** SHA-256 of the dataset's files, which were verified before the copying. */
  readonly dataset_checksums: Readonly<Record<string, string>>;
  readonly format: BundleFormat;
  readonly partition: BundlePartition;
  /** Columns that were asked for; null: all. */
  readonly columns: readonly string[] | null;
  /** UNIX nanoseconds as decimal strings; null: no bound. */
  readonly from_ns: string | null;
  readonly to_ns: string | null;
  readonly code_version: string;
  readonly bins: number;
  readonly tables: readonly {
    readonly name: TableName;
    readonly rows: number;
    readonly keys: readonly string[];
    readonly columns: readonly BundleColumn[];
    readonly files: readonly { readonly path: string; readonly rows: number }[];
  }[];
  /** How the bundle was verified. */
  readonly verified: string;
  /** The dataset's own manifest. */
  readonly dataset: DatasetManifest;
}

const arrowNames: Record<BundleColumn['type'], string> = {
  BIGINT: 'int64',
  INTEGER: 'int32',
  TINYINT: 'int8',
  DOUBLE: 'float64',
  BOOLEAN: 'bool',
};
const tableMeanings: Record<TableName, string> = {
  bins: 'One row a bin, in order.',
  features:
    'One row a bin, in order: volume, delta, sums since since_ns, session levels, and counts of orders; null where a value is not known.',
  grid_clean:
    'One row per bin and price tick of the window around spot, in order; rows whose every value besides k is zero are left out.',
};

const meanings: Readonly<Record<string, ColumnMeaning>> = { ...columnMeanings, ...featureMeanings };

/** `schema.json`: type, unit and meaning of every column of a bundle. */
export function bundleSchema({ tables, dataset }: BundleManifest): object {
  const unit = dataset.resolved_config.qty_unit;
  return {
    schema_version: 1,
    tables: tables.map(({ name, keys, columns }) => ({
      name,
      meaning: tableMeanings[name],
      key: keys,
      columns: columns.map((column) => {
        const meaning = meanings[column.name];
        assert(meaning !== undefined, `every column of a dataset has a meaning, ${column.name} too`);
        return {
          name: column.name,
          type: arrowNames[column.type],
          duckdb_type: column.type,
          nullable: mayBeNull(column.name),
          unit: meaning.unit.replace('qty', unit),
          meaning: isPrice(column.name) ? `${meaning.meaning}; ${nullWords(column.name)}` : meaning.meaning,
        };
      }),
    })),
  };
}

/** When a price is null: `null unless has_bid and has_ask`. */
function nullWords(name: keyof typeof sidesOfPrice): string {
  return `null unless ${sidesOfPrice[name].join(' and ')}; a price may be 0 or negative`;
}

/** `README.md`: the bundle and how to read it, for a reader who has nothing else. */
export function bundleReadme(manifest: BundleManifest): string {
  const { dataset, tables } = manifest;
  const { spec, resolved_config: runtime, source } = dataset;
  const [start, end] = [dataset.capture.start_ns, dataset.capture.end_ns].map((ns) => shortTime(ns));
  const part = [
    ...(manifest.columns === null ? [] : ['only the columns of schema.json']),
    ...(manifest.from_ns === null ? [] : [`only bins from ${shortTime(manifest.from_ns)}`]),
    ...(manifest.to_ns === null ? [] : [`only bins until ${shortTime(manifest.to_ns)}`]),
  ];
  const anomalies = datasetAnomalies(dataset);
  const lines = [
    `# ${manifest.dataset_id}`,
    '',
    `Order-book physics of ${runtime.symbol} (${runtime.product_type}) on ${spec.capture.dt}, from ${start} to ${end}: a bin every ` +
      `${runtime.cell_width_ms} ms, and for each bin the ticks within ±${runtime.grid_radius_ticks} of spot. Made by Spymaster ` +
      `${dataset.code_version}, published by ${manifest.code_version}.`,
    ...(spec.description === '' ? [] : ['', spec.description]),
    ...(part.length === 0 ? [] : ['', `A part of the dataset: ${part.join('; ')}.`]),
    '',
    '## What is here',
    '',
    '| table | rows | files | |',
    '| --- | ---: | --- | --- |',
    ...tables.map(({ name, rows, files }) => {
      const where = files.length === 1 ? present(files[0]).path : `${files.length} files in ${name}/`;
      return `| ${name} | ${formatCount(rows)} | ${where} | ${tableMeanings[name]} |`;
    }),
    '',
    '`schema.json` has type, unit and meaning of every column, `manifest.json` everything that the data was made from,',
    '`checksums.json` the SHA-256 of every file. All files are read-only.',
    ...(manifest.partition === 'hour' ? ['', partitionText] : []),
    '',
    `Units: ${unitsText(runtime.qty_unit)} Prices end in \`_price_int\` and are whole units of 1e-9, times end in \`_ns\` and are`,
    'nanoseconds since 1970-01-01 UTC: both need 64-bit integers, a double cannot hold them. No value is NaN or infinite.',
    'Prices may be 0 or negative; a price whose side of the book was empty is null (`has_bid`, `has_ask`), nothing else is.',
    `The price of a grid row is \`spot_ref_price_int + k * ${tickSizeInt(runtime)}\`, with the bin's spot.`,
    '',
    '## How to read it',
    '',
    ...readingText(manifest),
    '',
    '## Where it comes from',
    '',
    `- source file: ${source.file_name}, ${formatCount(source.size_bytes)} bytes, sha256 ${source.sha256}`,
    `- events replayed: ${formatCount(dataset.counters.events ?? 0)}`,
    ...(anomalies.length === 0
      ? ['- nothing was wrong with the feed']
      : ['- what was wrong with the feed:', ...anomalies.map((sentence) => `  - ${sentence}`)]),
    `- verified: ${manifest.verified}`,
    '',
    '## Licence',
    '',
    'The raw data of the vendor is not included; the numbers here are derived from it. Whether and to whom derived data may be',
    "passed on is a matter of the vendor's and the exchange's licence, which this bundle neither grants nor extends.",
    '',
  ];
  return lines.join('\n');
}

const partitionText =
  'Files lie under `date=…/hour=…` (hive style): New York date and hour of the start of their bins. When clocks are set back, the ' +
  'hour that comes twice is one file.';

function unitsText(unit: string): string {
  return `quantities are ${unit}, velocities ${unit}/s, accelerations ${unit}/s², jerks ${unit}/s³.`;
}

function readingText({ tables, format, partition }: BundleManifest): string[] {
  const { name } = present(tables.at(-1));
  const suffix = { parquet: 'parquet', arrow: 'arrows', csv: 'csv' }[format];
  const isSplit = partition === 'hour';
  const one = isSplit ? present(present(tables.at(-1)).files[0]).path : `${name}.${suffix}`;
  const all = isSplit ? `${name}/*/*/data.${suffix}` : one;
  const hive = isSplit ? ', hive_partitioning = true' : '';
  if (format === 'arrow') {
    return [
      'The files are Arrow IPC streams of record batches:',
      '',
      '```python',
      'import pyarrow, pyarrow.ipc, duckdb, polars',
      `table = pyarrow.ipc.open_stream("${one}").read_all()`,
      'frame = table.to_pandas()                       # pandas',
      `frame = polars.read_ipc_stream("${one}")        # polars`,
      'duckdb.sql("SELECT bin_seq, count(*) FROM table GROUP BY ALL")  # DuckDB, over pyarrow',
      '```',
      ...(isSplit ? ['', `The other files of \`${name}/\` alike.`] : []),
    ];
  }
  const read = format === 'parquet' ? `read_parquet('${all}'${hive})` : `read_csv('${all}'${hive})`;
  const [pandas, polars] =
    format === 'parquet'
      ? [`pandas.read_parquet("${isSplit ? name : one}")`, `polars.read_parquet("${all}")`]
      : [
          `pandas.read_csv("${one}")  # before pandas 3 with float_precision="round_trip", else last digits are rounded`,
          `polars.read_csv("${one}", infer_schema_length=None)`,
        ];
  return [
    '```',
    `duckdb -c "SELECT bin_seq, count(*) FROM ${read} GROUP BY ALL ORDER BY ALL"`,
    '```',
    '```python',
    'import pandas, polars',
    `frame = ${pandas}`,
    `frame = ${polars}`,
    '```',
    ...(format === 'csv' ? ['', 'Doubles are written in the shortest form that reads back as the same double.'] : []),
  ];
}

/** `2026-02-06 09:25:00 New York time`. */
function shortTime(unixNs: string | undefined): string {
  return formatNewYork(BigInt(unixNs ?? 0)).replace(/\.0{9}/, '');
}
