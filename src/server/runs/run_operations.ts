import {
  cancelledSchema,
  changesSchema,
  checkRequestSchema,
  checkSchema,
  savedSchema,
  saveRequestSchema,
  specListSchema,
  specSchema,
  startedSchema,
  startRequestSchema,
  sweepsSchema,
} from '../../wire/index.ts';
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
  '/v1/sweeps/{sweep_id}/log': {
    summary: 'The end of what a sweep wrote that was started from a page, as the command line shows it',
    answer: null,
    contentType: 'text/plain',
    errors: [404],
  },
  '/v1/specs': { summary: 'Experiment specs that can be edited and run', answer: specListSchema, errors: [] },
  '/v1/specs/{name}': { summary: 'The text of a spec', answer: specSchema, errors: [404, 422] },
  'POST /v1/specs/{name}': {
    summary: 'Saves a spec that is sound; names the text that was changed by its tag, or null for a new one',
    body: saveRequestSchema,
    answer: savedSchema,
    errors: [409, 412, 422, 503],
    token: 'always',
  },
  'POST /v1/specs/{name}/run': {
    summary: 'Starts the sweep of a spec as a process of its own',
    body: startRequestSchema,
    answer: startedSchema,
    errors: [404, 409, 412, 422, 503],
    token: 'always',
  },
  'POST /v1/spec-check': {
    summary: 'Checks a text as `spymaster validate` does, and says what running it takes',
    body: checkRequestSchema,
    answer: checkSchema,
    errors: [422, 503],
    token: 'always',
  },
};
