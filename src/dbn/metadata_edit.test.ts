import { deepEqual, equal, throws } from 'node:assert/strict';
import { test } from 'node:test';
import { type Metadata, mergeMetadata, narrowMetadata, nsOfDate } from './index.ts';

const base: Metadata = {
  version: 3,
  dataset: 'GLBX.MDP3',
  schema: 'mbo',
  start: nsOfDate(20240101),
  end: nsOfDate(20240103),
  limit: 5n,
  recordCount: null,
  stypeIn: 'raw_symbol',
  stypeOut: 'instrument_id',
  tsOut: false,
  symbolCstrLen: 71,
  symbols: ['ESH4'],
  partial: [],
  notFound: ['NQH4'],
  mappings: [{ rawSymbol: 'ESH4', intervals: [{ startDate: 20240101, endDate: 20240103, symbol: '7' }] }],
};
const other: Metadata = {
  ...base,
  schema: 'trades',
  start: nsOfDate(20240103),
  end: nsOfDate(20240105),
  symbols: ['NQH4', 'ESH4'],
  notFound: [],
  mappings: [
    { rawSymbol: 'NQH4', intervals: [{ startDate: 20240103, endDate: 20240105, symbol: '8' }] },
    {
      rawSymbol: 'ESH4',
      intervals: [
        { startDate: 20240103, endDate: 20240104, symbol: '7' },
        { startDate: 20240104, endDate: 20240105, symbol: '9' },
      ],
    },
  ],
};

test('merged metadata spans both streams, whichever comes first', () => {
  const merged = mergeMetadata([base, other]);
  deepEqual(merged, {
    ...base,
    schema: null,
    end: other.end,
    limit: null,
    symbols: ['ESH4', 'NQH4'],
    notFound: [],
    mappings: [
      {
        rawSymbol: 'ESH4',
        intervals: [
          { startDate: 20240101, endDate: 20240104, symbol: '7' },
          { startDate: 20240104, endDate: 20240105, symbol: '9' },
        ],
      },
      { rawSymbol: 'NQH4', intervals: [{ startDate: 20240103, endDate: 20240105, symbol: '8' }] },
    ],
  });
  deepEqual(mergeMetadata([other, base]), merged);
  equal(mergeMetadata([base, { ...other, end: null }]).end, null);
});

test('streams that do not belong together are refused by name', () => {
  throws(() => mergeMetadata([base, { ...other, dataset: 'XNAS.ITCH' }]), {
    code: 'SCHEMA_MISMATCH',
    message: /dataset/,
  });
  throws(() => mergeMetadata([base, { ...other, version: 2 }]), { message: /Upgrade/ });
  const contradiction = [{ rawSymbol: 'ESH4', intervals: [{ startDate: 20240102, endDate: 20240105, symbol: '99' }] }];
  throws(() => mergeMetadata([base, { ...other, mappings: contradiction }]), { message: /7 and another to 99/ });
});

test('narrowed metadata holds the symbols and times that are left', () => {
  const merged = mergeMetadata([base, other]);
  const day = { start: nsOfDate(20240104), end: nsOfDate(20240105) };
  const narrowed = narrowMetadata(merged, { ...day, schema: 'mbo', limit: 3n, symbols: new Set(['ESH4']) });
  deepEqual(narrowed, {
    ...merged,
    ...day,
    schema: 'mbo',
    limit: 3n,
    symbols: ['ESH4'],
    mappings: [{ rawSymbol: 'ESH4', intervals: [{ startDate: 20240104, endDate: 20240105, symbol: '9' }] }],
  });
  deepEqual(narrowMetadata(merged, {}), merged);
});
