import { deepEqual, equal, rejects } from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, test } from 'node:test';
import { createServingLake } from '../../../test/helpers/serving_lake.ts';
import { defaultConfig, mismatch, symbolIn } from './file_instrument.ts';
import { probeFile } from './file_probe.ts';

const lake = createServingLake(20);
after(lake.remove);
const blob = () => new Blob([readFileSync(lake.rawFile)]);

test('the head of a file tells its symbols, their price steps, and when it begins', async () => {
  const facts = await probeFile(blob());
  equal(facts.productType, 'future_mbo');
  deepEqual(
    facts.symbols.map(({ symbol, tickSize }) => [symbol, tickSize]),
    [['MNQH6', 0.25]],
  );
  equal(new Date(Number(facts.firstNs! / 1_000_000n)).toISOString().slice(0, 10), '2026-02-06');
});

test('a file that is none is refused', async () => {
  await rejects(probeFile(new Blob(['not market data at all'])), { name: 'SpymasterError' });
});

test('a configuration of an instrument that the file has not is told before the replay', async () => {
  const facts = await probeFile(blob());
  equal(symbolIn('symbol: ESH4\n', 'instrument.yaml'), 'ESH4');
  equal(symbolIn('{"runtime":{"symbol":"MNQH6"}}', 'replay.json'), 'MNQH6');
  equal(symbolIn('symbol: [', 'instrument.yaml'), null);
  equal(mismatch(facts, 'ESH4'), 'ESH4');
  equal(mismatch(facts, 'MNQH6'), null);
  equal(mismatch({ ...facts, symbols: [] }, 'ESH4'), null);
});

test('an instrument without a configuration gets default settings and its own prices', async () => {
  const { configText } = defaultConfig(await probeFile(blob()), 'MNQH6', 0.25);
  const { runtime } = JSON.parse(configText) as { runtime: Record<string, unknown> };
  deepEqual(
    [runtime.symbol, runtime.symbol_root, runtime.tick_size, runtime.contract_multiplier, runtime.price_decimals],
    ['MNQH6', 'MNQ', 0.25, 2, 2],
  );
});
