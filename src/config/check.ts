import { z } from 'zod';
import { present, SpymasterError } from '../errors.ts';
import { formatCount, formatNames } from '../format.ts';
import { isMisspelt, nearest } from './nearest.ts';
import { type Origin, originOf, place } from './origin.ts';

/** One thing that is wrong with a configuration. */
export interface Problem {
  readonly where: string;
  readonly key: string;
  /** The sentence's rest, after `where`. */
  readonly text: string;
  readonly value?: string;
  readonly allowed?: string;
  readonly nearest?: string;
}

/** An error tells this many problems one by one, and how many more there are. */
const maxToldProblems = 20;
/** An unknown key that resembles none is answered by so many of the known ones. */
const maxListedKeys = 12;

/**
 * Checks `value` against `schema` and gives the typed result. Throws one CONFIG_INVALID that tells every problem, the
 * first one leading, each with file, position when known, key, value, allowed range, and for an unknown key the nearest
 * known one. Schemas say what they allow in the message of each check ("a number > 0").
 */
export function checked<S extends z.ZodType>(schema: S, value: unknown, origin: string | Origin): z.output<S> {
  const result = schema.safeParse(value);
  const source = originOf(origin);
  if (!result.success) {
    // Unknown keys first: a misspelt key is missing, too.
    const isUnknown = ({ code }: z.core.$ZodIssue) => code === 'unrecognized_keys';
    const issues = result.error.issues.toSorted((a, b) => Number(isUnknown(b)) - Number(isUnknown(a)));
    const problems = issues
      .slice(0, maxToldProblems)
      .flatMap((issue) => problemsOf(schema, issue, value, source).slice(0, maxToldProblems));
    const count = issues.reduce((sum, issue) => sum + (issue.code === 'unrecognized_keys' ? issue.keys.length : 1), 0);
    throw configError(source, problems, count);
  }
  const dropped = droppedKeys(value);
  if (dropped.length === 0) return result.data;
  throw configError(
    source,
    dropped.map((path) => unknownKey(schema, path, value, source)),
  );
}

/**
 * The CONFIG_INVALID error of a list of problems that is not empty: the first ones in words, the rest counted.
 * @param count - of all problems, where `problems` are the first of them
 */
export function configError(origin: Origin, problems: readonly Problem[], count = problems.length): SpymasterError {
  const told = problems.slice(0, maxToldProblems);
  const [first, ...others] = told;
  const more = count > told.length ? [`and ${formatCount(count - told.length)} more`] : [];
  const lines = [
    `Cannot use the configuration in ${present(first).where}: ${present(first).text}.`,
    ...others.map((other) => `  also ${other.where}: ${other.text}`),
    ...more.map((text) => `  ${text}`),
  ];
  const { key, value, allowed } = present(first);
  return new SpymasterError('CONFIG_INVALID', lines.join('\n'), {
    path: origin.file,
    key,
    ...(value === undefined ? {} : { value }),
    ...(allowed === undefined ? {} : { allowed }),
    ...(present(first).nearest === undefined ? {} : { nearest: present(first).nearest }),
    problems: [...told.map((problem) => `${problem.where}: ${problem.text}`), ...more],
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
    return issue.keys
      .slice(0, maxToldProblems)
      .map((unknown) => unknownKey(schema, [...issue.path, unknown], value, origin));
  }
  const actual = valueAt(value, issue.path);
  const allowed = issue.message;
  const where = place(origin, issue.path);
  if (actual === undefined && issue.path.length > 0) {
    return [{ where, key, text: `missing key ${shown(key)}; allowed: ${allowed}`, allowed }];
  }
  const subject = key === '' ? 'the whole' : key;
  const quoted = quotedText(schema, issue.path, actual, origin);
  const remedy = quoted === null ? `allowed: ${allowed}` : `write it in quotes: ${quoted}`;
  return [{ where, key, text: `${subject} is ${shown(actual)}; ${remedy}`, value: shown(actual), allowed }];
}

function unknownKey(schema: z.ZodType, path: readonly PropertyKey[], value: unknown, origin: Origin): Problem {
  const block = path.slice(0, -1);
  const word = String(path.at(-1));
  const known = keysAt(schema, block);
  const suggestion = nearest(word, known);
  const otherwise =
    schemaAt(schema, block) instanceof z.ZodRecord ? 'this name is not allowed' : 'no key is known here';
  const hint =
    suggestion === null
      ? otherwise
      : isMisspelt(word, suggestion)
        ? `the nearest known key is ${shown(suggestion)}`
        : `known keys here: ${formatNames(known, maxListedKeys)}`;
  return {
    where: place(origin, path, true),
    key: keyText(path),
    text: `unknown key ${shown(keyText(path))}; ${hint}`,
    value: shown(valueAt(value, path)),
    ...(suggestion === null ? {} : { nearest: suggestion }),
  };
}

/** The text in quotes of a value that YAML takes for a number, true, false or null, where quotes are all that it lacks. */
function quotedText(schema: z.ZodType, path: readonly PropertyKey[], actual: unknown, origin: Origin): string | null {
  if (typeof actual === 'string' || (typeof actual === 'object' && actual !== null)) return null;
  const written = origin.written?.(path) ?? '';
  const expected = schemaAt(schema, path);
  const takesText = expected instanceof z.ZodString || expected instanceof z.ZodEnum;
  const isText = written !== '' && takesText && expected.safeParse(written).success;
  return isText ? JSON.stringify(written) : null;
}

/** Paths of the keys named "__proto__", which a schema of free keys passes over in silence. */
function droppedKeys(value: unknown, path: readonly PropertyKey[] = []): PropertyKey[][] {
  if (value === null || typeof value !== 'object') return [];
  return Object.entries(value).flatMap(([name, part]) => {
    const at = [...path, Array.isArray(value) ? Number(name) : name];
    return name === '__proto__' ? [at] : droppedKeys(part, at);
  });
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
  const at = schemaAt(schema, path);
  return at instanceof z.ZodObject ? Object.keys(at.shape) : [];
}

/** The schema of what stands at `path`; undefined when there is none. */
function schemaAt(schema: z.ZodType, path: readonly PropertyKey[]): unknown {
  let at = unwrapped(schema);
  for (const step of path) {
    if (at instanceof z.ZodObject) at = Object.hasOwn(at.shape, step) ? at.shape[step as string] : undefined;
    else if (at instanceof z.ZodArray) at = at.element;
    else if (at instanceof z.ZodRecord) at = at.valueType;
    else return undefined;
    at = unwrapped(at);
  }
  return at;
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
