import type { ZodType } from 'zod';
import { SpymasterError } from '../../errors.ts';

/** A body or query that its schema lets pass. @throws USAGE, which says what is wrong with it */
export function parsed<T>(schema: ZodType<T>, given: unknown, action: string): T {
  const result = schema.safeParse(given);
  if (result.success) return result.data;
  const why = result.error.issues.map(({ path, message }) => `${path.join('.') || 'the body'}: ${message}`);
  throw new SpymasterError('USAGE', `Cannot ${action}: ${why.join('; ')}.`, {
    key: String(result.error.issues[0]?.path[0] ?? ''),
  });
}
