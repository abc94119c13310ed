import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { sha256File, writeFileAtomic } from '../files/index.ts';
import type { Lake } from '../lake/index.ts';
import { importSyntheticSession, planSession, type SessionRequest, type WriteSessionOptions } from './session_file.ts';

const noteSchema = z.object({
  version: z.literal(1),
  /** Path in the lake, by symbol and date. */
  files: z.record(z.string(), z.object({ path: z.string(), sha256: z.string() })),
});
type Files = z.output<typeof noteSchema>['files'];

/**
 * The sessions of the demo in a lake. What an earlier demo made is used again when its file is as it was; a session that the lake has
 * from elsewhere is never written over. A note in the lake's cache says which files are the demo's.
 */
export class DemoSessions {
  readonly #lake: Lake;
  readonly #files: Files;

  private constructor(lake: Lake, files: Files) {
    this.#lake = lake;
    this.#files = files;
  }

  static async open(lake: Lake): Promise<DemoSessions> {
    const text = await readFile(notePath(lake), 'utf8').catch(() => '{}');
    let note: unknown;
    try {
      note = JSON.parse(text);
    } catch {
      note = null;
    }
    const parsed = noteSchema.safeParse(note);
    return new DemoSessions(lake, parsed.success ? parsed.data.files : {});
  }

  /** The file of a session, made where the lake has none. Throws FILE_EXISTS where the lake has another one. */
  async file(request: SessionRequest, options: WriteSessionOptions): Promise<{ path: string; isNew: boolean }> {
    const key = `${request.symbol} ${request.date}`;
    const known = this.#files[key];
    if (known !== undefined) {
      const path = this.#lake.path(...known.path.split('/'));
      if ((await sha256File(path).catch(() => null)) === known.sha256) return { path, isNew: false };
    }
    const { session } = await importSyntheticSession(this.#lake, planSession(request), options);
    this.#files[key] = { path: this.#lake.relative(session.path), sha256: session.sha256 };
    await writeFileAtomic(notePath(this.#lake), `${JSON.stringify({ version: 1, files: this.#files })}\n`);
    return { path: session.path, isNew: session.state === 'imported' };
  }
}

function notePath(lake: Lake): string {
  return lake.path('cache', 'demo.json');
}
