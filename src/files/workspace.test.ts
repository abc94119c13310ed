import { deepEqual, equal, ok, rejects, throws } from 'node:assert/strict';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryFolder } from '../../test/helpers/temporary_folder.ts';
import { runStepsSync } from './protocol/run_steps.ts';
import { WorkspaceSteps } from './protocol/workspace_steps.ts';
import { Workspace } from './workspace.ts';

const folder = temporaryFolder('workspace');

async function filled(target: string): Promise<Workspace> {
  const workspace = await Workspace.create(target);
  await workspace.write('manifest.json', '{}');
  await workspace.makeFolder('hour=14/part');
  writeFileSync(join(workspace.path, 'hour=14/part/data'), 'data');
  await workspace.adopt('hour=14/part/data');
  return workspace;
}

test('a folder gets its name when all its files are as they were written', async () => {
  const target = join(folder, 'a', 'dataset');
  {
    await using workspace = await filled(target);
    deepEqual(
      [...workspace.files].map(([name, { fileBytes }]) => [name, fileBytes]),
      [
        ['manifest.json', 2],
        ['hour=14/part/data', 4],
      ],
    );
    equal(existsSync(target), false);
    ok(await workspace.publish());
  }
  equal(readFileSync(join(target, 'hour=14/part/data'), 'utf8'), 'data');
  deepEqual(readdirSync(join(folder, 'a')), ['dataset']);
});

test('a folder whose name is taken is not published, and leaves nothing', async () => {
  const target = join(folder, 'taken', 'dataset');
  await using first = await filled(target);
  {
    await using second = await filled(target);
    ok(await second.publish());
    equal(await first.publish(), false);
  }
  await first[Symbol.asyncDispose]();
  deepEqual(readdirSync(join(folder, 'taken')), ['dataset']);
});

for (const [what, meddle] of Object.entries<(path: string) => void>({
  'its temporary folder was removed': (path) => rmSync(path, { recursive: true }),
  'its temporary folder was replaced': (path) => {
    renameSync(path, `${path}-moved`);
    mkdirSync(path);
    writeFileSync(join(path, 'manifest.json'), '{}');
  },
  'manifest.json was removed': (path) => rmSync(join(path, 'manifest.json')),
  'manifest.json was changed': (path) => writeFileSync(join(path, 'manifest.json'), '[]'),
  'hour=14/part/data was changed': (path) => appendFileSync(join(path, 'hour=14/part/data'), 'x'),
  'stray was added': (path) => writeFileSync(join(path, 'stray'), ''),
})) {
  test(`nothing is published when ${what}`, async () => {
    const here = join(folder, what.replace(/\W/g, '_'));
    const target = join(here, 'dataset');
    {
      await using workspace = await filled(target);
      meddle(workspace.path);
      await rejects(workspace.publish(), {
        code: 'LAKE_NOT_WRITABLE',
        message: new RegExp(
          `^Cannot write ${target}: ${what} while it was being written, so nothing was published; .*\\.$`,
        ),
      });
    }
    deepEqual(
      readdirSync(here).filter((name) => !name.endsWith('-moved')),
      [],
    );
  });
}

test('a folder that was removed is not made again by the next write', async () => {
  const here = join(folder, 'gone');
  await using workspace = await filled(join(here, 'dataset'));
  rmSync(workspace.path, { recursive: true });
  const lost = { code: 'LAKE_NOT_WRITABLE', message: /nothing was published/ };
  await rejects(workspace.write('checksums.json', '{}'), lost);
  await rejects(workspace.makeFolder('hour=15'), lost);
  await rejects(workspace.adopt('manifest.json'), lost);
  equal(existsSync(workspace.path), false);
});

for (const [what, meddle, isPublished] of [
  ['taken away whole, by a compaction say,', (path: string) => renameSync(path, `${path}-moved`), true],
  ['emptied', (path: string) => rmSync(join(path, 'manifest.json')), false],
] as const) {
  test(`a folder that is ${what} right after it got its name was ${isPublished ? '' : 'not '}published`, () => {
    const target = join(folder, isPublished ? 'whole' : 'emptied', 'dataset');
    const owners = new Map();
    const workspace = runStepsSync(WorkspaceSteps.create(target, owners));
    runStepsSync(workspace.write('manifest.json', new TextEncoder().encode('{}')));
    const publish = function* () {
      const steps = workspace.publish(target);
      for (let next = steps.next(); ; ) {
        if (next.done) return next.value;
        const { value: made } = next;
        next = steps.next(yield made);
        if (made.name === 'rename' && existsSync(target)) meddle(target);
      }
    };
    try {
      if (isPublished) equal(runStepsSync(publish()), true);
      else throws(() => runStepsSync(publish()), { code: 'LAKE_NOT_WRITABLE', message: /manifest\.json was removed/ });
    } finally {
      runStepsSync(workspace.dispose());
    }
    deepEqual(readdirSync(join(target, '..')), isPublished ? ['dataset-moved'] : []);
  });
}
