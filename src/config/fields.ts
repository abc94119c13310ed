import { z } from 'zod';

/*
 * Field types that say what they allow: the message of every check is the allowed range, and it is the description
 * that JSON Schema shows too.
 */

export const positive = (what = 'a number > 0') => z.number({ error: what }).gt(0, { error: what }).describe(what);

export const positiveUpTo = (max: number) => {
  const what = `a number > 0 and <= ${max}`;
  return z.number({ error: what }).gt(0, { error: what }).lte(max, { error: what }).describe(what);
};

export const atLeast = (min: number) => {
  const what = `a number >= ${min}`;
  return z.number({ error: what }).gte(min, { error: what }).describe(what);
};

/** Both ends are allowed. */
export const between = (min: number, max: number, unit = '') => {
  const what = `a number from ${min} to ${max}${unit}`;
  return z.number({ error: what }).gte(min, { error: what }).lte(max, { error: what }).describe(what);
};

export const integer = (min: number, max = Number.MAX_SAFE_INTEGER) => {
  const what = max === Number.MAX_SAFE_INTEGER ? `an integer >= ${min}` : `an integer from ${min} to ${max}`;
  return z
    .number({ error: what })
    .int({ error: what })
    .gte(min, { error: what })
    .lte(max, { error: what })
    .describe(what);
};

export const finite = () => z.number({ error: 'a finite number' }).describe('a finite number');

export const boolean = () => z.boolean({ error: 'true or false' }).describe('true or false');

export const text = (what = 'a text') => z.string({ error: what }).min(1, { error: what }).describe(what);

export const matching = (pattern: RegExp, what: string) =>
  z.string({ error: what }).regex(pattern, { error: what }).describe(what);

export const oneOf = <const T extends readonly [string, ...string[]]>(choices: T) => {
  const what = `one of ${choices.join(', ')}`;
  return z.enum(choices, { error: what }).describe(what);
};

export const list = <T extends z.ZodType>(item: T, what: string, min = 1) =>
  z.array(item, { error: what }).min(min, { error: what }).describe(what);

/** A list of one to `max` items. */
export const shortList = <T extends z.ZodType>(item: T, what: string, max: number) =>
  z.array(item, { error: what }).min(1, { error: what }).max(max, { error: what }).describe(what);

/** A key-value block that refuses unknown keys. */
export const block = <T extends z.core.$ZodLooseShape>(shape: T, what = 'a block of keys and values') =>
  z.strictObject(shape, {
    error: (issue) => (issue.code === 'invalid_type' ? what : undefined),
  });

/** A parameter's value: which signal has which, and in what range, is the signals' own business. */
export const parameterValue = z.union(
  [finite(), boolean(), text(), z.array(z.union([finite(), z.array(finite()).min(1)])).min(1)],
  { error: 'a number, a text, true or false, or a list of numbers or of pairs of them' },
);
export const parameters = z.record(z.string(), parameterValue, { error: 'a block of parameters' });

/** A rule across fields: `holds` runs only when `keys` are sound by themselves, and speaks of the first of them. */
export interface Rule<T> {
  readonly keys: readonly (keyof T & string)[];
  readonly allowed: string | ((value: T) => string);
  readonly holds: (value: T) => boolean;
}

/** `schema` with rules across its fields; all rules are tried, whatever else is wrong. */
export function withRules<S extends z.ZodObject>(schema: S, rules: readonly Rule<z.output<S>>[]): S {
  return rules.reduce(
    (checked, rule) =>
      checked.refine((value) => rule.holds(value as z.output<S>), {
        path: [rule.keys[0] as string],
        error: ({ input }) => (typeof rule.allowed === 'string' ? rule.allowed : rule.allowed(input as z.output<S>)),
        when: ({ issues, value }) =>
          value !== null &&
          typeof value === 'object' &&
          !issues.some(
            ({ code, path = [] }) =>
              code !== 'unrecognized_keys' && (path.length === 0 || rule.keys.includes(path[0] as string)),
          ),
      }) as S,
    schema,
  );
}
