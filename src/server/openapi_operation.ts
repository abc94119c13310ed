import type { ZodType } from 'zod';

/** The documentation of one method of a path; parameters of the path follow from it. */
export interface Operation {
  /** `get` by default. */
  readonly method?: 'get' | 'post';
  readonly summary: string;
  readonly query?: ZodType;
  /** The JSON that is sent. */
  readonly body?: ZodType;
  /** Answer of status 200: a schema, null for text without one. */
  readonly answer?: ZodType | null;
  readonly contentType?: string;
  /** Statuses of success that carry no body, each with its meaning; they stand in place of 200. */
  readonly bodiless?: Readonly<Record<number, string>>;
  /** Statuses of errors that a request can cause, and of those that pass. */
  readonly errors: readonly number[];
  /** Other statuses that come with the answer's own shape. */
  readonly also?: readonly number[];
  /** `never`: answered without the token; `always`: only with it; otherwise where the server has one. */
  readonly token?: 'never' | 'always';
}
