import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'vite';
import viteConfig from '../../vite.config.ts';

/** Pages that are built, and what removes them. */
export interface BuiltPages {
  readonly webRoot: string;
  readonly remove: () => void;
}

/** Builds pages into a temporary folder; `remove` deletes it. */
export async function buildPages(names: readonly string[]): Promise<BuiltPages> {
  const webRoot = mkdtempSync(join(tmpdir(), 'spymaster-pages-'));
  const { build: buildOptions, ...rest } = viteConfig;
  await build({
    ...rest,
    configFile: false,
    logLevel: 'error',
    build: {
      ...buildOptions,
      outDir: webRoot,
      reportCompressedSize: false,
      rolldownOptions: {
        ...buildOptions?.rolldownOptions,
        input: names.map((name) => join(viteConfig.root!, `${name}.html`)),
      },
    },
  });
  return { webRoot, remove: () => rmSync(webRoot, { recursive: true, force: true }) };
}
