import { deepEqual, throws } from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { commandsOf } from './page.ts';

test('commands are the lines of sh blocks, without comments', () => {
  const page = '# Title\n\n```sh\nnpm ci\nnpx x --a "#1"   # why\n\n# alone\n```\n\n```json\n{}\n```\n';
  deepEqual(commandsOf(page), [
    { command: 'npm ci', line: 4 },
    { command: 'npx x --a "#1"', line: 5 },
  ]);
});

test('a command where no one would run it is refused', () => {
  throws(() => commandsOf('    npx spymaster doctor\n'), /line 1: .* stands in no sh block/);
  throws(() => commandsOf('```\nnpm test\n```\n'), /line 2/);
});

test('README has commands', () => {
  const commands = commandsOf(readFileSync(join(import.meta.dirname, '../../README.md'), 'utf8'));
  deepEqual(
    commands.slice(0, 2).map(({ command }) => command),
    ['npm ci', 'npm run demo'],
  );
});
