import type { FastifyInstance } from 'fastify';

/** What pages may load: this server's files alone, and no inline script. */
const pagePolicy = policy({
  'default-src': "'none'",
  'script-src': "'self'",
  'worker-src': "'self'",
  'style-src': "'self'",
  'img-src': "'self' data: blob:",
  'font-src': "'self' data:",
  'connect-src': "'self'",
  'manifest-src': "'self'",
});

/** The API's documentation brings inline styles, which can do no more than look wrong; its scripts are files. */
const docsPolicy = policy({
  'default-src': "'none'",
  'script-src': "'self'",
  'style-src': "'self' 'unsafe-inline'",
  'img-src': "'self' data:",
  'font-src': "'self' data:",
  'connect-src': "'self'",
});

function policy(sources: Readonly<Record<string, string>>): string {
  const all = { ...sources, 'base-uri': "'none'", 'form-action': "'none'", 'frame-ancestors': "'none'" };
  return Object.entries(all)
    .map((entry) => entry.join(' '))
    .join('; ');
}

/** On every answer. */
export const securityHeaders = {
  'content-security-policy': pagePolicy,
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
};

/** Puts the headers on every answer, refusals and errors included. */
export function addSecurityHeaders(app: FastifyInstance): void {
  app.addHook('onRequest', async (request, reply) => {
    reply.headers(securityHeaders);
    if (/^\/docs(\/|\?|$)/.test(request.url)) reply.header('content-security-policy', docsPolicy);
  });
}
