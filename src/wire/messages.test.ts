import { deepEqual, equal, ok, throws } from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { readShared, sharedNames } from '../../test/helpers/shared.ts';
import type { Bin } from '../engine/index.ts';
import { SpymasterError } from '../errors.ts';
import {
  type Control,
  controlText,
  gridUpdate,
  gridUpdateFields,
  isPriceMissing,
  parseControl,
  parseServerMessage,
  type Subscription,
} from './index.ts';

const bin: Bin = {
  seq: 3,
  startNs: 82_500_000_000_000,
  endNs: 82_500_250_000_000,
  eventCount: 59,
  eventId: 9278,
  hasBid: true,
  hasAsk: true,
  midPrice: 4797.25,
  spotPriceInt: 4_797_250_000_000,
  bestBidPriceInt: -37_630_000_000,
  bestAskPriceInt: 0,
  bookValid: false,
  signal: {
    score: -0.25,
    ready: true,
    sampleCount: 4,
    base: 0.5,
    d1: 1,
    d2: 2,
    d3: 3,
    z1: 4,
    z2: 5,
    z3: 6,
    bullIntensity: 0.1,
    bearIntensity: 0.2,
    mixedIntensity: 0.7,
    dominantState5Code: -2,
  },
  firing: -1,
  firingThreshold: 0.2,
};

test('a grid_update carries absolute times and 64-bit values as decimal strings', () => {
  const message = gridUpdate(bin, 1_703_462_400_000_000_000n, 'derivative');
  deepEqual(parseServerMessage(JSON.stringify(message)), message);
  equal(message.ts_ns, '1703544900250000000');
  equal(message.bin_start_ns, '1703544900000000000');
  equal(message.spot_ref_price_int, '4797250000000');
  equal(message.best_bid_price_int, '-37630000000');
  equal(message.best_ask_price_int, '0');
});

test('prices beyond 2^53 keep every digit, and a bin without a side says so', () => {
  // 2^60 + 2^9: a whole number of 1e-9 that a double holds, and that String() would round to 1152921504606847500.
  const priceInt = 2 ** 60 + 2 ** 9;
  const message = gridUpdate({ ...bin, bestBidPriceInt: -priceInt, bestAskPriceInt: priceInt }, 0n, 'derivative');
  equal(message.best_bid_price_int, '-1152921504606847488');
  equal(message.best_ask_price_int, '1152921504606847488');
  const price = ['mid_price', 'spot_ref_price_int', 'best_bid_price_int', 'best_ask_price_int'] as const;
  const missing = (hasBid: boolean, hasAsk: boolean) => {
    const update = gridUpdate({ ...bin, hasBid, hasAsk }, 0n, 'derivative');
    deepEqual([update.has_bid, update.has_ask], [hasBid, hasAsk]);
    return price.filter((name) => isPriceMissing(name, update));
  };
  deepEqual(missing(true, true), []);
  deepEqual(missing(false, true), ['mid_price', 'spot_ref_price_int', 'best_bid_price_int']);
  deepEqual(missing(true, false), ['mid_price', 'spot_ref_price_int', 'best_ask_price_int']);
  deepEqual(missing(false, false), price);
});

test('grid_update has the fields of the goldens, in their order and types', () => {
  for (const name of sharedNames('golden')) {
    const text = readShared('golden', name, 'bins.ndjson.zst').toString();
    const line = JSON.parse(text.slice(0, text.indexOf('\n'))) as Record<string, unknown>;
    const ours = Object.keys(gridUpdate(bin, 0n, 'derivative')).filter((key) => key !== 'type');
    // The goldens are older than these fields; firings follow from the rule of a serving version, which a replay has none of.
    const added = { has_bid: true, has_ask: true, state_model_firing: 0, state_model_threshold: null };
    deepEqual(new Set(ours), new Set([...Object.keys(line), ...Object.keys(added)]));
    deepEqual(ours, Object.keys(gridUpdateFields));
    parseServerMessage(JSON.stringify({ type: 'grid_update', ...line, ...added }));
  }
});

