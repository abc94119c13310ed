import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { profileNames } from '../../src/synth/index.ts';
import { type MarketFacts, marketFacts, syntheticFacts } from '../../test/helpers/market_facts.ts';
import { readShared, sharedPath } from '../../test/helpers/shared.ts';

const usage = `npm run synth:facts -- [--minutes 20] [--seeds 8] [--first-seed 1] [--profiles calm,busy,open,null] [--json]

Measures the synthetic profiles at their default rates from 09:25 on, over several seeds, beside the real hour of ESH4 where its
file is there, and prints the table of docs/synth.md: mean, and smallest to largest.`;

/** The hour after the open of 2023-12-25, 18:00 New York time; before it is an auction. */
const real = { file: 'esh4-glbx-mdp3-20231225.mbo.dbn.zst', fromNs: 1_703_545_200_000_000_000n, tickInt: 250_000_000 };

const labels: Readonly<Record<keyof MarketFacts, string>> = {
  recordsPerS: 'records per second',
  cancelsPerAdd: 'cancels per add',
  modifies: 'modifies, share of records',
  cancelsAtTouch: 'cancels at the touch, share of cancels',
  gapsBelow1Ms: 'gaps below 1 ms, share',
  most1Ms: 'most records in 1 ms',
  most1S: 'most records in 1 s',
  countsLag1: 'autocorrelation of counts in 1 s, lag 1',
  countsLag60: 'the same, lag 60',
  spread1: 'spread of 1 tick, share of time',
  spread2: 'spread of 2 ticks',
  touchDepth: 'contracts at the touch',
  depth2: 'depth of level 2 / level 1',
  depth5: 'depth of level 5 / level 1',
  sd1S: 'standard deviation of 1 s returns, ticks',
  kurtosis100Ms: 'kurtosis of 0.1 s returns',
  kurtosis1S: 'kurtosis of 1 s returns',
  movesLag1: 'autocorrelation of 1 s returns, lag 1',
  sizesLag1: 'of their absolute values, lag 1',
  sizesLag5: 'of their absolute values, lag 5',
  signsLag1: 'autocorrelation of signs of executions, lag 1',
  signsLag10: 'the same, lag 10',
  flowR2: 'R² of 0.1 s returns on order-flow imbalance',
  imbalanceT: 'queue imbalance → next 0.1 s, t',
  varianceRatio5S: 'variance ratio 5 s / 1 s',
  varianceRatio30S: 'variance ratio 30 s / 1 s',
  signature100Ms: 'variance per second at 0.1 s / at 10 s',
  signature60S: 'variance per second at 60 s / at 10 s',
};

const { values: options } = parseArgs({
  options: {
    minutes: { type: 'string', default: '20' },
    seeds: { type: 'string', default: '8' },
    'first-seed': { type: 'string', default: '1' },
    profiles: { type: 'string', default: 'calm,busy,open,null' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  },
});

function text(value: number): string {
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString('en-US');
  return value.toFixed(Math.abs(value) >= 10 ? 1 : 2).replace('-', '−');
}

function cell(facts: readonly MarketFacts[], name: keyof MarketFacts): string {
  const values = facts.map((fact) => fact[name]);
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  return values.length === 1
    ? text(mean)
    : `${text(mean)} (${text(Math.min(...values))} … ${text(Math.max(...values))})`;
}

function measure(): Record<string, MarketFacts[]> {
  const markets: Record<string, MarketFacts[]> = {};
  if (existsSync(sharedPath('data', real.file))) {
    markets['ESH4, real'] = [marketFacts([readShared('data', real.file)], real.tickInt, real.fromNs)];
  } else process.stderr.write(`Left out the real hour: ${real.file} is not beside the checkout.\n`);
  for (const profile of options.profiles.split(',')) {
    const known = profileNames.find((name) => name === profile);
    if (known === undefined) throw new Error(`there is no profile "${profile}"; there are ${profileNames.join(', ')}`);
    markets[known] = Array.from({ length: Number(options.seeds) }, (_, i) =>
      syntheticFacts(known, Number(options['first-seed']) + i, 60 * Number(options.minutes)),
    );
  }
  return markets;
}

if (options.help) process.stdout.write(`${usage}\n`);
else {
  const markets = measure();
  if (options.json) process.stdout.write(`${JSON.stringify(markets)}\n`);
  else {
    const names = Object.keys(markets);
    const lines = (Object.keys(labels) as (keyof MarketFacts)[]).map((name) =>
      [labels[name], ...names.map((market) => cell(markets[market] ?? [], name))].join(' | '),
    );
    const table = [['', ...names].join(' | '), ['---', ...names.map(() => '---')].join(' | '), ...lines];
    process.stdout.write(`${table.map((line) => `| ${line.trim()} |`).join('\n')}\n`);
  }
}
