import type { FastifyReply, FastifyRequest } from 'fastify';
import { type ErrorCode, SpymasterError } from '../errors.ts';
import { ClientGone } from './client_gone.ts';

/** HTTP status of errors that a request can cause, and of those that pass; all others are the server's. */
const statuses: Partial<Record<ErrorCode, number>> = {
  RUN_UNKNOWN: 404,
  DATASET_UNKNOWN: 404,
  SERVING_UNKNOWN: 404,
  FILE_NOT_FOUND: 404,
  USAGE: 422,
  LAKE_MISSING: 503,
  ENGINE_STOPPED: 503,
  TOO_BUSY: 503,
};

/** nginx's number for a client that closed its connection; only the log shows it. */
const clientClosedRequest = 499;

/** Answers with an error in the one shape that all have: `{"error": {"code", "message", "fields"}}`. */
export function sendError(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  if (error instanceof ClientGone) return reply.code(clientClosedRequest).send();
  const isKnown = error instanceof SpymasterError;
  const own = (error as { statusCode?: number }).statusCode;
  const status = isKnown ? (statuses[error.code] ?? 500) : (own ?? 500);
  if (status >= 500) request.log.error({ err: error }, 'request failed');
  if (status === 503) reply.header('retry-after', '1');
  // Whatever was meant for the answer that failed does not hold for this one.
  reply.removeHeader('content-encoding').code(status);
  if (isKnown) return reply.send({ error: { code: error.code, message: error.message, fields: error.fields } });
  return status >= 500
    ? reply.send({ error: { code: 'UNEXPECTED', message: 'The server failed; its log says why.' } })
    : reply.send({ error: { code: 'USAGE', message: (error as Error).message } });
}
