import { equal } from 'node:assert/strict';
import { appendFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryFolder } from '../../../test/helpers/temporary_folder.ts';
import { announcedGrowth } from './announced_growth.ts';
import { WriteLogReader, WriteLogWriter } from './write_log.ts';

const path = join(temporaryFolder('announced'), 'growing');

test('a reader goes on when the writer says so, at the end, and when the file is gone', async () => {
  writeFileSync(path, 'abc');
  const writer = new WriteLogWriter();
  let isEnded = false;
  const growth = announcedGrowth(path, new WriteLogReader(writer.log), () => isEnded);
  equal(await growth.grownPast(0), 'grown');
  const waiting = growth.grownPast(3);
  appendFileSync(path, 'd');
  writer.done(4);
  equal(await waiting, 'grown');
  const ending = growth.grownPast(4);
  isEnded = true;
  writer.done(4);
  equal(await ending, 'ended');
  rmSync(path);
  isEnded = false;
  equal(await growth.grownPast(4), 'ended');
});
