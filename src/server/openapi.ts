import fastifySwagger, { type StaticDocumentSpec } from '@fastify/swagger';
import fastifySwaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance } from 'fastify';
import { type ZodType, z } from 'zod';
import {
  experimentsEventSchema,
  outcomesQuerySchema,
  outcomesSchema,
  runDetailSchema,
  runsQuerySchema,
  runsSchema,
  sessionOverviewSchema,
  tableQuerySchema,
  tableSchema,
} from '../wire/index.ts';

type JsonObject = Record<string, unknown>;

/** What is told of a `GET`; parameters of the path follow from it. */
interface Operation {
  readonly summary: string;
  readonly query?: ZodType;
  readonly answer: ZodType | null;
  readonly contentType: string;
  /** Statuses of errors that a request can cause, and of those that pass. */
  readonly errors: readonly number[];
  /** Other statuses that come with the answer's own shape. */
  readonly also?: readonly number[];
}

const json = 'application/json';
const health = z.object({
  status: z.literal('ok'),
  stream_clients: z.int(),
  engines: z.int(),
  uptime_s: z.number(),
});
const ready = z.object({ status: z.enum(['ready', 'not ready']), reasons: z.array(z.string()) });

/** Every path that answers HTTP requests of scripts; the pages and the WebSocket stream are documented elsewhere. */
const operations: Readonly<Record<string, Operation>> = {
  '/health': {
    summary: 'Whether the server is alive; never asks for the token',
    answer: health,
    contentType: json,
    errors: [],
  },
  '/ready': {
    summary:
      'Whether the server can work: lake, registry, engine threads, room on the disk; 503 with the reasons if not',
    answer: ready,
    contentType: json,
    errors: [],
    also: [503],
  },
  '/metrics': { summary: 'Metrics for Prometheus', answer: null, contentType: 'text/plain', errors: [] },
  '/v1/servings/{serving}/overview': {
    summary: 'The session of a serving version in columns: mid prices, events, validity of the book',
    answer: sessionOverviewSchema,
    contentType: json,
    errors: [404, 503],
  },
  '/v1/experiments/runs': {
    summary: 'Runs at their best thresholds, with intervals, p- and q-values',
    query: runsQuerySchema,
    answer: runsSchema,
    contentType: json,
    errors: [422, 503],
  },
  '/v1/experiments/table': {
    summary: 'All runs at their best thresholds by column, or what changed since a cursor',
    query: tableQuerySchema,
    answer: tableSchema,
    contentType: json,
    errors: [422, 503],
  },
  '/v1/experiments/runs/{run_id}/detail': {
    summary: 'Everything that is known of a run',
    answer: runDetailSchema,
    contentType: json,
    errors: [404, 503],
  },
  '/v1/experiments/runs/{run_id}/outcomes': {
    summary: 'Every trade of a run at one threshold, and which states led',
    query: outcomesQuerySchema,
    answer: outcomesSchema,
    contentType: json,
    errors: [404, 422, 503],
  },
  '/v1/experiments/events': {
    summary: 'Server-sent events: results were added, sweeps went on',
    answer: experimentsEventSchema,
    contentType: 'text/event-stream',
    errors: [503],
  },
};

const errorSchema = z.object({
  error: z.object({ code: z.string(), message: z.string(), fields: z.record(z.string(), z.unknown()) }),
});

const reasons: Readonly<Record<number, string>> = {
  401: 'The token is missing (servers that others reach ask for it)',
  403: 'A page of another origin asks',
  404: 'Not there',
  421: 'Asked under a name that is not this server',
  422: 'The query cannot be',
  503: 'Not now: the lake is not there, or too much is asked at once',
};
/** What any request may be answered. */
const refusals = [401, 403, 421];

/** The REST API as an OpenAPI 3.1 document, made of the schemas that check it. */
export function openApiDocument(): JsonObject {
  return {
    openapi: '3.1.0',
    info: {
      title: 'Spymaster',
      version: '1',
      description: 'Results of experiments. The stream of grid frames is a WebSocket: see docs/stream.md.',
    },
    paths: Object.fromEntries(
      Object.entries(operations).map(([path, operation]) => [path, { get: described(path, operation) }]),
    ),
    components: { schemas: { Error: jsonSchema(errorSchema, 'output') } },
  };
}

function described(path: string, { summary, query, answer, contentType, errors, also = [] }: Operation): JsonObject {
  const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }));
  const schema = answer === null ? { type: 'string' } : jsonSchema(answer, 'output');
  return {
    summary,
    parameters: [...inPath, ...(query === undefined ? [] : queryParameters(query))],
    responses: {
      ...Object.fromEntries(
        [200, ...also].map((status) => [status, { description: summary, content: { [contentType]: { schema } } }]),
      ),
      ...Object.fromEntries(
        [...refusals, ...errors].map((status) => [
          status,
          { description: reasons[status], content: { [json]: { schema: { $ref: '#/components/schemas/Error' } } } },
        ]),
      ),
    },
  };
}

function queryParameters(query: ZodType): JsonObject[] {
  const { properties = {}, required = [] } = jsonSchema(query, 'input') as {
    properties?: Record<string, JsonObject>;
    required?: string[];
  };
  return Object.entries(properties).map(([name, schema]) => ({
    name,
    in: 'query',
    required: required.includes(name),
    schema,
  }));
}

function jsonSchema(schema: ZodType, io: 'input' | 'output'): JsonObject {
  const { $schema, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any' }) as JsonObject;
  return rest;
}

/** Adds the documentation of the REST API at `/docs`, and the document itself at `/docs/json`. */
export async function addOpenApi(app: FastifyInstance): Promise<void> {
  const specification = { document: openApiDocument() } as unknown as StaticDocumentSpec;
  await app.register(fastifySwagger, { mode: 'static', specification });
  await app.register(fastifySwaggerUi, { routePrefix: '/docs' });
}
