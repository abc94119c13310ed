import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import type { Lake, ServingRegistry } from '../lake/index.ts';

/** Changes whenever results are added to a lake, merged or taken away. */
export async function resultsVersion(lake: Lake): Promise<string> {
  const { storage } = lake;
  const names = await (storage?.names(lake.relative(lake.results)) ?? readdir(lake.results).catch(() => []));
  return hashOf(
    names
      .filter((name) => name.startsWith('part-'))
      .sort()
      .join(),
  );
}

/** Changes whenever anything that answers about experiments depend on does: results, and which runs aliases serve. */
export class ResultsVersion {
  readonly #lake: Lake;
  readonly #registry: ServingRegistry;

  constructor(lake: Lake, registry: ServingRegistry) {
    this.#lake = lake;
    this.#registry = registry;
  }

  async current(): Promise<string> {
    const results = await resultsVersion(this.#lake);
    const aliases = this.#registry.aliases().map(({ alias, servingId }) => `${alias}=${servingId}`);
    return hashOf(`${results} ${aliases}`);
  }
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}
