import { existsSync } from 'node:fs';
import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

const pageNames = ['index.html', 'vacuum-pressure.html', 'experiments.html'];

/** Adds the built pages; without them, a page that says how to build them. */
export async function addPages(app: FastifyInstance, webRoot: string): Promise<void> {
  if (pageNames.some((page) => existsSync(join(webRoot, page)))) {
    await app.register(fastifyStatic, {
      root: webRoot,
      index: false,
      setHeaders: (reply, path) => {
        // Built assets carry a hash of their content in their names; pages do not.
        const isHashed = path.includes(`${join(webRoot, 'assets')}`);
        reply.header('cache-control', isHashed ? 'public, max-age=31536000, immutable' : 'no-cache');
      },
    });
    app.get('/', async (_request, reply) => reply.sendFile('index.html'));
    return;
  }
  const explain = async (_request: FastifyRequest, reply: FastifyReply) =>
    reply
      .code(503)
      .type('text/html; charset=utf-8')
      .send(
        '<!doctype html><title>Spymaster</title><p>The server runs, but its pages are not built. ' +
          'Run <code>npm run build</code> and start it again.</p>',
      );
  app.get('/', explain);
  for (const page of pageNames) app.get(`/${page}`, explain);
}
