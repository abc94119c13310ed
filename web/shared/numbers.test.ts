import { equal, ok } from 'node:assert/strict';
import { test } from 'node:test';
import {
  formatCount,
  formatFixed,
  formatPrice,
  formatPriceNumber,
  formatQuantity,
  formatRate,
  formatScore,
  formatShare,
  formatSigned,
  formatValue,
  plural,
} from './numbers.ts';

/** Thin spaces as plain ones, to be read. */
const plain = (text: string) => text.replaceAll('\u202f', ' ');

test('sizes are whole, with thin spaces, and short from 100,000 on', () => {
  equal(formatQuantity(12_480), '12\u202f480');
  equal(plain(formatQuantity(99_999)), '99 999');
  equal(plain(formatQuantity(99_999.7)), '100.0 k');
  equal(plain(formatQuantity(124_800)), '124.8 k');
  equal(plain(formatQuantity(999_999)), '1.000 M');
  equal(plain(formatQuantity(-1_248_000)), '−1.248 M');
  equal(plain(formatCount(-1_234_567)), '−1 234 567');
  equal(plain(plural(1, 'run')), '1 run');
  equal(plain(plural(12_480, 'day')), '12 480 days');
});

test('a measured value has three digits, a true minus and no power of ten', () => {
  equal(formatValue(0.0123456), '0.0123');
  equal(plain(formatValue(1234.5)), '1 235');
  equal(plain(formatValue(12_345_678)), '12.35 M');
  equal(formatValue(3.4e-7), '≈ 0');
  equal(formatValue(0.3, 400), '≈ 0');
  equal(formatValue(0.5, 400), '0.5');
  equal(formatValue(-12.345), '−12.3');
  equal(formatSigned(-12), '−12');
  equal(formatSigned(0.5), '+0.5');
  equal(formatSigned(1e-9), '≈ 0');
  equal(formatValue(Number.NaN), '–');
  for (let power = -12; power < 15; power++) ok(!/e/.test(formatValue(1.2345 * 10 ** power)), String(power));
});

test('scores are signed with two decimals', () => {
  equal(formatScore(-0.2214), '−0.22');
  equal(formatScore(0), '0.00');
  equal(formatScore(0.0004), '≈ 0');
  equal(plain(formatScore(-11_800.4, 20_000)), '−11 800');
  equal(formatFixed(-0.0001, 3), '0.000');
  equal(formatFixed(-1.5, 2), '−1.50');
});

test('rates have their unit', () => {
  equal(plain(formatRate(1450)), '1.45 k/s');
  equal(plain(formatRate(0.32)), '0.32 /s');
  equal(plain(formatRate(12, 'events')), '12 events/s');
  equal(plain(formatShare(0.126)), '13 %');
});

test('prices keep the decimals of the instrument', () => {
  equal(formatPrice(86_007, 250_000_000, 2), '21501.75');
  equal(formatPrice(Number.NaN, 250_000_000, 2), '–');
  equal(formatPrice(-151, 250_000_000, 2), '−37.75');
  equal(formatPrice(0, 250_000_000, 2), '0.00');
  equal(formatPrice(-1, 1_000_000, 2), '0.00');
  equal(formatPriceNumber(-0.125, 3), '−0.125');
});
