import { builtPagesVariable, missingChromium } from './browser.ts';
import { type BuiltPages, buildPages } from './build_pages.ts';

/*
 * `npm run test:pages` builds the pages once for all of its files: with `--test-global-setup` the test runner calls these
 * before the first and after the last of them, and they inherit the variable.
 */

let built: BuiltPages | null = null;

export async function globalSetup(): Promise<void> {
  if (missingChromium !== false) return;
  built = await buildPages(['index', 'vacuum-pressure', 'experiments']);
  process.env[builtPagesVariable] = built.webRoot;
}

export function globalTeardown(): void {
  built?.remove();
}