test('a message of the server that breaks the protocol is refused with the field and what was expected', () => {
  const good = gridUpdate(bin, 0n, 'derivative');
  const cases: [string, RegExp][] = [
    ['nonsense', /expected JSON, got nonsense/],
    ['[1]', /expected a JSON object/],
    ['{}', /expected type to be one of runtime_config, grid_update, error, eof, got nothing/],
    ['{"type":"constructor"}', /expected type to be one of/],
    [JSON.stringify({ ...good, ts_ns: 5 }), /grid_update message: expected ts_ns to be a 64-bit .*, got 5/],
    [JSON.stringify({ ...good, has_bid: undefined }), /expected has_bid to be true or false, got nothing/],
    [JSON.stringify({ ...good, book_valid: 1 }), /expected book_valid to be true or false, got 1/],
    [JSON.stringify({ ...good, bin_seq: -1 }), /expected bin_seq to be a whole number of at least 0, got -1/],
    [JSON.stringify({ ...good, state_model_z1: undefined }), /expected state_model_z1 .*, got nothing/],
    ['{"type":"runtime_config"}', /runtime_config message: expected symbol to be a text/],
  ];
  for (const [text, pattern] of cases) {
    throws(
      () => parseServerMessage(text),
      (error) => error instanceof SpymasterError && error.code === 'PROTOCOL' && pattern.test(error.message),
      text,
    );
  }
});

test('every control message survives the wire', () => {
  const controls: (Control | Subscription)[] = [
    { action: 'pause' },
    { action: 'resume' },
    { action: 'restart' },
    { action: 'seek', binSeq: 0 },
    { action: 'seek', binSeq: Number.MAX_SAFE_INTEGER },
    { action: 'seek', binSeq: 9, historyBins: 4 },
    { action: 'seek', tsNs: 1_703_544_900_250_000_000n },
    { action: 'speed', speed: 0.25 },
    { action: 'speed', speed: 100 },
    { action: 'speed', speed: 'max' },
    { action: 'subscribe', channels: ['depth'] },
    { action: 'subscribe', channels: ['features', 'depth'] },
    { action: 'subscribe', channels: [] },
  ];
  for (const control of controls) deepEqual(parseControl(controlText(control)), control);
});

test('a malformed control message is refused with the field and what was expected', () => {
  const cases: [unknown, RegExp][] = [
    [{ type: 'controls', action: 'pause' }, /expected type to be "control", got "controls"/],
    [{ type: 'control' }, /expected action to be one of pause, resume, restart, seek, speed, subscribe, got nothing/],
    [{ type: 'control', action: 'play' }, /got "play"/],
    [{ type: 'control', action: 'pause', now: true }, /pause takes nothing, got "now"/],
    [{ type: 'control', action: 'seek' }, /either bin_seq or ts_ns/],
    [{ type: 'control', action: 'seek', bin_seq: 1, ts_ns: '1' }, /either bin_seq or ts_ns/],
    [{ type: 'control', action: 'seek', bin_seq: 1.5 }, /whole number of at least 0, got 1.5/],
    [
      { type: 'control', action: 'seek', bin_seq: 1, history_bins: -1 },
      /history_bins to be a whole number of at least 0, got -1/,
    ],
    [{ type: 'control', action: 'seek', ts_ns: 1_703_544_900 }, /decimal string/],
    [{ type: 'control', action: 'seek', ts_ns: '-1' }, /decimal string/],
    [{ type: 'control', action: 'speed', speed: 0.2 }, /"max" or a number from 0.25 to 100, got 0.2/],
    [{ type: 'control', action: 'speed', speed: null }, /got null/],
    [{ type: 'control', action: 'speed' }, /got nothing/],
    [
      { type: 'control', action: 'subscribe' },
      /channels to be a list of depth, events, features, or an empty one, got nothing/,
    ],
    [{ type: 'control', action: 'subscribe', channels: ['tape'] }, /a list of depth/],
    [{ type: 'control', action: 'subscribe', channels: ['depth', 'depth'] }, /a list of depth/],
  ];
  for (const [message, pattern] of cases) throws(() => parseControl(JSON.stringify(message)), pattern);
});

test('any text is a control or a PROTOCOL error of bounded length', () => {
  const texts = fc.oneof(
    fc.string(),
    fc.json(),
    fc
      .record({ type: fc.constantFrom('control', 'x'), action: fc.anything(), bin_seq: fc.anything() })
      .map((value) => JSON.stringify(value, (_key, item) => (typeof item === 'bigint' ? String(item) : item))),
  );
  fc.assert(
    fc.property(texts, (text) => {
      try {
        parseControl(text);
      } catch (error) {
        ok(error instanceof SpymasterError && error.code === 'PROTOCOL' && error.message.length < 300, String(error));
      }
    }),
    { numRuns: 500 },
  );
});
