import type { FastifyReply, FastifyRequest } from 'fastify';
import { errorCatalogue, SpymasterError } from '../errors.ts';
import { ClientGone } from './client_gone.ts';

/** nginx's number for a client that closed its connection; only the log shows it. */
const clientClosedRequest = 499;

/** Answers with an error in the one shape that every route has: `{"error": {"code", "message", "fields"}}`. */
export function sendError(thrown: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  if (thrown instanceof ClientGone) return reply.code(clientClosedRequest).send();
  const { error, status } = shown(thrown);
  if (status === 503) {
    // Not a failure of the server: it is busy, stops, or waits for its lake.
    request.log.warn({ code: error.code }, error.message);
    reply.header('retry-after', '1');
  } else if (status >= 500) request.log.error({ err: thrown }, 'request failed');
  // Headers of the answer that failed do not hold for this one.
  reply.removeHeader('content-encoding').code(status);
  return reply.send(errorBody(error));
}

/** An error as answers have it. */
export function errorBody({ code, message, fields }: SpymasterError): object {
  return { error: { code, message, fields } };
}

/** An error as a client may see it: a defect of ours goes to the log alone. */
function shown(thrown: unknown): { error: SpymasterError; status: number } {
  if (thrown instanceof SpymasterError) return { error: thrown, status: errorCatalogue[thrown.code].httpStatus };
  const status = (thrown as { statusCode?: number }).statusCode ?? 500;
  if (status < 500) {
    const why = (thrown as Error).message.replace(/\.$/, '');
    return { error: new SpymasterError('USAGE', `Cannot read the request: ${why}.`), status };
  }
  return { error: new SpymasterError('UNEXPECTED', 'The server failed; its log says why.'), status };
}
