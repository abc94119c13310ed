import { deepEqual, equal, ok } from 'node:assert/strict';
import { test } from 'node:test';
import { SpymasterError } from '../errors.ts';
import type { Channel } from '../wire/index.ts';
import { type Clock, type Pace, Playback, type PlaybackSink } from './playback.ts';
import { type Segment, type SegmentSource, SegmentWriter, segmentBins } from './segment.ts';

/** Time that moves only when told. */
class FakeClock implements Clock {
  #nowMs = 1000;
  #timers: { atMs: number; run: () => void }[] = [];

  nowMs(): number {
    return this.#nowMs;
  }

  after(delayMs: number, run: () => void): () => void {
    const timer = { atMs: this.#nowMs + Math.max(0, delayMs), run };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }

  /** Runs what is due within the next `ms`, at its own time, and lets promises settle in between. */
  async advance(ms: number): Promise<void> {
    const endMs = this.#nowMs + ms;
    await settle();
    for (;;) {
      const next = this.#timers.filter(({ atMs }) => atMs <= endMs).sort((a, b) => a.atMs - b.atMs)[0];
      if (next === undefined) break;
      this.#nowMs = Math.max(this.#nowMs, next.atMs);
      this.#timers = this.#timers.filter((other) => other !== next);
      next.run();
      await settle();
    }
    this.#nowMs = endMs;
  }

  /** A stall: time passes and no timer gets its turn. */
  stall(ms: number): void {
    this.#nowMs += ms;
  }
}

async function settle(): Promise<void> {
  for (let i = 0; i < 10; i++) await Promise.resolve();
}

/** Segments of `binCount` empty bins. */
function fakeSource(binCount: number): SegmentSource & { asked: number[]; hold: boolean } {
  const source = {
    asked: [] as number[],
    hold: false,
    segment(index: number, signal: AbortSignal, wanted: readonly Channel[]): Promise<Segment> {
      source.asked.push(index);
      if (source.hold) return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
      const writer = new SegmentWriter(index, 8, wanted);
      const count = Math.max(0, Math.min(segmentBins, binCount - index * segmentBins));
      const timing = { firstEventMs: 0, lastEventMs: 0, readyMs: 0 };
      for (let i = 0; i < count; i++)
        writer.add(new Uint8Array(8), '{}', { depth: new Uint8Array(0), events: '', features: '' }, timing, 0);
      return Promise.resolve(writer.finish(count === segmentBins ? null : { kind: 'eof', binCount }));
    },
  };
  return source;
}

function play(binCount = 1000, source = fakeSource(binCount)) {
  const clock = new FakeClock();
  const sent: number[] = [];
  const sentMs: number[] = [];
  const paces: Pace[] = [];
  const ends: unknown[] = [];
  const sink: PlaybackSink & { bufferedBytes: number; taken: (() => void)[] } = {
    bufferedBytes: 0,
    taken: [],
    send(segment, offset, pace, onTaken) {
      sent.push(segment.index * segmentBins + offset);
      sentMs.push(clock.nowMs() - 1000);
      paces.push(pace);
      sink.taken.push(onTaken);
    },
    flush: () => {},
    eof: (count) => ends.push(count),
    fail: (error) => ends.push(error),
  };
  const playback = new Playback({
    source,
    sink,
    clock,
    cellWidthMs: 100,
    startNs: 1_000_000_000n,
    maxBufferedBytes: 1000,
    maxBlockedMs: 60_000,
  });
  return { clock, source, sink, sent, sentMs, paces, ends, playback };
}

const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);

test('bins are due every cell width, and late timers do not add up', async () => {
  const { clock, sent, sentMs, playback } = play();
  playback.start();
  await clock.advance(450);
  deepEqual(sentMs, [0, 100, 200, 300, 400]);
  clock.stall(130);
  await clock.advance(0);
  await clock.advance(420);
  deepEqual(sent, range(0, 11));
  deepEqual(sentMs.slice(5), [580, 600, 700, 800, 900, 1000]);
});

test('after a long stall the schedule moves instead of a burst', async () => {
  const { clock, sentMs, playback } = play();
  playback.start();
  await clock.advance(100);
  clock.stall(5000);
  await clock.advance(200);
  deepEqual(sentMs, [0, 100, 5100, 5200, 5300]);
});

test('speed changes the pace from the next bin on, and leaves none out', async () => {
  const { clock, sent, sentMs, playback } = play();
  playback.start();
  await clock.advance(200);
  playback.control({ action: 'speed', speed: 4 });
  await clock.advance(100);
  deepEqual(sentMs, [0, 100, 200, 225, 250, 275, 300]);
  playback.control({ action: 'speed', speed: 0.25 });
  await clock.advance(800);
  deepEqual(sentMs.slice(7), [700, 1100]);
  playback.control({ action: 'speed', speed: 'max' });
  await clock.advance(0);
  deepEqual(sent, range(0, 1000));
});

test('a hundredfold pace sends several bins a timer, all of them', async () => {
  const { clock, sent, playback } = play();
  playback.start();
  playback.control({ action: 'speed', speed: 100 });
  await clock.advance(500);
  deepEqual(sent, range(0, 501));
});

test('pause holds, resume goes on with the next bin, a second later as a minute later', async () => {
  const { clock, sent, playback } = play();
  playback.start();
  await clock.advance(250);
  playback.control({ action: 'pause' });
  await clock.advance(60_000);
  deepEqual(sent, [0, 1, 2]);
  playback.control({ action: 'resume' });
  playback.control({ action: 'resume' });
  await clock.advance(100);
  deepEqual(sent, [0, 1, 2, 3, 4]);
});

test('pausing and resuming in a row sends no bin early', async () => {
  const { clock, sentMs, playback } = play();
  playback.start();
  await clock.advance(0);
  for (let i = 0; i < 20; i++) {
    playback.control({ action: 'pause' });
    playback.control({ action: 'resume' });
    playback.control({ action: 'speed', speed: 1 });
    await clock.advance(10);
  }
  deepEqual(sentMs, [0, 100, 200]);
});

test('seek goes to a bin by number or by time, and restart plays from the first', async () => {
  const { clock, sent, playback } = play();
  playback.start();
  await clock.advance(0);
  playback.control({ action: 'seek', binSeq: 700 });
  await clock.advance(100);
  playback.control({ action: 'pause' });
  // Bin 3 ends at 1.4 s; one nanosecond later is inside bin 4.
  playback.control({ action: 'seek', tsNs: 1_400_000_000n });
  await clock.advance(1000);
  playback.control({ action: 'resume' });
  await clock.advance(0);
  playback.control({ action: 'seek', tsNs: 1_400_000_001n });
  await clock.advance(0);
  playback.control({ action: 'seek', tsNs: 5n });
  await clock.advance(0);
  playback.control({ action: 'seek', binSeq: 500 });
  await clock.advance(0);
  playback.control({ action: 'pause' });
  playback.control({ action: 'restart' });
  await clock.advance(100);
  deepEqual(sent, [0, 700, 701, 3, 4, 0, 500, 0, 1]);
});

test('the history of a seek is sent at once, then the bin sought at its pace', async () => {
  const { clock, sent, sentMs, playback } = play();
  playback.start();
  await clock.advance(0);
  playback.control({ action: 'seek', binSeq: 100, historyBins: 70 });
  await clock.advance(0);
  await clock.advance(150);
  deepEqual(sent, [0, ...Array.from({ length: 72 }, (_, at) => 30 + at)]);
  deepEqual([...new Set(sentMs)], [0, 100], 'two segments of history, then a cell width to the next bin');
});

test('a seek behind the end plays the last bin and ends; so does playing there', async () => {
  for (const binCount of [1000, 2 * segmentBins]) {
    const sought = play(binCount);
    sought.playback.start();
    await sought.clock.advance(0);
    sought.playback.control({ action: 'seek', binSeq: Number.MAX_SAFE_INTEGER });
    await sought.clock.advance(200);
    deepEqual([sought.sent, sought.ends], [[0, binCount - 1], [binCount]]);
    const played = play(binCount);
    played.playback.start();
    played.playback.control({ action: 'speed', speed: 'max' });
    await played.clock.advance(1000);
    deepEqual([played.sent, played.ends], [range(0, binCount), [binCount]]);
  }
  const empty = play(0);
  empty.playback.start();
  await empty.clock.advance(0);
  deepEqual(empty.ends, [0]);
});

test('bins have the channels that are wanted from the next one on; what is loaded without them is loaded again', async () => {
  const { clock, source, sink, sent, playback } = play();
  const channels: string[] = [];
  const { send } = sink;
  sink.send = (segment, ...more) => {
    channels.push(segment.channels.join());
    send(segment, ...more);
  };
  playback.start();
  await clock.advance(250);
  playback.want(['depth', 'events']);
  await clock.advance(200);
  playback.want(['events']);
  await clock.advance(100);
  deepEqual(sent, range(0, 6));
  deepEqual(channels, ['', '', '', 'depth,events', 'depth,events', 'depth,events']);
  deepEqual(source.asked, [0, 1, 0, 1]);
});

test('the next segment is asked for while one plays, and no further', async () => {
  const { clock, source, playback } = play();
  playback.start();
  await clock.advance(62 * 100);
  deepEqual(source.asked, [0, 1]);
  await clock.advance(100);
  deepEqual(source.asked, [0, 1, 2]);
});

test('a segment that cannot be loaded ahead of its time is tried again once, when its time comes', async () => {
  const source = fakeSource(1000);
  const { segment } = source;
  let failures = 0;
  source.segment = (index, signal, wanted) => {
    if (index !== 1 || failures === 1) return segment(index, signal, wanted);
    failures++;
    return Promise.reject(new SpymasterError('ENGINE_STOPPED', 'The engine stopped.'));
  };
  const { clock, sent, ends, playback } = play(1000, source);
  playback.start();
  await clock.advance(70 * 100);
  deepEqual([sent, ends, failures], [range(0, 71), [], 1]);
  failures = 0;
  playback.control({ action: 'seek', binSeq: 640 });
  playback.control({ action: 'seek', binSeq: 70 });
  await clock.advance(0);
  deepEqual([sent.length, ends.length], [71, 1], 'one that fails when it is needed ends the stream');
});

test('a seek gives up what was being loaded', async () => {
  const source = fakeSource(1000);
  source.hold = true;
  const { clock, sent, ends, playback } = play(1000, source);
  playback.start();
  await clock.advance(100);
  source.hold = false;
  playback.control({ action: 'seek', binSeq: 640 });
  await clock.advance(0);
  deepEqual([sent, ends], [[640], []]);
});

test('segments that are there are let go without an abort, one that is under way with one', async () => {
  const source = fakeSource(1000);
  const signals: AbortSignal[] = [];
  const { segment } = source;
  source.segment = (index, signal, wanted) => {
    signals.push(signal);
    source.hold = index === 2;
    return segment(index, signal, wanted);
  };
  const { clock, playback } = play(1000, source);
  playback.start();
  await clock.advance(64 * 100);
  playback.stop();
  deepEqual(
    signals.map(({ aborted }) => aborted),
    [false, false, true],
  );
});

test('a client that does not read is waited for, with no more than its share buffered', async () => {
  const { clock, sent, sink, paces, playback } = play();
  playback.start();
  await clock.advance(100);
  sink.bufferedBytes = 1001;
  await clock.advance(5000);
  deepEqual(sent, [0, 1]);
  sink.bufferedBytes = 501;
  sink.taken.at(-1)?.();
  await clock.advance(0);
  equal(sent.length, 2, 'half of the share must be free before more is sent');
  sink.bufferedBytes = 0;
  sink.taken.at(-1)?.();
  await clock.advance(0);
  deepEqual(sent, [0, 1, 2]);
  equal(paces.at(-1)?.blockedMs, 4900);
});

test('a client that stays stuck is given up with a reason', async () => {
  const { clock, sent, sink, ends, playback } = play();
  playback.start();
  await clock.advance(0);
  sink.bufferedBytes = 1001;
  await clock.advance(70_000);
  equal(sent.length, 1);
  ok(ends[0] instanceof SpymasterError && /did not read 1000 waiting bytes within 60 s/.test(ends[0].message));
  sink.bufferedBytes = 0;
  sink.taken.at(-1)?.();
  playback.control({ action: 'restart' });
  await clock.advance(1000);
  equal(sent.length, 1, 'nothing is sent after the end');
});
