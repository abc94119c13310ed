import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { SpymasterError } from '../errors.ts';
import { sendError } from './http_errors.ts';
import { isHostAllowed, isOriginAllowed, isOwnOrigin } from './origin.ts';

/** How long a page that was opened with the token may ask without it. */
export const sessionS = 12 * 3600;
export const sessionPath = '/v1/session';
export const cookieName = 'spymaster_session';

export interface AccessOptions {
  readonly boundHost: string;
  readonly token: string;
  /** Whether every request besides pages and /health must bring the token; changes always must. */
  readonly guardsReads: boolean;
  /** Whether anything but reading is allowed. */
  readonly allowsChanges: boolean;
  /** Called with each refusal. */
  readonly onRefused: (code: RefusalCode) => void;
}

type RefusalCode = 'HOST' | 'ORIGIN' | 'TOKEN' | 'CHANGES_OFF';

export interface Access {
  /** Whether a request may change something, which its page asks before it shows how. */
  readonly changes: (request: FastifyRequest) => 'allowed' | 'needs_token' | 'off';
}

/** An unguessable token in URL-safe characters. */
export function newToken(): string {
  return randomBytes(24).toString('base64url');
}

/**
 * Lets in who may ask: under a name that is this server's own (a name of someone else whose DNS points here is not), from a
 * page that is this machine's or this server's, and with the token where there is one (docs/serving.md). A page exchanges
 * the token of its address for a cookie, because neither an EventSource nor a WebSocket can send headers. Who asks for a
 * change brings the token always, and comes from a page of this server if from a page at all.
 */
export function addAccess(app: FastifyInstance, options: AccessOptions): Access {
  const { boundHost, token, guardsReads, allowsChanges, onRefused } = options;
  const secret = randomBytes(32);
  const refuse = (request: FastifyRequest, reply: FastifyReply, code: RefusalCode, message: string): FastifyReply => {
    onRefused(code);
    if (code === 'TOKEN') reply.header('www-authenticate', 'Bearer realm="spymaster"');
    return sendError(new SpymasterError(code, message), request, reply);
  };
  const hasToken = (request: FastifyRequest) => isSame(bearer(request), token) || isSession(cookie(request), secret);
  app.addHook('onRequest', async (request, reply) => {
    const { host, origin } = request.headers;
    const isChange = !isRead(request) && !request.is404;
    if (!isHostAllowed(host, boundHost)) {
      return refuse(
        request,
        reply,
        'HOST',
        `This server is not ${shown(host)}; ask it by its address, or as localhost.`,
      );
    }
    if (!isOriginAllowed(origin, boundHost, host) || (isChange && !isOwnOrigin(origin, host))) {
      return refuse(
        request,
        reply,
        'ORIGIN',
        `Pages of ${shown(origin)} may not ask this server; open the page of this server.`,
      );
    }
    if ((guardsReads || isChange) && !isPublic(request) && !hasToken(request)) {
      return refuse(
        request,
        reply,
        'TOKEN',
        `${isChange ? 'A change needs the' : 'This server asks for its'} token: open the address with #token=… that \`spymaster serve\` printed, or send ` +
          '`Authorization: Bearer <token>`.',
      );
    }
    if (isChange && !allowsChanges && request.routeOptions.url !== sessionPath) {
      return refuse(
        request,
        reply,
        'CHANGES_OFF',
        'This server only shows: others reach it, and it was started without --allow-remote-changes; use the command line on its machine.',
      );
    }
  });
  app.post(sessionPath, async (request, reply) => {
    const expires = Math.floor(Date.now() / 1000) + sessionS;
    const value = `${expires}.${signed(expires, secret)}`;
    return reply
      .header('set-cookie', `${cookieOf(request)}=${value}; Path=/; Max-Age=${sessionS}; HttpOnly; SameSite=Strict`)
      .code(204)
      .send();
  });
  return {
    changes: (request) => (!allowsChanges ? 'off' : hasToken(request) ? 'allowed' : 'needs_token'),
  };
}

/** Pages hold nothing but the program, and have to be loaded to bring the token; /health is for probes. */
function isPublic(request: FastifyRequest): boolean {
  const url = request.routeOptions.url ?? '';
  return isRead(request) && (url === '/health' || url === '/' || url === '/*' || url.endsWith('.html'));
}

function isRead({ method }: FastifyRequest): boolean {
  return method === 'GET' || method === 'HEAD';
}

function bearer({ headers }: FastifyRequest): string {
  return /^Bearer (\S+)$/i.exec(headers.authorization ?? '')?.[1] ?? '';
}

/** Cookies are shared by all ports of a host, where each server has its own. */
function cookieOf({ headers }: FastifyRequest): string {
  return `${cookieName}_${URL.parse(`http://${headers.host ?? ''}`)?.port || '80'}`;
}

function cookie(request: FastifyRequest): string {
  const name = `${cookieOf(request)}=`;
  const pairs = (request.headers.cookie ?? '').split('; ');
  return pairs.find((pair) => pair.startsWith(name))?.slice(name.length) ?? '';
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
