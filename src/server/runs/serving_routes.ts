import type { FastifyInstance, FastifyRequest } from 'fastify';
import { servingDifferences } from '../../config/index.ts';
import { checkedReason, type Lake, type ServingRegistry } from '../../lake/index.ts';
import {
  type AliasHistory,
  type PromotionAnswer,
  type PromotionConcerns,
  promoteRequestSchema,
  promotionQuerySchema,
  rollbackRequestSchema,
  type ServingComparison,
  servingComparisonQuerySchema,
} from '../../wire/index.ts';
import { clientGone } from '../client_gone.ts';
import { assertLake } from '../readiness.ts';
import { parsed } from './parsed.ts';
import type { PlanThread } from './plan_thread.ts';

export interface ServingRoutesOptions {
  readonly lake: Lake;
  readonly registry: ServingRegistry;
  readonly thread: PlanThread;
}

type AliasRequest = FastifyRequest<{ Params: { alias: string } }>;
type RunRequest = FastifyRequest<{ Params: { run_id: string } }>;

/** Adds the promotion of runs, and the history, comparison and rollback of what is published. */
export function addServingRoutes(app: FastifyInstance, { lake, registry, thread }: ServingRoutesOptions): void {
  app.get('/v1/aliases/:alias/history', async (request: AliasRequest, reply): Promise<AliasHistory> => {
    const { alias } = request.params;
    reply.header('cache-control', 'no-store');
    return {
      alias,
      events: registry.knownHistory(alias).map(({ atUtc, action, fromServingId, toServingId, reason }) => ({
        ...{ at_utc: atUtc, action, from_serving_id: fromServingId, to_serving_id: toServingId },
        reason: reason ?? null,
      })),
    };
  });
  app.get('/v1/serving-comparison', async (request, reply): Promise<ServingComparison> => {
    const { before, after } = parsed(servingComparisonQuerySchema, request.query, 'compare the versions');
    const [a, b] = [registry.resolve(before), registry.resolve(after)];
    reply.header('cache-control', 'no-store');
    const differences = servingDifferences(a.spec, b.spec).map(({ field, before, after }) => ({
      ...{ field, before: before ?? null, after: after ?? null },
    }));
    return { before: a.servingId, after: b.servingId, differences };
  });
  app.post('/v1/aliases/:alias/rollback', async (request: AliasRequest) => {
    assertLake(lake);
    const { alias } = request.params;
    const { to, reason } = parsed(rollbackRequestSchema, request.body, 'roll the alias back');
    registry.rollback(alias, to, () => new Date().toISOString(), checkedReason(reason));
    request.log.info({ alias, servingId: to }, 'alias rolled back');
    return { alias, serving_id: to };
  });
  app.get('/v1/experiments/runs/:run_id/concerns', async (request: RunRequest, reply): Promise<PromotionConcerns> => {
    assertLake(lake);
    const { threshold } = parsed(promotionQuerySchema, request.query, 'look at the run');
    const asked = { kind: 'concerns', runId: request.params.run_id, threshold } as const;
    return (await thread.ask(asked, clientGone(reply))) as PromotionConcerns;
  });
  app.post('/v1/experiments/runs/:run_id/promote', async (request: RunRequest, reply): Promise<PromotionAnswer> => {
    assertLake(lake);
    const body = parsed(promoteRequestSchema, request.body, 'promote the run');
    const { alias, threshold, despite_concerns: despiteConcerns } = body;
    const reason = checkedReason(body.reason);
    const asked = { kind: 'promote', runId: request.params.run_id, alias, threshold, reason, despiteConcerns } as const;
    const answer = (await thread.ask(asked, clientGone(reply))) as PromotionAnswer;
    request.log.info({ alias, servingId: answer.serving_id, runId: answer.run_id }, 'run promoted');
    return answer;
  });
}
