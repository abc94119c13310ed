import { equal } from 'node:assert/strict';
import { appendFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryFolder } from '../../../test/helpers/temporary_folder.ts';
import { announcedGrowth, announceWrite, createWriteCounter } from './announced_growth.ts';

const path = join(temporaryFolder('announced'), 'growing');

test('a reader goes on when the writer says so, at the end, and when the file is gone', async () => {
  writeFileSync(path, 'abc');
  const counter = createWriteCounter();
  let isEnded = false;
  const growth = announcedGrowth(path, counter, () => isEnded);
  equal(await growth.grownPast(0), 'grown');
  const waiting = growth.grownPast(3);
  appendFileSync(path, 'd');
  announceWrite(counter);
  equal(await waiting, 'grown');
  const ending = growth.grownPast(4);
  isEnded = true;
  announceWrite(counter);
  equal(await ending, 'ended');
  rmSync(path);
  isEnded = false;
  equal(await growth.grownPast(4), 'ended');
});
