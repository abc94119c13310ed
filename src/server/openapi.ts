import fastifySwagger, { type StaticDocumentSpec } from '@fastify/swagger';
import fastifySwaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance } from 'fastify';
import { type ZodType, z } from 'zod';
import {
  alertRulesSchema,
  documentQuerySchema,
  experimentDocumentSchema,
  experimentListSchema,
  experimentsEventSchema,
  liveStatusSchema,
  outcomesQuerySchema,
  outcomesSchema,
  runDetailSchema,
  runExecutionSchema,
  runOrdersSchema,
  runsQuerySchema,
  runsSchema,
  servingInfoSchema,
  servingListSchema,
  sessionOverviewSchema,
  tableQuerySchema,
  tableSchema,
} from '../wire/index.ts';
import { cookieName, sessionPath, sessionS } from './access.ts';
import { eventStreamType } from './event_stream.ts';
import type { Operation } from './openapi_operation.ts';
import { runOperations } from './runs/run_operations.ts';
import { streamPath } from './stream_route.ts';

type JsonObject = Record<string, unknown>;

const json = 'application/json';
const health = z.object({
  status: z.literal('ok'),
  stream_clients: z.int(),
  engines: z.int(),
  uptime_s: z.number(),
});
const ready = z.object({ status: z.enum(['ready', 'not ready']), reasons: z.array(z.string()) });

