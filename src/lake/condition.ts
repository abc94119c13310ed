import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { SpymasterError } from '../errors.ts';
import { writeFileAtomic } from '../files/index.ts';

/** What the vendor says of the data of one day: `available`, `degraded`, `pending` or `missing`. */
export type DayCondition = z.infer<typeof dayConditions>[number];

/** The shape of `metadata.get_dataset_condition` and of a batch job's condition.json. */
export const dayConditions = z.array(
  z.looseObject({ date: z.string(), condition: z.string(), last_modified_date: z.string().nullish() }),
);

/** Path of the condition that is kept beside a replay file; the same for `x.dbn`, `x.dbn.zst` and `x.dbz`. */
export function conditionPath(rawPath: string): string {
  return `${rawPath.replace(/\.(?:dbn(?:\.zst)?|dbz)$/, '')}.condition.json`;
}

/**
 * The vendor's condition of a session date, from the file beside the replay file; null where none is kept.
 * @throws FILE_UNREADABLE for a file that is not a list of conditions
 */
export async function readCondition(rawPath: string, date: string): Promise<string | null> {
  const path = conditionPath(rawPath);
  const text = await readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') return null;
    throw unreadable(path, cause.message, cause);
  });
  return text === null ? null : (parseConditions(path, text).find((day) => day.date === date)?.condition ?? null);
}

/** Keeps the vendor's list of conditions beside where a replay file is, or will be. */
export async function writeCondition(rawPath: string, text: string): Promise<void> {
  const path = conditionPath(rawPath);
  parseConditions(path, text);
  await writeFileAtomic(path, text);
}

function parseConditions(path: string, text: string): DayCondition[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw unreadable(path, (cause as Error).message, cause);
  }
  const checked = dayConditions.safeParse(value);
  if (checked.success) return checked.data;
  throw unreadable(path, 'expected a list of {date, condition, last_modified_date}');
}

/** A condition as a sentence about the data of its day; null when there is nothing to say. */
export function conditionSentence(condition: string | null | undefined, date: string): string | null {
  switch (condition) {
    case null:
    case undefined:
    case 'available':
      return null;
    case 'degraded':
      return `Databento calls its data of ${date} degraded: records may be missing or wrong.`;
    default:
      return `Databento calls its data of ${date} ${condition}.`;
  }
}

function unreadable(path: string, why: string, cause?: unknown): SpymasterError {
  return new SpymasterError(
    'FILE_UNREADABLE',
    `Cannot read the condition of the data in ${path}: ${why}; delete the file to go on without it.`,
    { path },
    cause,
  );
}
