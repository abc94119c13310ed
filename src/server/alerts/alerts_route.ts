import type { FastifyInstance } from 'fastify';
import type { AlertsSpec } from '../../config/index.ts';
import type { AlertRules } from '../../wire/index.ts';

/** Adds the rules of alerts, which the page holds against what it shows itself (docs/alerts.md). */
export function addAlertsRoute(app: FastifyInstance, spec: AlertsSpec | null): void {
  const alerts = (spec?.alerts ?? []).map(({ webhooks: _webhooks, ...rule }) => rule);
  app.get('/v1/alerts', async (_request, reply): Promise<AlertRules> => {
    reply.header('cache-control', 'no-store');
    return { alerts };
  });
}
