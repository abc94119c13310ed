import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import type { Control } from '../../../src/wire/index.ts';
import type { FileBin } from './file_bins.ts';
import { FilePlayback } from './file_playback.ts';

/** A playback of `binCount` bins on a clock that only sleeping moves; `script` maps a sent bin to the control it provokes. */
async function play(binCount: number, script: Record<number, Control>, first?: Control) {
  let nowMs = 0;
  let replays = 0;
  const sent: number[] = [];
  const times: number[] = [];
  async function* replay(): AsyncGenerator<FileBin, void> {
    replays++;
    for (let seq = 0; seq < binCount; seq++)
      yield { seq, text: '', frame: new Uint8Array(0), depth: new Uint8Array(0), events: '', features: '' };
  }
  const playback = new FilePlayback({
    replay,
    cellWidthMs: 100,
    startNs: 0n,
    nowMs: () => nowMs,
    sleep: async (ms) => {
      nowMs += ms;
    },
    mayRunAhead: () => true,
    send: ({ seq }) => {
      sent.push(seq);
      times.push(nowMs);
      const control = script[sent.length];
      if (control !== undefined) playback.control(control);
    },
  });
  if (first !== undefined) playback.control(first);
  return { count: await playback.run(), sent, times, replays };
}

test('bins of a file are sent a cell width apart, all of them', async () => {
  const { count, sent, times } = await play(4, {});
  deepEqual([count, sent, times], [4, [0, 1, 2, 3], [0, 100, 200, 300]]);
});

test('a seek forward reads on, a seek back starts the file again', async () => {
  const { sent, replays } = await play(8, { 1: { action: 'seek', binSeq: 6 }, 2: { action: 'seek', binSeq: 3 } });
  deepEqual(sent, [0, 6, 3, 4, 5, 6, 7]);
  equal(replays, 2);
});

test('a seek past the end sends the last bin, as a stream does', async () => {
  const { count, sent } = await play(5, { 2: { action: 'seek', binSeq: 99 } });
  deepEqual([count, sent], [5, [0, 1, 4]]);
});

test('a restart sends everything again', async () => {
  deepEqual((await play(3, { 2: { action: 'restart' } })).sent, [0, 1, 0, 1, 2]);
});
