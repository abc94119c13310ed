import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { PlaybackSchedule } from './playback_schedule.ts';

const startNs = 1_000_000_000_000n;
const schedule = () => new PlaybackSchedule({ cellWidthMs: 100, startNs });

test('bins are due a cell width apart, from the moment the first could be sent', () => {
  const s = schedule();
  const due: number[] = [];
  for (let nowMs = 7; due.length < 4; nowMs = Math.max(nowMs, s.dueMs(nowMs))) {
    if (s.dueMs(nowMs) > nowMs) continue;
    due.push(nowMs);
    s.sent(nowMs);
  }
  deepEqual(due, [7, 107, 207, 307]);
});

test('a short delay is caught up with, a long one moves the schedule', () => {
  const s = schedule();
  s.dueMs(0);
  s.sent(0);
  equal(s.dueMs(300), 100);
  s.sent(300);
  equal(s.dueMs(400), 200);
  s.sent(400);
  equal(s.dueMs(1000), 1000);
  s.sent(1000);
  equal(s.dueMs(1000), 1100);
});

test('the history of a seek is due at once, the bin sought begins the schedule', () => {
  const s = schedule();
  s.dueMs(0);
  s.sent(0);
  s.control({ action: 'seek', binSeq: 500, historyBins: 3 }, 10);
  s.control({ action: 'speed', speed: 2 }, 11);
  const sent: (readonly [seq: number, dueMs: number])[] = [];
  for (let count = 0; count < 6; count++) {
    const dueMs = s.dueMs(20);
    sent.push([s.nextSeq, dueMs]);
    s.sent(Math.max(20, dueMs));
  }
  deepEqual(sent, [
    [497, 20],
    [498, 20],
    [499, 20],
    [500, 20],
    [501, 70],
    [502, 120],
  ]);
});

test('the history of a seek begins at the first bin at the earliest, and before the last bin when the seek lies past it', () => {
  const s = schedule();
  s.control({ action: 'seek', tsNs: startNs + 200_000_000n, historyBins: 50 }, 0);
  equal(s.nextSeq, 0);
  s.control({ action: 'seek', binSeq: 9000, historyBins: 50 }, 0);
  equal(s.nextSeq, 8950);
  equal(s.clampSeek(300), true);
  equal(s.nextSeq, 249);
});

test('resume and a new speed make the next bin due one step after the last', () => {
  const s = schedule();
  s.dueMs(0);
  s.sent(0);
  s.control({ action: 'speed', speed: 4 }, 10);
  equal(s.dueMs(10), 25);
  s.sent(25);
  s.control({ action: 'pause' }, 30);
  equal(s.isPaused, true);
  s.control({ action: 'resume' }, 5000);
  equal(s.dueMs(5000), 5000);
});

test('a seek by time goes to the first bin that ends at or after it, and keeps the pause', () => {
  const s = schedule();
  s.control({ action: 'pause' }, 0);
  const seqs = [startNs - 5n, startNs, startNs + 1n, startNs + 100_000_000n, startNs + 100_000_001n].map((tsNs) => {
    s.control({ action: 'seek', tsNs }, 0);
    return s.nextSeq;
  });
  deepEqual(seqs, [0, 0, 0, 0, 1]);
  equal(s.isPaused, true);
  s.control({ action: 'restart' }, 0);
  deepEqual([s.nextSeq, s.isPaused], [0, false]);
});

test('a seek past the end goes to the last bin; ordinary playback past the end is over', () => {
  const s = schedule();
  s.control({ action: 'seek', binSeq: 900 }, 0);
  equal(s.clampSeek(10), true);
  equal(s.nextSeq, 9);
  s.dueMs(0);
  s.sent(0);
  equal(s.clampSeek(10), false);
  s.control({ action: 'seek', binSeq: 5 }, 0);
  equal(s.clampSeek(0), false, 'a stream without bins has no last bin');
});

test('at a fixed speed, undelayed bins stay on the grid of whole steps whatever moments the driver asks at', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 120 }), { minLength: 1, maxLength: 60 }), (delays) => {
      const s = schedule();
      let nowMs = s.dueMs(50);
      for (const delayMs of delays) {
        s.sent(nowMs);
        const dueMs = s.dueMs(nowMs);
        equal((dueMs - 50) % 100, 0);
        nowMs = Math.max(nowMs, dueMs + delayMs);
      }
    }),
  );
});

test('at the newest bin of a growing stream bins are due when they come, until a control message says otherwise', () => {
  const s = schedule();
  s.follow();
  deepEqual([s.dueMs(10), s.dueMs(9000)], [10, 9000]);
  s.control({ action: 'pause' }, 9000);
  s.control({ action: 'resume' }, 9500);
  s.dueMs(9500);
  s.sent(9500);
  equal(s.dueMs(9500), 9600, 'behind the newest bin the pace is the schedule’s');
  s.control({ action: 'speed', speed: 0.5 }, 9600);
  s.follow();
  s.dueMs(9700);
  s.sent(9700);
  equal(s.dueMs(9700), 9900, 'who is slower than the market does not follow it');
});
