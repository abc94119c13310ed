import { deepEqual, throws } from 'node:assert/strict';
import { test } from 'node:test';
import { liveRequest } from './serve_live.ts';

test('flags of a live server go together', () => {
  deepEqual(liveRequest({}), null);
  deepEqual(liveRequest({ live: true, serving: 'mnq' }), { serving: 'mnq', start: 'now' });
  deepEqual(
    liveRequest({ live: true, serving: 'mnq', symbol: 'MNQM6', gateway: '127.0.0.1:13000', start: 'session' }),
    {
      ...{ serving: 'mnq', start: 'session', symbol: 'MNQM6', gateway: '127.0.0.1:13000' },
    },
  );
  throws(() => liveRequest({ live: true }), /--live needs the published version.*add --serving <alias>/);
  throws(() => liveRequest({ gateway: 'x:1' }), /--gateway says what to serve live: add --live, or leave it out/);
});
