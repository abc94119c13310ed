import { deepEqual, equal, match, throws } from 'node:assert/strict';
import { test } from 'node:test';
import { subscriptionLines } from './client.ts';
import {
  challengeAnswer,
  endsSession,
  formatLine,
  gatewayAddress,
  LineReader,
  maxLineBytes,
  parseLine,
  parseStart,
} from './protocol.ts';

test('lines are the same wherever they are cut, and the bytes behind them stay', () => {
  const text = 'lsg_version=0.9.4\ncram=abc\r\nsuccess=1|session_id=7|\n';
  const bytes = Buffer.concat([Buffer.from(text), Buffer.from([0x44, 0x42, 0x4e, 3, 10])]);
  for (let cut = 0; cut <= bytes.length; cut++) {
    const reader = new LineReader();
    const lines: string[] = [];
    for (const part of [bytes.subarray(0, cut), bytes.subarray(cut)]) {
      reader.push(part);
      while (lines.length < 3) {
        const line = reader.next();
        if (line === null) break;
        lines.push(line);
      }
    }
    deepEqual(lines, ['lsg_version=0.9.4', 'cram=abc', 'success=1|session_id=7|']);
    deepEqual([...reader.rest()], [0x44, 0x42, 0x4e, 3, 10]);
  }
});

test('a line without end is refused once it is too long', () => {
  const reader = new LineReader();
  reader.push(new Uint8Array(maxLineBytes).fill(65));
  equal(reader.next(), null);
  throws(() => reader.push(new Uint8Array(1).fill(65)), { code: 'LIVE_LOST' });
  throws(() => new LineReader().push(Buffer.from(`${'A'.repeat(maxLineBytes + 1)}\n`)), { code: 'LIVE_LOST' });
});

test('fields of a line come in any order, and a field without a value is left out', () => {
  const line = 'auth=ab-cd=e|dataset=GLBX.MDP3|details=|unknown=1||client=x y|\n';
  deepEqual(Object.fromEntries(parseLine(line)), {
    auth: 'ab-cd=e',
    dataset: 'GLBX.MDP3',
    details: '',
    unknown: '1',
    client: 'x y',
  });
  equal(
    formatLine({ schema: 'mbo', start: undefined, id: 3, stype_in: 'raw_symbol' }),
    'schema=mbo|id=3|stype_in=raw_symbol\n',
  );
});

test('a challenge is answered by its hash with the key, and the end of the key', () => {
  const answer = challengeAnswer('a challenge', 'db-0000000000000000000000000mNUM6');
  match(answer, /^[0-9a-f]{64}-mNUM6$/);
  // As `printf 'challenge|key' | sha256sum` gives it.
  equal(challengeAnswer('abc', 'db-12345'), '7260e3b7b3a36743a1dbf01db973331bef9c9f5df84d0a5515ee674666c1e8d8-12345');
});

test('a start is UNIX nanoseconds or ISO 8601', () => {
  equal(parseStart('0'), 0n);
  equal(parseStart('1770388200000000001'), 1770388200000000001n);
  equal(parseStart('2026-02-06T14:30:00Z'), 1770388200000000000n);
  equal(parseStart('2026-02-06T09:30:00-05:00'), 1770388200000000000n);
  equal(parseStart('2026-02-06T14:30:00.000000001'), 1770388200000000001n);
  equal(parseStart('2026-02-06'), 1770336000000000000n);
  for (const text of ['', 'now', '-1', '1e9', '2026-02-30']) equal(parseStart(text), null, text);
});

test('the gateway of a dataset is known by name; another is given as host and port', () => {
  deepEqual(gatewayAddress('GLBX.MDP3'), { host: 'glbx-mdp3.lsg.databento.com', port: 13000 });
  deepEqual(gatewayAddress('GLBX.MDP3', '127.0.0.1:13001'), { host: '127.0.0.1', port: 13001 });
  deepEqual(gatewayAddress('GLBX.MDP3', 'localhost'), { host: 'localhost', port: 13000 });
  deepEqual(gatewayAddress('GLBX.MDP3', '[::1]:5'), { host: '::1', port: 5 });
  for (const given of ['', ':13000', 'a:0', 'a:65536', 'a:b', 'http://a:1', 'user@a:1', '::1']) {
    throws(() => gatewayAddress('GLBX.MDP3', given), { code: 'USAGE' }, given);
  }
});

test('subscriptions have at most 500 symbols a line, and only the last line of each says so', () => {
  const symbols = Array.from({ length: 1001 }, (_, index) => `S${index}`);
  const lines = subscriptionLines([
    { schema: 'mbo', stypeIn: 'raw_symbol', symbols, startNs: 0n },
    { schema: 'definition', stypeIn: 'instrument_id', symbols: ['42'], snapshot: true },
  ]).map((line) => Object.fromEntries(parseLine(line)));
  deepEqual(
    lines.map(({ symbols = '', is_last, id, start, snapshot }) => [
      symbols.split(',').length,
      is_last,
      id,
      start,
      snapshot,
    ]),
    [
      [500, '0', '1', '0', '0'],
      [500, '0', '1', '0', '0'],
      [1, '1', '1', '0', '0'],
      [1, '1', '2', undefined, '1'],
    ],
  );
});

test('codes 1, 2, 3, 5, 6 and 8 end a session, 4, 7 and unset do not', () => {
  deepEqual(
    [1, 2, 3, 4, 5, 6, 7, 8, 9, 255].filter((code) => endsSession(code)),
    [1, 2, 3, 5, 6, 8],
  );
});
