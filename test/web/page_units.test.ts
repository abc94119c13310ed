import { globSync } from 'node:fs';
import { join, resolve } from 'node:path';

// The tests beside the pages' code use nothing that outlives them, and starting a process for each file took longer than
// running it: they share this one. Each file can still be run alone.

const root = resolve(import.meta.dirname, '../..');
for (const path of globSync('web/**/*.test.ts', { cwd: root }).sort()) await import(join(root, path));
