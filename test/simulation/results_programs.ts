import { join } from 'node:path';
import { contentHash } from '../../src/config/index.ts';
import { call, isMissing, type Steps } from '../../src/files/index.ts';
import { WorkspaceSteps } from '../../src/files/protocol/workspace_steps.ts';
import {
  dropMerged,
  type PartManifest,
  partFormat,
  partManifestName,
  partName,
  storedParts,
} from '../../src/lake/results/part_steps.ts';
import { ask, bytes, type Ending, ending, type Part, writeByPath } from './programs.ts';
import { Violation } from './world.ts';

const table = 'runs.parquet';
/** Tries of a query, as `ResultsStore` has them. */
const maxAttempts = 4;

/** Where the ledger of results in a folder is. */
export const ledgerOf = (folder: string) => `${folder}_ledger`;

/** Adds a row to the results in a folder, and before to their ledger. */
export function appendRow(part: Part, folder: string): Steps<void> {
  return ending(part, appendRowSteps(part, folder));
}

function* appendRowSteps(part: Part, folder: string): Steps<Ending> {
  const row = `row ${yield* call('drawId')} of ${part.process.name}`;
  yield* writePart(part, ledgerOf(folder), [], [row]);
  yield* writePart(part, folder, [], [row]);
  part.truth.rows.add(row);
  return 'made';
}

/** Reads all rows and looks whether those are there that were reported when it began, and whether the ledger has them. */
export function readRows(part: Part, folder: string): Steps<void> {
  return ending(part, readRowsSteps(part, folder));
}

function* readRowsSteps({ process, truth }: Part, folder: string): Steps<Ending> {
  const expected = [...truth.rows];
  const rows = yield* rowsIn(folder);
  if (rows === null) return 'was there';
  const missing = expected.filter((row) => !rows.has(row));
  if (missing.length > 0) throw new Violation(`${process.name} does not see ${missing.join(', ')}`);
  const known = yield* rowsIn(ledgerOf(folder));
  if (known === null) return 'was there';
  const lacking = [...rows].filter((row) => !known.has(row));
  if (lacking.length > 0) throw new Violation(`${process.name} sees ${lacking.join(', ')}, which the ledger lacks`);
  return 'made';
}

/**
 * Merges all parts of the ledger and of the results into one each, which is named by what it merges: `results compact`, or the end of a
 * dataset.
 */
export function compactRows(part: Part, folder: string): Steps<void> {
  return ending(part, compactBothSteps(part, folder));
}

function* compactBothSteps(part: Part, folder: string): Steps<Ending> {
  yield* compactRowsSteps(part, ledgerOf(folder));
  return yield* compactRowsSteps(part, folder);
}

function* compactRowsSteps(part: Part, folder: string): Steps<Ending> {
  const { live, replaced } = yield* storedParts(folder, new Map());
  if (live.size + replaced.length < 2) return 'was there';
  const rows = yield* rowsIn(folder);
  if (rows === null) return 'was there';
  const from = [...replaced, ...live.keys()];
  const merged = yield* writePart(part, folder, from, [...rows], partName(0, contentHash(from.toSorted(), 32)));
  // Another compaction may have taken the merged part over already.
  return (yield* dropMerged(folder, merged, part.process.owners)) ? 'made' : 'was there';
}

function* writePart(
  { process }: Part,
  folder: string,
  replaces: readonly string[],
  rows: readonly string[],
  mergedName?: string,
): Steps<string> {
  const name = mergedName ?? partName(Math.round(yield* ask<number>('now')), yield* call('drawId'));
  const workspace = yield* WorkspaceSteps.create(join(folder, name), process.owners);
  try {
    yield* writeByPath(join(workspace.path, table), [JSON.stringify(rows)]);
    const files = { [table]: (yield* workspace.adopt(table)).sha256 };
    const manifest: PartManifest = { format: partFormat, files, replaces };
    yield* workspace.write(partManifestName, bytes(JSON.stringify(manifest)));
    // One that merged the same parts has made the same.
    if (!(yield* workspace.publish(workspace.target)) && mergedName === undefined)
      throw new Violation(`${name} is there already`);
    return name;
  } finally {
    yield* workspace.dispose();
  }
}

/** The rows of all parts; null when compactions took the files away again and again. */
function* rowsIn(folder: string): Steps<Set<string> | null> {
  const verified = new Map<string, PartManifest>();
  for (let attempt = 0; attempt < maxAttempts; attempt++) {
    try {
      const rows = new Set<string>();
      for (const name of (yield* storedParts(folder, verified)).live.keys()) {
        const text = new TextDecoder().decode(yield* call('readFile', join(folder, name, table)));
        for (const row of JSON.parse(text) as string[]) rows.add(row);
      }
      return rows;
    } catch (cause) {
      if (!isMissing(cause)) throw cause;
    }
  }
  return null;
}
