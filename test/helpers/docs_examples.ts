import { ok } from 'node:assert/strict';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { TestContext } from 'node:test';
import { pathToFileURL } from 'node:url';
import { format } from 'node:util';

const root = resolve(import.meta.dirname, '../..');

/** An example of a page in docs/. */
export interface Example {
  readonly name: string;
  readonly code: string;
  /** The lines that it prints, as its `// →` comments say. */
  readonly promised: readonly string[];
}

/** The TypeScript blocks of a page. */
export function examplesOf(page: string): Example[] {
  const blocks = [...readFileSync(join(root, 'docs', page), 'utf8').matchAll(/```ts\n([\s\S]*?)```/g)];
  ok(blocks.length > 0, `docs/${page} has no examples`);
  return blocks.map(([, code = ''], index) => {
    const name = `docs/${page}, example ${index + 1}`;
    const promised = [...code.matchAll(/\/\/ → (.*)$/gm)].map(([, line = '']) => line);
    ok(promised.length > 0, `${name} prints nothing`);
    return { name, code, promised };
  });
}

/** The source file of an entry point such as `spymaster/dbn`. */
export function entryPoint(name: string): string {
  return join(root, 'src', name, 'index.ts');
}

/** What an example prints; it runs as a file of its own in `folder`. */
export async function printedInNode(context: TestContext, code: string, folder: string): Promise<string[]> {
  const path = join(mkdtempSync(join(folder, 'example-')), 'example.ts');
  writeFileSync(
    path,
    code.replace(/'spymaster\/(\w+)'/g, (_, name: string) => `'${pathToFileURL(entryPoint(name)).href}'`),
  );
  const printed: string[] = [];
  context.mock.method(console, 'log', (...values: unknown[]) => {
    printed.push(format(...values));
  });
  await import(pathToFileURL(path).href);
  return printed;
}
