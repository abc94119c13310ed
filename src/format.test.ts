import { deepEqual, equal } from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import {
  formatBytes,
  formatCount,
  formatDurationS,
  formatNewYork,
  formatPriceInt,
  formatRate,
  joinWords,
  shellWord,
} from './format.ts';

test('prices keep every digit that matters and at least two decimals', () => {
  equal(formatPriceInt(21_500_250_000_000n), '21500.25');
  equal(formatPriceInt(-5_000_000_001n), '-5.000000001');
  equal(formatPriceInt(7_000_000_000n), '7.00');
});

test('New York time knows daylight saving', () => {
  equal(formatNewYork(1_770_387_900_000_000_001n), '2026-02-06 09:25:00.000000001 New York time');
  equal(formatNewYork(1_783_344_600_000_000_000n), '2026-07-06 09:30:00.000000000 New York time');
  const twice = ['2026-11-01T05:30Z', '2026-11-01T06:30Z'].map((at) => Temporal.Instant.from(at).epochNanoseconds);
  deepEqual(twice.map(formatNewYork), [
    '2026-11-01 01:30:00.000000000 New York time, UTC-04',
    '2026-11-01 01:30:00.000000000 New York time, UTC-05',
  ]);
});

test('counts have a separator before every three digits', () => {
  const counts = [
    0,
    7,
    999,
    1000,
    -1000,
    12_345,
    1_234_567,
    2 ** 53,
    1234.5,
    1e21,
    Number.NaN,
    2n ** 64n,
    -999n,
    -1_000n,
  ];
  const intl = new Intl.NumberFormat('en-US');
  deepEqual(
    counts.map(formatCount),
    counts.map((count) => intl.format(count)),
  );
});

test('durations, rates, sizes and lists read as people write them', () => {
  equal(formatDurationS(0.0123), '12 ms');
  equal(formatDurationS(75), '1 min 15 s');
  equal(formatDurationS(7260), '2 h 1 min');
  equal(formatRate(3_518_400), '3.52 M');
  equal(formatBytes(1_050_591), '1.05 MB');
  equal(joinWords(['a', 'b', 'c']), 'a, b and c');
});

test('a shell reads a quoted word as it was, and plain words are left alone', () => {
  const words = ['configs/a-b_1.yaml', "it's $HOME", 'a b', '`id`', 'x;y', ''];
  const read = execFileSync('sh', ['-c', `printf '%s\\n' ${words.map(shellWord).join(' ')}`], { encoding: 'utf8' });
  equal(read, `${words.join('\n')}\n`);
  equal(shellWord('configs/a-b_1.yaml'), 'configs/a-b_1.yaml');
});
