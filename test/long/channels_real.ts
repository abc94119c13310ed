import { deepEqual, ok } from 'node:assert/strict';
import { openAsBlob } from 'node:fs';
import { test } from 'node:test';
import type { Lake } from '../../src/lake/index.ts';
import { startServer } from '../../src/server/index.ts';
import { fileBins } from '../../web/vacuum-pressure/local/file_bins.ts';
import { readGoldenConfig } from '../helpers/golden.ts';
import { missingShared, sharedPath } from '../helpers/shared.ts';
import { StreamClient } from '../helpers/stream_client.ts';
import { createRealLake } from '../web/real_lake.ts';

/** A server of a lake, which ends with its block. */
async function serve(lake: Lake): Promise<{ readonly address: string } & AsyncDisposable> {
  const server = await startServer({ lake, host: '127.0.0.1', port: 0, webRoot: lake.root });
  return { address: server.address.replace('http', 'ws'), [Symbol.asyncDispose]: () => server.close() };
}

test('a file that the browser replays has the depth, events and features of the server, to the byte, also after seeks', {
  skip: missingShared,
}, async () => {
  const real = createRealLake();
  try {
    const blob = await openAsBlob(sharedPath('data', 'esh4-glbx-mdp3-20231225.mbo.dbn.zst'));
    const local: { readonly depth: Uint8Array; readonly events: string; readonly features: string }[] = [];
    for await (const { depth, events, features } of fileBins(blob, readGoldenConfig('esh4-open'), () => {})) {
      local.push({ depth: depth.slice(), events, features });
    }
    ok(local.filter(({ events }) => events.length > 60).length > 300, 'hundreds of bins have events');
    // From the file's first record; then by a new server, from the book that the first one stored, after a seek.
    for (const from of [0, 2900]) {
      await using server = await serve(real.lake);
      const client = new StreamClient(`${server.address}/v1/vacuum-pressure/stream?serving=real`);
      await client.opened();
      client.control('subscribe', { channels: ['depth', 'events', 'features'] });
      if (from === 0) client.control('restart');
      else client.control('seek', { bin_seq: from });
      client.control('speed', { speed: 'max' });
      await client.until(() => (client.features.at(-1)?.seq ?? -1) >= local.length - 1);
      await client.close();
      deepEqual(client.disorder, []);
      const events = new Map(client.events.map(({ seq, text }) => [seq, text]));
      const features = new Map(client.features.map(({ seq, text }) => [seq, text]));
      const depths = new Map(client.depths.map((frame) => [frame.readUInt32LE(4), frame]));
      for (const [seq, { depth, events: text, features: numbers }] of local.entries()) {
        if (seq >= from) deepEqual([events.get(seq), features.get(seq)], [text, numbers]);
        const frame = depths.get(seq);
        ok(seq < from || frame?.equals(depth));
      }
    }
  } finally {
    real.remove();
  }
});