/** Every path but the pages and this documentation itself; `POST ` before a path that is read too. */
const operations: Readonly<Record<string, Operation>> = {
  '/health': {
    summary: 'Whether the server is alive; never asks for the token',
    answer: health,
    contentType: json,
    errors: [],
    token: 'never',
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
  [sessionPath]: {
    method: 'post',
    summary: 'Exchanges the token for a cookie, for pages',
    bodiless: { 204: `The cookie ${cookieName}_<port>, valid for ${sessionS / 3600} hours` },
    errors: [],
    token: 'always',
  },
  [streamPath]: {
    summary: 'The stream of a serving version, a WebSocket: docs/stream.md',
    query: z.object({
      serving: z
        .string()
        .min(1)
        .describe('Alias or id of a serving version, or RUN.YYYYMMDD[.tTHRESHOLD] or ALIAS.YYYYMMDD'),
    }),
    bodiless: { 101: 'The stream; what is wrong with the query is told in it, before it is closed' },
    errors: [426],
  },
  '/v1/alerts': {
    summary: 'Rules of alerts, without their webhooks',
    answer: alertRulesSchema,
    contentType: json,
    errors: [],
  },
  '/v1/servings': {
    summary: 'Published versions with their aliases, sessions and stored verdicts',
    answer: servingListSchema,
    contentType: json,
    errors: [503],
  },
  '/v1/servings/{serving}': {
    summary: 'What is streamed under a name, and what is known of it: verdict, interval, p-values, walk-forward',
    answer: servingInfoSchema,
    contentType: json,
    errors: [404, 422, 503],
  },
  '/v1/servings/{serving}/overview': {
    summary: 'The session of a serving version in columns: mid prices, events, validity of the book',
    answer: sessionOverviewSchema,
    contentType: json,
    errors: [404, 503],
  },
  '/v1/live': {
    summary: 'What is recorded and streamed live: connection, delays, gaps, warm-up; null where nothing is',
    answer: liveStatusSchema.nullable(),
    contentType: json,
    errors: [],
  },
  '/v1/experiments': {
    summary: 'Experiments that have results',
    answer: experimentListSchema,
    contentType: json,
    errors: [503],
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
  '/v1/experiments/document': {
    summary: 'An experiment judged over all its sessions: verdict, sessions, trials, walk-forward',
    query: documentQuerySchema,
    answer: experimentDocumentSchema,
    contentType: json,
    errors: [404, 422, 503],
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
  '/v1/experiments/runs/{run_id}/execution': {
    summary: 'What became of a run in the real queues, over latency and kind of entry',
    answer: runExecutionSchema,
    contentType: json,
    errors: [404, 503],
  },
  '/v1/experiments/runs/{run_id}/orders': {
    summary: 'The orders of a session by which a run was executed, their place in the queue and their fills',
    query: outcomesQuerySchema,
    answer: runOrdersSchema,
    contentType: json,
    errors: [404, 422, 503],
  },
  '/v1/experiments/events': {
    summary: 'Server-sent events: results were added, sweeps went on',
    answer: experimentsEventSchema,
    contentType: eventStreamType,
    errors: [503],
  },
};

const errorSchema = z.object({
  error: z.object({ code: z.string(), message: z.string(), fields: z.record(z.string(), z.unknown()) }),
});

const reasons: Readonly<Record<number, string>> = {
  401: 'The token is missing (servers that others reach ask for it)',
  403: 'A page of another origin asks, or a change where changes are off',
  404: 'Not there',
  405: 'Another method is expected',
  409: 'It goes on already, or the name is taken',
  412: 'Somebody else changed it meanwhile',
  421: 'Asked under a name that is not this server',
  422: 'The query cannot be',
  426: 'Not asked for as a WebSocket',
  503: 'Not now: the lake is not there, or too much is asked at once',
};
/** Refusals that any request may be answered, and the one of a token that is missing. */
const refusals = [403, 421];
const tokenMissing = 401;
/** Ways to bring the token. */
const tokenWays = [{ token: [] }, { cookie: [] }];

/** The REST API as an OpenAPI 3.1 document, made of the schemas that check it. */
export function openApiDocument(): JsonObject {
  return {
    openapi: '3.1.0',
    info: {
      title: 'Spymaster',
      version: '1',
      description: 'Results of experiments. The stream of grid frames is a WebSocket: see docs/stream.md.',
    },
    paths: describedPaths({ ...operations, ...runOperations }),
    // Servers that only this machine reaches ask for nothing.
    security: [{}, ...tokenWays],
    components: {
      schemas: { Error: jsonSchema(errorSchema, 'output') },
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer' },
        cookie: { type: 'apiKey', in: 'cookie', name: `${cookieName}_<port>` },
      },
    },
  };
}

function describedPaths(all: Readonly<Record<string, Operation>>): JsonObject {
  const paths: Record<string, JsonObject> = {};
  for (const [key, operation] of Object.entries(all)) {
    const path = key.replace(/^POST /, '');
    const method = operation.method ?? (key === path ? 'get' : 'post');
    paths[path] = { ...paths[path], [method]: described(path, operation) };
  }
  return paths;
}

function described(path: string, operation: Operation): JsonObject {
  const { summary, query, body, token, errors } = operation;
  const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }));
  const refused = [...(token === 'never' ? [] : [tokenMissing]), ...refusals, ...errors];
  return {
    summary,
    ...(token === 'never' && { security: [] }),
    ...(token === 'always' && { security: tokenWays }),
    parameters: [...inPath, ...(query === undefined ? [] : queryParameters(query))],
    ...(body !== undefined && {
      requestBody: { required: true, content: { [json]: { schema: jsonSchema(body, 'input') } } },
    }),
    responses: {
      ...successes(operation),
      ...Object.fromEntries(
        refused.map((status) => [
          status,
          { description: reasons[status], content: { [json]: { schema: { $ref: '#/components/schemas/Error' } } } },
        ]),
      ),
    },
  };
}

function successes({ summary, answer = null, contentType = json, bodiless, also = [] }: Operation): JsonObject {
  if (bodiless !== undefined)
    return Object.fromEntries(Object.entries(bodiless).map(([status, description]) => [status, { description }]));
  const schema = answer === null ? { type: 'string' } : jsonSchema(answer, 'output');
  return Object.fromEntries(
    [200, ...also].map((status) => [status, { description: summary, content: { [contentType]: { schema } } }]),
  );
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
