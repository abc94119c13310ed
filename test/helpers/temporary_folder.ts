import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';

/** A folder of its own for a test file or test, removed after it; `name` stands in its name. */
export function temporaryFolder(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), `spymaster-${name}-`));
  after(() => rmSync(folder, { recursive: true }));
  return folder;
}
