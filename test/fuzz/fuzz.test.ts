import { deepEqual, equal, match, ok, rejects } from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { makeTarget as makeFake } from './fake_target.ts';
import { runTarget } from './run_target.ts';
import { keptInputs, type MakeTarget, outcomeOf } from './target.ts';
import { quickTargets } from './targets.ts';

const folder = mkdtempSync(join(tmpdir(), 'spymaster-fuzz-'));
after(() => rmSync(folder, { recursive: true }));

const bytesOf = (word: string) => new TextEncoder().encode(word);
const run = (words: readonly string[] | null, limitMs = 20_000) =>
  runTarget({
    module: 'fake_target.ts',
    corpusFolder: 'none',
    folder: join(folder, 'work'),
    seed: 1,
    endMs: Date.now(),
    inputs: words?.map(bytesOf) ?? null,
    limitMs,
    heapMiB: 24,
    growthMiB: 100,
  });

test('the fuzzer counts how inputs end', async () => {
  deepEqual(await run(['read', 'refuse', 'read']), { inputs: 3, outcomes: { read: 2, PROTOCOL: 1 }, failure: null });
  equal((await run(null)).inputs, 1, 'where no time is left, one input is made all the same');
});

for (const [word, why, limitMs] of [
  ['throw', /^TypeError: no such thing\n +at /],
  ['spin', /took longer than 500 ms/, 100],
  ['bytes', /grew by [12]\d\d MiB/],
  ['heap', /ended with SIG\w+:\n.*heap/s],
  ['exit', /ended with code 3/],
] as const) {
  test(`the fuzzer reports an input that ends so: ${word}`, async () => {
    const { failure } = await run(['read', word, 'read'], limitMs);
    match(failure?.why ?? '', why);
    equal(new TextDecoder().decode(failure?.input ?? Uint8Array.of()), word);
  });
}

test('an error of ours that is not among those of the target is a defect', async () => {
  const target = makeFake();
  equal(await outcomeOf(target, bytesOf('refuse')), 'PROTOCOL');
  await rejects(outcomeOf(target, bytesOf('wrong code')), /PORT_TAKEN is no code of this target/);
  await rejects(outcomeOf(target, bytesOf('throw')), TypeError);
});

test('sound inputs and those that once failed end as they should', async () => {
  for (const name of quickTargets) {
    const { makeTarget } = (await import(`./${name}.ts`)) as { makeTarget: MakeTarget };
    const kept = keptInputs(join(import.meta.dirname, 'corpus', name));
    const target = await makeTarget(kept, mkdtempSync(join(folder, name)));
    ok(target.corpus.length > 0);
    for (const input of target.corpus) await outcomeOf(target, input);
    await target.close?.();
  }
});
