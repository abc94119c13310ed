import { deepEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { findCommands } from './commands.ts';

const run = () => {};
const commands = [
  { group: 'Panel', words: 'Tape of events (T)', run },
  { group: 'Layer', words: 'Resting depth', run },
  { group: 'Layer', words: 'Bid depth', run },
  { group: 'Panel', words: 'Depth beside the prices', run },
];

test('commands are found by the words of their name and group, beginnings first', () => {
  const found = (text: string) => findCommands(commands, text).map(({ words }) => words);
  deepEqual(
    found(''),
    commands.map(({ words }) => words),
  );
  deepEqual(found('depth'), ['Depth beside the prices', 'Resting depth', 'Bid depth']);
  deepEqual(found('LAYER  dep'), ['Resting depth', 'Bid depth']);
  deepEqual(found('pth'), ['Resting depth', 'Bid depth', 'Depth beside the prices']);
  deepEqual(found('nothing'), []);
});
