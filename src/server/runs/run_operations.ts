import { cancelledSchema, changesSchema, sweepsSchema } from '../../wire/index.ts';
import type { Operation } from '../openapi_operation.ts';

/** The documentation of what starts, watches and cancels sweeps. */
export const runOperations: Readonly<Record<string, Operation>> = {
  '/v1/changes': {
    summary: 'Whether who asks may change something, and what is missing for it',
    answer: changesSchema,
    errors: [],
  },
  '/v1/sweeps': {
    summary: 'Sweeps that run, and how the last ones ended',
    answer: sweepsSchema,
    errors: [503],
  },
  'POST /v1/sweeps/{sweep_id}/cancel': {
    summary: 'Asks a sweep to end as Ctrl-C does; of one that was killed, removes what it left behind',
    answer: cancelledSchema,
    errors: [404, 422, 503],
    token: 'always',
  },
};
