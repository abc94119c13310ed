import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import { missingShared as skip } from '../../test/helpers/shared.ts';
import { corpusFiles, decompress } from '../../test/interop/dbn_corpus.ts';
import { dateOfNs, decodeDbn, type Metadata, nsOfDate, PitSymbolMap, RecordReader, TsSymbolMap } from './index.ts';

const metadata: Metadata = {
  version: 3,
  dataset: 'XNAS.ITCH',
  schema: 'trades',
  start: nsOfDate(20230701),
  end: nsOfDate(20230801),
  limit: null,
  recordCount: null,
  stypeIn: 'raw_symbol',
  stypeOut: 'instrument_id',
  tsOut: false,
  symbolCstrLen: 71,
  symbols: ['AAPL', 'TSLA'],
  partial: [],
  notFound: [],
  mappings: [
    {
      rawSymbol: 'AAPL',
      intervals: [
        { startDate: 20230701, endDate: 20230703, symbol: '32' },
        { startDate: 20230703, endDate: 20230801, symbol: '33' },
      ],
    },
    {
      rawSymbol: 'TSLA',
      intervals: [
        { startDate: 20230701, endDate: 20230703, symbol: '33' },
        { startDate: 20230703, endDate: 20230704, symbol: '' },
      ],
    },
  ],
};

test('TsSymbolMap knows which symbol an id had on a date', () => {
  const map = new TsSymbolMap(metadata);
  equal(map.get(32, 20230702), 'AAPL');
  equal(map.get(32, 20230703), undefined);
  equal(map.get(33, 20230702), 'TSLA');
  equal(map.get(33, 20230731), 'AAPL');
  equal(map.get(33, 20230801), undefined);
  deepEqual(
    map.instrumentsOf(new Set(['AAPL'])),
    new Map([
      [32, [{ start: nsOfDate(20230701), end: nsOfDate(20230703) }]],
      [33, [{ start: nsOfDate(20230703), end: nsOfDate(20230801) }]],
    ]),
  );
  equal(new TsSymbolMap({ ...metadata, mappings: [] }).isEmpty, true);
});

test('mappings from ids to symbols give the same map', () => {
  const reversed: Metadata = {
    ...metadata,
    stypeIn: 'instrument_id',
    stypeOut: 'raw_symbol',
    mappings: [{ rawSymbol: '32', intervals: [{ startDate: 20230701, endDate: 20230703, symbol: 'AAPL' }] }],
  };
  equal(new TsSymbolMap(reversed).get(32, 20230701), 'AAPL');
  equal(new PitSymbolMap(reversed, 20230701).get(32), 'AAPL');
});

test('PitSymbolMap starts with one date and follows mapping records', () => {
  const map = new PitSymbolMap(metadata, 20230702);
  equal(map.size, 2);
  equal(map.get(33), 'TSLA');
  map.onRecord({
    layout: 'symbolMappingV2',
    tsEvent: 1n,
    rtype: 22,
    publisherId: 0,
    instrumentId: 33,
    stypeIn: 1,
    stypeInSymbol: 'AAPL',
    stypeOut: 1,
    stypeOutSymbol: 'AAPL',
    startTs: 0n,
    endTs: 0n,
  });
  equal(map.get(33), 'AAPL');
});

test('corpus: each record that has a mapping finds its symbol', { skip }, () => {
  let found = 0;
  for (const { raw, isFragment } of corpusFiles()) {
    if (isFragment) continue;
    const { metadata: ours, batches } = decodeDbn(raw, { decompress });
    const map = new TsSymbolMap(ours!);
    const reader = new RecordReader();
    for (const batch of batches) {
      for (let index = 0; index < batch.count; index++) {
        const record = reader.read(batch, index);
        if (record.layout === 'unknown') continue;
        const symbol = map.ofRecord(record);
        if (symbol === undefined) continue;
        equal(ours!.symbols.includes(symbol), true);
        found++;
      }
    }
  }
  equal(found > 80, true, `${found} records`);
});

test('dates and nanoseconds go both ways', () => {
  for (const date of [19700101, 20231231, 20240229, 25540721]) equal(dateOfNs(nsOfDate(date)), date);
  equal(dateOfNs(nsOfDate(20240301) - 1n), 20240229);
});
