import { deepEqual, equal, notDeepEqual, ok } from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ResultsStore } from '../../src/lake/index.ts';
import type { Server } from '../../src/server/index.ts';
import { promoteRun } from '../../src/sweep/index.ts';
import type { StreamClient } from '../helpers/stream_client.ts';
import { connectTo, serve } from '../helpers/stream_server.ts';
import { createTwoDaysLake, type TwoDaysLake, twoDays, twoDaysExperiment } from '../helpers/two_days_lake.ts';

let fixture: TwoDaysLake;
let server: Server;

before(async () => {
  fixture = await createTwoDaysLake();
  server = await serve(fixture.lake);
});
after(async () => {
  await server?.close();
  fixture?.remove();
});

async function play(serving: string): Promise<StreamClient> {
  const client = connectTo(server, `serving=${serving}`);
  await client.opened();
  client.control('speed', { speed: 'max' });
  await client.closed;
  return client;
}

test('a session of a run streams the bytes of the version that is promoted for that session', async () => {
  const runId = fixture.runIds[1]!;
  const days: StreamClient[] = [];
  for (const session of twoDays) {
    const unpublished = await play(`${runId.slice(0, 8)}.${session.replaceAll('-', '')}`);
    using store = await ResultsStore.open(fixture.lake);
    const { version } = await promoteRun({
      ...{ lake: fixture.lake, store, experimentName: twoDaysExperiment, runId, alias: 'best', session },
      now: () => '2026-02-07T00:00:00Z',
    });
    const promoted = await play(version.servingId);
    equal(unpublished.messages.at(-1)?.type, 'eof');
    ok(unpublished.bins.length >= 600);
    equal(unpublished.bins.length, promoted.bins.length);
    for (const [at, { text, frame }] of unpublished.bins.entries()) {
      equal(text, promoted.bins[at]?.text);
      ok(frame.equals(promoted.bins[at]!.frame), `frame ${at}`);
    }
    const { serving: _own, ...config } = unpublished.messages[0]!;
    const { serving: _published, ...other } = promoted.messages[0]!;
    deepEqual(config, other);
    days.push(unpublished);
  }
  notDeepEqual(days[0]!.bins[300], days[1]!.bins[300]);
  // The alias points at the newest day now; its other day is that of the run.
  const other = await play(`best.${twoDays[0].replaceAll('-', '')}`);
  equal(other.bins.length, days[0]!.bins.length);
  for (const [at, { text }] of other.bins.entries()) equal(text, days[0]!.bins[at]?.text);
});
