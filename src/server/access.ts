import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { SpymasterError } from '../errors.ts';
import { sendError } from './http_errors.ts';
import { isHostAllowed, isOriginAllowed } from './origin.ts';

/** How long a page that was opened with the token may ask without it. */
export const sessionS = 12 * 3600;
export const sessionPath = '/v1/session';
export const cookieName = 'spymaster_session';

export interface AccessOptions {
  readonly boundHost: string;
  /** What every request must bring besides pages and /health; null where only this machine can ask. */
  readonly token: string | null;
  /** Called with each refusal. */
  readonly onRefused: (code: 'HOST' | 'ORIGIN' | 'TOKEN') => void;
}

/** An unguessable token in URL-safe characters. */
export function newToken(): string {
  return randomBytes(24).toString('base64url');
}

/**
 * Lets in who may ask: under a name that is this server's own (a name of someone else whose DNS points here is not), from a
 * page that is this machine's or this server's, and with the token where there is one (docs/serving.md). A page exchanges
 * the token of its address for a cookie, because neither an EventSource nor a WebSocket can send headers.
 */
export function addAccess(app: FastifyInstance, options: AccessOptions): void {
  const { boundHost, token, onRefused } = options;
  const secret = randomBytes(32);
  const refuse = (
    request: FastifyRequest,
    reply: FastifyReply,
    code: 'HOST' | 'ORIGIN' | 'TOKEN',
    message: string,
  ): FastifyReply => {
    onRefused(code);
    if (code === 'TOKEN') reply.header('www-authenticate', 'Bearer realm="spymaster"');
    return sendError(new SpymasterError(code, message), request, reply);
  };
  app.addHook('onRequest', async (request, reply) => {
    const { host, origin } = request.headers;
    if (!isHostAllowed(host, boundHost)) {
      return refuse(
        request,
        reply,
        'HOST',
        `This server is not ${shown(host)}; ask it by its address, or as localhost.`,
      );
    }
    if (!isOriginAllowed(origin, boundHost, host)) {
      return refuse(
        request,
        reply,
        'ORIGIN',
        `Pages of ${shown(origin)} may not ask this server; open the page of this server.`,
      );
    }
    if (token === null || isPublic(request)) return;
    if (isSame(bearer(request), token) || isSession(cookie(request), secret)) return;
    return refuse(
      request,
      reply,
      'TOKEN',
      'This server asks for its token: open the address with #token=… that `spymaster serve` printed, or send ' +
        '`Authorization: Bearer <token>`.',
    );
  });
  if (token === null) return;
  app.post(sessionPath, async (_request, reply) => {
    const expires = Math.floor(Date.now() / 1000) + sessionS;
    const value = `${expires}.${signed(expires, secret)}`;
    return reply
      .header('set-cookie', `${cookieName}=${value}; Path=/; Max-Age=${sessionS}; HttpOnly; SameSite=Strict`)
      .code(204)
      .send();
  });
}

/** Pages hold nothing but the program, and have to be loaded to bring the token; /health is for probes. */
function isPublic({ routeOptions, method }: FastifyRequest): boolean {
  const url = routeOptions.url ?? '';
  const isRead = method === 'GET' || method === 'HEAD';
  return isRead && (url === '/health' || url === '/' || url === '/*' || url.endsWith('.html'));
}

function bearer({ headers }: FastifyRequest): string {
  return /^Bearer (\S+)$/i.exec(headers.authorization ?? '')?.[1] ?? '';
}

function cookie({ headers }: FastifyRequest): string {
  const pairs = (headers.cookie ?? '').split('; ');
  return pairs.find((pair) => pair.startsWith(`${cookieName}=`))?.slice(cookieName.length + 1) ?? '';
}

function isSession(value: string, secret: Buffer): boolean {
  const [expires = '', signature = ''] = value.split('.');
  return isSame(signature, signed(Number(expires), secret)) && Number(expires) * 1000 > Date.now();
}

function signed(expires: number, secret: Buffer): string {
  return createHmac('sha256', secret).update(String(expires)).digest('base64url');
}

/** Compares in a time that tells nothing of where texts differ, or of their lengths. */
function isSame(given: string, expected: string): boolean {
  const hash = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(hash(given), hash(expected));
}

function shown(text: string | undefined): string {
  return text === undefined ? 'what was asked for without a name' : JSON.stringify(text.slice(0, 200));
}
