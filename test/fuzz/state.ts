import { equal, ok } from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { decodeDbn } from '../../src/dbn/index.ts';
import { Engine, type EngineOptions } from '../../src/engine/index.ts';
import { SpymasterError } from '../../src/errors.ts';
import { BookCache, type BookCheckpointKey, Lake } from '../../src/lake/index.ts';
import { engineOptions, sessions } from './engine_seeds.ts';
import { mutateBytes } from './mutate.ts';
import type { Target } from './target.ts';

/** Capture from long after the records: what an engine holds then is the book alone. */
const later: EngineOptions = {
  ...engineOptions,
  capture: { ...engineOptions.capture, startNs: engineOptions.capture.startNs + 3_600_000_000_000n, endNs: null },
};

const checkpointKey: BookCheckpointKey = {
  productType: 'future_mbo',
  symbol: 'MNQH6',
  publisherId: null,
  date: '2026-02-06',
  warmUpStartNs: later.capture.startNs,
  file: { name: 'session.dbn', sizeBytes: 10_000, modifiedNs: '1', ends: '00' },
};

/** Saved engines, saved books, and the files that keep the latter: damaged ones are refused. */
export async function makeTarget(kept: readonly Uint8Array[], folder: string): Promise<Target> {
  const lake = new Lake(folder);
  const notices: string[] = [];
  const cache = new BookCache(lake, { notice: (text) => notices.push(text) });
  const states = sessions().map((file) => stateOf(engineOptions, file, (engine) => engine.save()));
  const books = sessions().map((file) => stateOf(later, file, (engine) => engine.saveBook()));
  await cache.save(checkpointKey, { state: books[0]!, byteOffset: 400 });
  const [{ path } = { path: '' }] = await cache.entries();
  const checkpoint = new Uint8Array(readFileSync(path));
  const sound = [...states, ...books, checkpoint];
  const known = new Set(sound.map(textOf));
  const corpus = [...sound, ...kept];
  return {
    corpus,
    codes: ['STATE_INVALID'],
    mutate: (random) => mutateBytes(random, corpus),
    read: async (input) => {
      const isSound = known.has(textOf(input));
      writeFileSync(path, input);
      const loaded = await cache.load(checkpointKey);
      equal(loaded !== null, textOf(input) === textOf(checkpoint), 'a whole checkpoint is used, and nothing else');
      if (loaded === null) ok(notices.pop()?.endsWith('.'), 'an unused checkpoint is reported');
      const outcomes = [
        attempt(() => Engine.restore(engineOptions, input)),
        attempt(() => Engine.restoreBook(later, loaded?.state ?? input)),
      ];
      const refused = outcomes.filter((outcome) => outcome !== null);
      if (refused.length < outcomes.length) {
        ok(isSound, 'a state that was changed is refused');
        equal(refused.length, 1, 'a state is of one kind');
        return 'restored';
      }
      throw refused[0]!;
    },
  };
}

const textOf = (bytes: Uint8Array) => Buffer.from(bytes).toString('latin1');

function attempt(restore: () => Engine): SpymasterError | null {
  try {
    restore();
    return null;
  } catch (error) {
    if (error instanceof SpymasterError) return error;
    throw error;
  }
}

/** What `save` gives of an engine that has seen a session. */
function stateOf(options: EngineOptions, file: Uint8Array, save: (engine: Engine) => Uint8Array | null): Uint8Array {
  const engine = new Engine(options);
  for (const batch of decodeDbn(file).batches) {
    for (let index = 0; index < batch.count; ) index = engine.ingest(batch, index);
  }
  const state = save(engine);
  ok(state !== null);
  return state;
}
