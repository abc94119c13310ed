import { deepEqual, equal, ok } from 'node:assert/strict';
import { test } from 'node:test';
import { layoutInVersion, layoutOf, layouts } from './index.ts';

/** FNV-1a of each layout's rows, recorded when they were equal to the official library's. */
const pinnedHashes = {
  bbo: 680660887,
  cbbo: 680751467,
  cmbp1: 2942288878,
  mbo: 1346711888,
  mbp1: 597085476,
  mbp10: 3658937357,
  ohlcv: 1245057985,
  trades: 515502843,
  imbalance: 3663489797,
  statisticsV1: 1395351533,
  statisticsV3: 1435127927,
  status: 1181832980,
  definitionV1: 1810876739,
  definitionV2: 1413142173,
  definitionV3: 1747443802,
  errorV1: 1819438058,
  errorV2: 246593076,
  symbolMappingV1: 2256135218,
  symbolMappingV2: 3364109494,
  systemV1: 2443578456,
  systemV2: 3621271,
};

test('every layout has the size that DBN gives it', () => {
  deepEqual(Object.fromEntries(Object.values(layouts).map(({ name, recordBytes }) => [name, recordBytes])), {
    mbo: 56,
    trades: 48,
    mbp1: 80,
    mbp10: 368,
    bbo: 80,
    cmbp1: 80,
    cbbo: 80,
    ohlcv: 56,
    status: 40,
    imbalance: 112,
    statisticsV1: 64,
    statisticsV3: 80,
    definitionV1: 360,
    definitionV2: 400,
    definitionV3: 520,
    errorV1: 80,
    errorV2: 320,
    symbolMappingV1: 80,
    symbolMappingV2: 176,
    systemV1: 80,
    systemV2: 320,
  });
});

test('fields lie inside their record, beside each other and on their alignment', () => {
  for (const { name, recordBytes, fields, levels } of Object.values(layouts)) {
    const owner = new Map<number, string>();
    for (const field of [fields, ...levels].flat()) {
      for (let at = field.offset; at < field.offset + field.bytes; at++) {
        ok(at >= 1 && at < recordBytes, `${name}.${field.dbnName} lies inside`);
        equal(owner.get(at), undefined, `${name}.${field.dbnName} shares byte ${at}`);
        owner.set(at, field.dbnName);
      }
      if (field.type === 'cstr') continue;
      equal(field.offset % Math.min(field.bytes, 4), 0, `${name}.${field.dbnName} is aligned to its words`);
    }
  }
});

test('no offset moved: fields in memory order, with the bytes between them', () => {
  const shape = (name: keyof typeof layouts): string =>
    [layouts[name].fields, ...layouts[name].levels.slice(0, 1)]
      .flat()
      .sort((a, b) => a.offset - b.offset)
      .map(({ dbnName, type, offset }) => `${dbnName}:${type}@${offset}`)
      .join(' ');
  const header = 'rtype:u8@1 publisher_id:u16@2 instrument_id:u32@4 ts_event:timestamp@8';
  equal(
    shape('mbo'),
    `${header} order_id:u64@16 price:price@24 size:u32@32 flags:u8@36 channel_id:u8@37 action:char@38 side:char@39 ` +
      'ts_recv:timestamp@40 ts_in_delta:i32@48 sequence:u32@52',
  );
  equal(
    shape('mbp10'),
    `${header} price:price@16 size:u32@24 action:char@28 side:char@29 flags:u8@30 depth:u8@31 ts_recv:timestamp@32 ` +
      'ts_in_delta:i32@40 sequence:u32@44 bid_px_00:price@48 ask_px_00:price@56 bid_sz_00:u32@64 ask_sz_00:u32@68 ' +
      'bid_ct_00:u32@72 ask_ct_00:u32@76',
  );
  const pinned: Record<string, number> = {};
  for (const [name, layout] of Object.entries(layouts)) {
    let hash = 0x811c9dc5;
    for (const field of [layout.fields, ...layout.levels].flat()) {
      const text = `${field.dbnName} ${field.type} ${field.offset} ${field.bytes};`;
      for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193) >>> 0;
    }
    pinned[name] = hash;
  }
  deepEqual(pinned, pinnedHashes);
});

test('a record keeps the layout of its length, whatever follows', () => {
  equal(layoutOf(0xa0, 56)?.name, 'mbo');
  equal(layoutOf(0xa0, 64)?.name, 'mbo');
  equal(layoutOf(0x13, 368)?.name, 'definitionV1');
  equal(layoutOf(0x13, 400)?.name, 'definitionV2');
  equal(layoutOf(0x13, 528)?.name, 'definitionV3');
  equal(layoutOf(0x13, 356), null);
  equal(layoutOf(0x99, 56), null);
  equal(layoutInVersion(0x18, 2)?.name, 'statisticsV1');
  equal(layoutInVersion(0x18, 3)?.name, 'statisticsV3');
  equal(layoutInVersion(0x13, 2)?.name, 'definitionV2');
});
