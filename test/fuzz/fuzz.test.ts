import { deepEqual, equal, match, ok, rejects } from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { makeTarget as makeFake } from './fake_target.ts';
import { runTarget } from './run_target.ts';
import { keptInputs, type MakeTarget, outcomeOf } from './target.ts';

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

test('inputs that once failed end as they should', async () => {
  const corpus = join(import.meta.dirname, 'corpus');
  let count = 0;
  for (const name of readdirSync(corpus)) {
    const { makeTarget } = (await import(`./${name}.ts`)) as { makeTarget: MakeTarget };
    const target = await makeTarget([], mkdtempSync(join(folder, name)));
    for (const input of keptInputs(join(corpus, name))) {
      await outcomeOf(target, input);
      count++;
    }
    await target.close?.();
  }
  ok(count > 0);
});
