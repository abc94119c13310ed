import { z } from 'zod';
import type { ResultColumn, ResultColumns } from './result_tables.ts';

const schemas = {
  VARCHAR: z.string(),
  INTEGER: z.int().min(0),
  DOUBLE: z.number(),
  BOOLEAN: z.boolean(),
  'INTEGER[]': z.array(z.int()).readonly(),
  'DOUBLE[]': z.array(z.number()).readonly(),
} as const;

type SchemaOf<C extends ResultColumn> = C['isNullable'] extends true
  ? z.ZodNullable<(typeof schemas)[C['type']]>
  : (typeof schemas)[C['type']];

type ShapeOf<C extends ResultColumns> = { readonly [N in keyof C]: SchemaOf<C[N]> };

/** The fields of a row on the wire, as `z.object` takes them; each says what its column means. */
export function rowShape<C extends ResultColumns>(columns: C): ShapeOf<C>;
export function rowShape(columns: ResultColumns): Record<string, z.ZodType> {
  const entries = Object.entries(columns).map(([name, { type, isNullable, about }]) => {
    const schema = isNullable ? schemas[type].nullable() : schemas[type];
    return [name, schema.describe(about)];
  });
  return Object.fromEntries(entries);
}
