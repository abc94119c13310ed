#!/usr/bin/env node
import { existsSync } from 'node:fs';
import module from 'node:module';

if (Number(process.versions.node.split('.')[0]) < 26) {
  process.stderr.write(
    `Spymaster needs Node 26 or newer and was started with ${process.version}. ` +
      'In a checkout, run `npm ci` and start it with `npx spymaster` or `npm run …`: both use the pinned runtime.\n',
  );
  process.exit(1);
}

// Types need to be stripped only once: half of the time of a short command.
module.enableCompileCache();

// A checkout runs from source; a published package holds only the emitted JavaScript.
const source = new URL('../src/cli/main.ts', import.meta.url);
const entry = existsSync(source) ? source : new URL('../dist/cli/main.js', import.meta.url);
const { main } = await import(entry.href);
await main(process.argv);
