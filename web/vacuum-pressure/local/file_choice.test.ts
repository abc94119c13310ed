import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import { sortFiles, suggestChoice } from './file_choice.ts';

test('files are told apart by their names', () => {
  const [data, config, other] = [
    { name: 'a-20260206.mbo.DBN.zst' },
    { name: 'instrument.yaml' },
    { name: 'notes.txt' },
  ];
  deepEqual(sortFiles([other, config, data]), { data, config });
  deepEqual(sortFiles([other]), { data: null, config: null });
});

test('date and times come from the configuration, else the date from the name', () => {
  deepEqual(suggestChoice('glbx-mdp3-20260206.mbo.dbn.zst', null, null), {
    date: '2026-02-06',
    startTime: '09:30',
    endTime: '',
  });
  const config = JSON.stringify({
    runtime: {},
    stream_dt: '2026-02-07',
    stream_start_time: '10:00',
    end_time: '11:00',
  });
  deepEqual(suggestChoice('glbx-mdp3-20260206.dbn', config, null), {
    date: '2026-02-07',
    startTime: '10:00',
    endTime: '11:00',
  });
  equal(suggestChoice('x.dbn', 'tick_size: 0.25\n', null).date, '');
});

test('where neither says it, date and time are those of the first order: a futures session is a UTC day', () => {
  const firstNs = BigInt(Date.UTC(2023, 11, 26, 0, 30, 59)) * 1_000_000n;
  const facts = { symbols: [], firstNs } as const;
  deepEqual(suggestChoice('x.dbn', null, { ...facts, productType: 'future_mbo' }), {
    date: '2023-12-26',
    startTime: '19:30',
    endTime: '',
  });
  equal(suggestChoice('x.dbn', null, { ...facts, productType: 'equity_mbo' }).date, '2023-12-25');
});
