import { openLiveSession } from '../../src/databento/live/index.ts';
import { sessionOptions } from '../helpers/live_client.ts';
import { rawGateway } from '../helpers/raw_gateway.ts';
import { smallSession } from '../helpers/small_session.ts';
import { mutateBytes } from './mutate.ts';
import type { Target } from './target.ts';

/** Bytes of a gateway, from the greeting on: the client gives their whole records and says how the session ended. */
export async function makeTarget(kept: readonly Uint8Array[]): Promise<Target> {
  let bytes: Uint8Array = new Uint8Array(0);
  const { port, close } = await rawGateway(() => bytes);
  const session = smallSession(20);
  const corpus = [
    ...['success=1|session_id=1', 'success=1|session_id=1|', 'success=0|error=no', 'session_id=1|success=1'].map(
      (answer) => Buffer.concat([Buffer.from(`lsg_version=0.9.4\ncram=abc\n${answer}\n`), session]),
    ),
    ...kept,
  ];
  return {
    corpus,
    codes: ['LIVE_LOST', 'LIVE_REFUSED', 'LIVE_LIMIT'],
    mutate: (random) => mutateBytes(random, corpus),
    read: async (input) => {
      bytes = input;
      await using live = await openLiveSession(sessionOptions(port, { timing: { authenticateMs: 500 } }));
      let records = 0;
      for await (const { count } of live.batches) records += count;
      return `${records} records without an end`;
    },
    close,
  };
}
