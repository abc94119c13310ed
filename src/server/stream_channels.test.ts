import { deepEqual, equal, ok } from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { createServingLake, type ServingLake } from '../../test/helpers/serving_lake.ts';
import { connectTo, serve } from '../../test/helpers/stream_server.ts';
import { present } from '../errors.ts';
import { decodeDepthFrame, ProfileFollower, parseFeatures, parseOrderEvents, profileBins } from '../wire/index.ts';
import type { Server } from './index.ts';

let lake: ServingLake;
let server: Server;

before(async () => {
  lake = createServingLake(30);
  server = await serve(lake.lake);
});

after(async () => {
  await server.close();
  lake.remove();
});

const connect = () => connectTo(server);

test('a client that subscribes to depth gets the book after each grid, the same bytes wherever it comes from', async () => {
  const whole = connect();
  await whole.opened();
  whole.control('subscribe', { channels: ['depth'] });
  whole.control('restart');
  whole.control('speed', { speed: 'max' });
  await whole.closed;
  deepEqual(whole.disorder, []);
  const bySeq = new Map(whole.depths.map((frame) => [decodeDepthFrame(frame).seq, frame]));
  equal(bySeq.size, 300);
  for (const { seq, text } of whole.bins) {
    const { best_bid_price_int: bid, best_ask_price_int: ask } = JSON.parse(text) as Record<string, string>;
    const { bids, asks } = decodeDepthFrame(present(bySeq.get(seq)));
    deepEqual([bids.ticks[0], asks.ticks[0]], [Number(bid) / 250_000_000, Number(ask) / 250_000_000]);
  }
  const sought = connect();
  await sought.opened();
  sought.control('pause');
  sought.control('subscribe', { channels: ['depth'] });
  sought.control('seek', { bin_seq: 170 });
  sought.control('resume');
  await sought.until(() => sought.depths.some((frame) => decodeDepthFrame(frame).seq === 172));
  sought.control('subscribe', { channels: [] });
  await sought.roundTrip();
  const [bins, depths] = [sought.bins.length, sought.depths.length];
  await sought.until(() => sought.bins.length >= bins + 2);
  equal(sought.depths.length, depths);
  for (const frame of sought.depths) ok(bySeq.get(decodeDepthFrame(frame).seq)?.equals(frame));
  await sought.close();
});

test('a client that subscribes to events gets those of each bin after its grid, the same text wherever it comes from', async () => {
  const whole = connect();
  await whole.opened();
  whole.control('subscribe', { channels: ['events', 'depth'] });
  whole.control('restart');
  whole.control('speed', { speed: 'max' });
  await whole.closed;
  deepEqual(whole.disorder, []);
  const bySeq = new Map(whole.events.map(({ seq, text }) => [seq, text]));
  deepEqual([bySeq.size, whole.depths.length >= 300], [300, true]);
  const events = whole.events.flatMap(({ text }) => parseOrderEvents(text).events);
  ok(events.length > 20 && events.every(({ order_ids: ids, sequences }) => ids.length > 0 && sequences.length > 0));
  for (const { seq, text } of whole.bins) {
    const { bin_start_ns: start, bin_end_ns: end } = JSON.parse(text) as Record<string, string>;
    for (const { ts_ns: ts } of parseOrderEvents(present(bySeq.get(seq))).events) {
      ok(BigInt(ts) >= BigInt(present(start)) && BigInt(ts) < BigInt(present(end)), `${ts} in bin ${seq}`);
    }
  }
  const sought = connect();
  await sought.opened();
  sought.control('pause');
  sought.control('subscribe', { channels: ['events'] });
  sought.control('seek', { bin_seq: 200 });
  sought.control('resume');
  await sought.until(() => sought.events.some(({ seq }) => seq === 203));
  for (const { seq, text } of sought.events) equal(text, bySeq.get(seq));
  equal(sought.depths.length, 0);
  await sought.close();
});

test('a client that subscribes to features gets those of each bin, after its events, the same text wherever it comes from', async () => {
  const whole = connect();
  await whole.opened();
  whole.control('subscribe', { channels: ['features', 'events'] });
  whole.control('restart');
  whole.control('speed', { speed: 'max' });
  await whole.closed;
  deepEqual(whole.disorder, []);
  const bySeq = new Map(whole.features.map(({ seq, text }) => [seq, text]));
  deepEqual([bySeq.size, whole.depths.length], [300, 0]);
  const follower = new ProfileFollower();
  for (const [seq, text] of bySeq) {
    const features = parseFeatures(text);
    follower.put(features);
    equal(features.bin_seq, seq);
    equal('profile' in features, seq % profileBins === 0);
    const volumes = present(follower.profile ?? undefined).map(([, ...sizes]) => sizes.reduce((a, b) => a + b));
    equal(
      volumes.reduce((a, b) => a + b, 0),
      features.values.since_volume,
      `profile of bin ${seq}`,
    );
  }
  // The small market has orders, and no trades.
  ok((parseFeatures(present(bySeq.get(299))).values.bid_order_count ?? 0) > 10);
  const sought = connect();
  await sought.opened();
  sought.control('pause');
  sought.control('subscribe', { channels: ['features'] });
  sought.control('seek', { bin_seq: 200 });
  sought.control('resume');
  await sought.until(() => sought.features.some(({ seq }) => seq === 203));
  for (const { seq, text } of sought.features) equal(text, bySeq.get(seq));
  deepEqual([sought.events.length, sought.depths.length], [0, 0]);
  await sought.close();
});

test('a client that subscribes late has the same bytes as one that did at the start', async () => {
  const [early, late] = [connect(), connect()];
  await Promise.all([early.opened(), late.opened()]);
  late.control('pause');
  late.control('seek', { bin_seq: 40 });
  late.control('speed', { speed: 'max' });
  late.control('resume');
  await late.until(() => late.bins.length > 60);
  late.control('subscribe', { channels: ['events', 'depth', 'features'] });
  early.control('subscribe', { channels: ['depth', 'events', 'features'] });
  early.control('restart');
  early.control('speed', { speed: 'max' });
  late.control('seek', { bin_seq: 100 });
  await Promise.all([early.closed, late.closed]);
  deepEqual([early.disorder, late.disorder], [[], []]);
  const depthOf = ({ depths }: typeof early) => new Map(depths.map((frame) => [decodeDepthFrame(frame).seq, frame]));
  const [depths, lateDepths] = [depthOf(early), depthOf(late)];
  const textOf = ({ events, features }: typeof early, seq: number) =>
    [events, features].map((messages) => messages.findLast((message) => message.seq === seq)?.text);
  for (let seq = 100; seq < 300; seq++) {
    ok(depths.get(seq)?.equals(present(lateDepths.get(seq))), `depth of bin ${seq}`);
    deepEqual(textOf(late, seq), textOf(early, seq));
  }
});
