import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { ProductType } from '../config/index.ts';
import { isMissing, readError } from '../files/index.ts';
import type { Lake } from './lake.ts';
import { symbolInName, venueInName } from './raw_names.ts';

/** What a recording of a live feed is of. */
export interface RecordingSubject {
  readonly productType: ProductType;
  /** Dataset code, such as `GLBX.MDP3`. */
  readonly dataset: string;
  /** The contract, or what else was subscribed to. */
  readonly symbol: string;
}

/** A recording in the lake, plain or compressed. */
export interface StoredRecording {
  /** Path of the plain file. */
  readonly path: string;
  /** Session date, YYYY-MM-DD. */
  readonly date: string;
  /** 1, or more where the session has several: the recorder was started again, or the feed's format changed. */
  readonly part: number;
  /** Whether the plain file is there: it grows, or was left. */
  readonly isPlain: boolean;
  readonly isCompressed: boolean;
}

/** `…/glbx-mdp3-20260206.MNQH6.live.dbn`: beside the downloads, where `findRawFile` finds it. */
export function recordingPath(lake: Lake, subject: RecordingSubject, date: string, part = 1): string {
  const [before, symbol] = stemOf(subject);
  const name = `${before}${date.replaceAll('-', '')}.${symbol}.live${part === 1 ? '' : `-${part}`}.dbn`;
  return join(folderOf(lake, subject), name);
}

/** The recordings of a subject, earliest first. Throws FILE_UNREADABLE. */
export async function storedRecordings(lake: Lake, subject: RecordingSubject): Promise<StoredRecording[]> {
  const folder = folderOf(lake, subject);
  const names = await readdir(folder).catch((cause: unknown) => {
    if (isMissing(cause)) return [];
    throw readError(folder, cause);
  });
  const there = new Set(names);
  const [before, symbol] = stemOf(subject).map(RegExp.escape);
  const pattern = new RegExp(`^(${before}(\\d{4})(\\d{2})(\\d{2})\\.${symbol}\\.live(?:-(\\d+))?\\.dbn)(?:\\.zst)?$`);
  const found = new Map<string, StoredRecording>();
  for (const [, name = '', year, month, day, part = '1'] of names.flatMap((each) => {
    const match = pattern.exec(each);
    return match === null ? [] : [match];
  })) {
    found.set(name, {
      ...{ path: join(folder, name), date: `${year}-${month}-${day}`, part: Number(part) },
      ...{ isPlain: there.has(name), isCompressed: there.has(`${name}.zst`) },
    });
  }
  return [...found.values()].sort((a, b) => (a.date < b.date ? -1 : a.date > b.date ? 1 : a.part - b.part));
}

function stemOf({ dataset, symbol }: RecordingSubject): [string, string] {
  return [`${venueInName(dataset)}-`, symbolInName(symbol)];
}

/** The folder of the product: what stands behind the root in a parent or continuous symbol (`ES.FUT`, `ES.c.0`) goes. */
function folderOf(lake: Lake, { productType, symbol }: RecordingSubject): string {
  const root = productType === 'future_mbo' ? symbol.replace(/\.(?:[A-Z]+|[a-z]\.\d+)$/, '') : symbol;
  return lake.rawFolder(productType, root);
}
