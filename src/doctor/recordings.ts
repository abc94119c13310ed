import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { GapList } from '../dbn/index.ts';
import { isBeingRecorded, isMissing, openRecords, readError, Turns } from '../files/index.ts';
import { formatDurationS, formatNewYork, plural } from '../format.ts';
import type { Lake } from '../lake/index.ts';
import { type ExamineOptions, type Finding, failed, ok, warning } from './finding.ts';

/** Looks at the live recordings of a lake: which still grow, which were left within a record, and which have gaps. */
export async function recordings(lake: Lake, { signal, onLook }: ExamineOptions): Promise<Finding[]> {
  const findings: Finding[] = [];
  let count = 0;
  for (const path of await dbnFiles(lake)) {
    signal.throwIfAborted();
    try {
      await using source = await openRecords(path);
      if (source.metadata.schema !== null) continue;
      const name = lake.relative(path);
      onLook(`recording ${name}`);
      count++;
      const isGrowing = isBeingRecorded(path);
      const gaps = new GapList();
      const turns = new Turns();
      for await (const batch of source) {
        gaps.add(batch);
        if (turns.isDue) await turns.take(signal);
      }
      if (isGrowing) findings.push(ok(check, `${name} is still being recorded`));
      else if (source.tornTail !== null) findings.push(torn(name, source.tornTail.bytes));
      if (gaps.longest !== null) findings.push(withGaps(name, gaps));
    } catch (error) {
      findings.push(failed(check, error));
    }
  }
  if (findings.some(({ state }) => state !== 'ok')) return findings;
  return [
    ok(check, count === 0 ? 'no live recording' : `${plural(count, 'live recording')} without a gap`),
    ...findings,
  ];
}

const check = 'recordings';

async function dbnFiles(lake: Lake): Promise<string[]> {
  const raw = lake.path('raw');
  try {
    const entries = await readdir(raw, { recursive: true, withFileTypes: true });
    return entries
      .filter((entry) => entry.isFile() && /\.dbn(?:\.zst)?$/.test(entry.name) && !entry.name.startsWith('.'))
      .map(({ name, parentPath }) => join(parentPath, name))
      .sort();
  } catch (cause) {
    if (isMissing(cause)) return [];
    throw readError(raw, cause);
  }
}

function torn(name: string, bytes: number): Finding {
  return warning(
    check,
    `${name} ends in ${plural(bytes, 'byte')} that are no whole record, and nobody records to it`,
    'run its recording again: it goes on behind the last whole record; readers stop there',
  );
}

function withGaps(name: string, { count, missingNs, longest }: GapList): Finding {
  const length = missingNs > 0n ? `, ${formatDurationS(Number(missingNs) / 1e9)} in all` : '';
  const where = longest === null ? '' : `, the longest from ${formatNewYork(longest.fromNs)} (${longest.cause})`;
  return warning(
    check,
    `${name} has ${plural(count, 'gap')}${length}${where}`,
    'bins there have no valid book; the historical file of the day has none: `npx spymaster download`',
  );
}
