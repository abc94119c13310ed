import { z } from 'zod';
import { SpymasterError } from '../errors.ts';
import { nearest } from './nearest.ts';
import { type Origin, originOf, place } from './origin.ts';

/** One thing that is wrong with a configuration. */
export interface Problem {
  readonly where: string;
  readonly key: string;
  /** What to say of it, after `where`. */
  readonly text: string;
  readonly value?: string;
  readonly allowed?: string;
  readonly nearest?: string;
}

/**
 * Checks `value` against `schema` and gives the typed result. Throws one CONFIG_INVALID that tells every problem, the
 * first one leading, each with file, position when known, key, value, allowed range, and for an unknown key the nearest
 * known one. Schemas say what they allow in the message of each check ("a number > 0").
 */
export function checked<S extends z.ZodType>(schema: S, value: unknown, origin: string | Origin): z.output<S> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const source = originOf(origin);
  throw configError(
    source,
    result.error.issues.flatMap((issue) => problemsOf(schema, issue, value, source)),
  );
}

/** The CONFIG_INVALID error of a list of problems that is not empty. */
export function configError(origin: Origin, problems: readonly Problem[]): SpymasterError {
  const [first, ...others] = problems;
  const lines = [
    `Cannot use the configuration in ${first!.where}: ${first!.text}.`,
    ...others.map((other) => `  also ${other.where}: ${other.text}`),
  ];
  const { key, value, allowed } = first!;
  return new SpymasterError('CONFIG_INVALID', lines.join('\n'), {
    path: origin.file,
    key,
    ...(value === undefined ? {} : { value }),
    ...(allowed === undefined ? {} : { allowed }),
    ...(first!.nearest === undefined ? {} : { nearest: first!.nearest }),
    problems: problems.map((problem) => `${problem.where}: ${problem.text}`),
  });
}

/** A value as an error shows it: JSON, cut when long. */
export function shown(value: unknown): string {
  const text = typeof value === 'number' ? String(value) : (JSON.stringify(value) ?? String(value));
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}

function problemsOf(schema: z.ZodType, issue: z.core.$ZodIssue, value: unknown, origin: Origin): Problem[] {
  const key = keyText(issue.path);
  if (issue.code === 'unrecognized_keys') {
    const known = keysAt(schema, issue.path);
    return issue.keys.map((unknown) => {
      const path = [...issue.path, unknown];
      const suggestion = nearest(unknown, known);
      const hint = suggestion === null ? 'no key is known here' : `the nearest known key is ${shown(suggestion)}`;
      return {
        where: place(origin, path, true),
        key: keyText(path),
        text: `unknown key ${shown(keyText(path))}; ${hint}`,
        value: shown(valueAt(value, path)),
        ...(suggestion === null ? {} : { nearest: suggestion }),
      };
    });
  }
  const actual = valueAt(value, issue.path);
  const allowed = issue.message;
  if (actual === undefined && issue.path.length > 0) {
    return [{ where: place(origin, issue.path), key, text: `missing key ${shown(key)}; allowed: ${allowed}`, allowed }];
  }
  const subject = key === '' ? 'the whole' : key;
  const text = `${subject} is ${shown(actual)}; allowed: ${allowed}`;
  return [{ where: place(origin, issue.path), key, text, value: shown(actual), allowed }];
}

function keyText(path: readonly PropertyKey[]): string {
  return path.map((step, i) => (typeof step === 'number' ? `[${step}]` : i === 0 ? step : `.${String(step)}`)).join('');
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  let at = value;
  for (const step of path) {
    if (at === null || typeof at !== 'object' || !Object.hasOwn(at, step)) return undefined;
    at = (at as Record<PropertyKey, unknown>)[step];
  }
  return at;
}

/** The known keys of the object schema at `path`; empty when there is no such object. */
function keysAt(schema: z.ZodType, path: readonly PropertyKey[]): string[] {
  let at: unknown = schema;
  for (const step of path) {
    at = unwrapped(at);
    if (at instanceof z.ZodObject) at = at.shape[step as string];
    else if (at instanceof z.ZodArray) at = at.element;
    else if (at instanceof z.ZodRecord) at = at.valueType;
    else return [];
  }
  at = unwrapped(at);
  return at instanceof z.ZodObject ? Object.keys(at.shape) : [];
}

function unwrapped(schema: unknown): unknown {
  let at = schema;
  while (at instanceof z.ZodOptional || at instanceof z.ZodDefault || at instanceof z.ZodPrefault) at = at.unwrap();
  return at;
}

/** An error of what a file asked for, with the place in the file that asked for it in front. */
export function locatedIn(error: unknown, origin: Origin, path: readonly PropertyKey[]): unknown {
  if (!(error instanceof SpymasterError)) return error;
  const fields = { ...error.fields, path: origin.file, key: keyText(path) };
  return new SpymasterError(error.code, `Cannot use ${place(origin, path)}: ${error.message}`, fields, error);
}
