import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { ZodType } from 'zod';
import { type ErrorCode, SpymasterError } from '../errors.ts';
import { compareRuns, runDetail } from '../lab/index.ts';
import { type Lake, ResultsStore, type ServingRegistry } from '../lake/index.ts';
import {
  type Outcomes,
  oneSided,
  outcomesQuerySchema,
  type RunDetail,
  type RunsResponse,
  runsQuerySchema,
  tableQuerySchema,
} from '../wire/index.ts';
import { addExperimentEvents } from './experiments_events.ts';
import { OutcomeService } from './experiments_outcomes.ts';
import { ExperimentsTable } from './experiments_table.ts';

export interface ExperimentRoutesOptions {
  readonly lake: Lake;
  readonly registry: ServingRegistry;
}

/** HTTP status of errors that a request can cause; all others are the server's. */
const statuses: Partial<Record<ErrorCode, number>> = {
  RUN_UNKNOWN: 404,
  DATASET_UNKNOWN: 404,
  FILE_NOT_FOUND: 404,
  USAGE: 422,
};

type RunRequest = FastifyRequest<{ Params: { run_id: string } }>;

/** Adds the REST of experiments (product.md, "REST"): results to read, and an event stream that tells when they grow. */
export async function addExperimentRoutes(app: FastifyInstance, options: ExperimentRoutesOptions): Promise<void> {
  const { lake, registry } = options;
  const store = await ResultsStore.open(lake);
  const outcomes = new OutcomeService(lake);
  const table = new ExperimentsTable(lake, store, registry);
  app.addHook('onClose', async () => {
    await outcomes.close();
    store.close();
  });
  await app.register(async (routes) => {
    routes.setErrorHandler(async (error: unknown, request: FastifyRequest, reply: FastifyReply) => {
      if (!(error instanceof SpymasterError)) throw error;
      const status = statuses[error.code] ?? 500;
      if (status >= 500) request.log.error(error);
      return reply.code(status).send({ error: { code: error.code, message: error.message, fields: error.fields } });
    });
    routes.get('/v1/experiments/runs', async (request): Promise<RunsResponse> => {
      const query = checked(runsQuerySchema, request.query, 'list runs');
      const { runs, filters, family, sweeps } = await compareRuns(store, {
        signal: query.signal,
        datasetId: query.dataset_id,
        experiment: query.experiment,
        sort: query.sort,
        minSignals: query.min_signals,
        top: query.top_n,
      });
      const aliases = aliasesByRun(registry);
      const served = runs.map((run) => ({ ...run, ...servingOf(aliases, run.run_id!, run.config_hash!) }));
      return { runs: served, filters, family, sweeps } as unknown as RunsResponse;
    });
    routes.get('/v1/experiments/table', async (request, reply) => {
      const query = checked(tableQuerySchema, request.query, 'list the table of runs');
      const acceptsGzip = /\bgzip\b/.test(String(request.headers['accept-encoding'] ?? ''));
      const { body, encoding } = await table.answer(query, acceptsGzip);
      reply.header('cache-control', 'no-store').header('vary', 'accept-encoding');
      if (encoding !== null) reply.header('content-encoding', encoding);
      return reply.type('application/json; charset=utf-8').send(body);
    });
    routes.get('/v1/experiments/runs/:run_id/detail', async (request: RunRequest): Promise<RunDetail> => {
      const { run_id: runId } = request.params;
      const { meta, thresholdResults } = await runDetail(store, runId);
      const aliases = aliasesByRun(registry);
      const shown = thresholdResults.map(({ skewness, kurtosis, n_periods, ...row }) => ({
        ...row,
        one_sided: oneSided(row.n_up!, row.n_down!),
      }));
      return {
        meta,
        threshold_results: shown as RunDetail['threshold_results'],
        fold_results: await foldResults(store, runId),
        ...servingOf(aliases, runId, meta.config_hash!),
        aliases: [...(aliases.get(runKey(runId, meta.config_hash!)) ?? [])],
        promote_command: promoteCommand(lake, meta.experiment_name!, runId),
      };
    });
    routes.get('/v1/experiments/runs/:run_id/outcomes', async (request: RunRequest): Promise<Outcomes> => {
      const { threshold } = checked(outcomesQuerySchema, request.query, 'list outcomes');
      const { meta } = await runDetail(store, request.params.run_id);
      return outcomes.of(meta, threshold);
    });
    addExperimentEvents(routes, lake, registry);
  });
}

/** A query that its schema lets pass. @throws USAGE, which names the parameter */
function checked<T>(schema: ZodType<T>, query: unknown, action: string): T {
  const parsed = schema.safeParse(query);
  if (parsed.success) return parsed.data;
  const why = parsed.error.issues.map(({ path, message }) =>
    path.length === 0 ? message : `${path.join('.')}: ${message}`,
  );
  throw new SpymasterError('USAGE', `Cannot ${action}: ${why.join('; ')}.`, {
    key: String(parsed.error.issues[0]?.path[0] ?? ''),
  });
}

const runKey = (runId: string, configHash: string) => `${runId}/${configHash}`;

/** The aliases that serve a run with a configuration, those of its newest version first. */
function aliasesByRun(registry: ServingRegistry): ReadonlyMap<string, readonly string[]> {
  const served = registry.versions().filter((version) => version.aliases.length > 0);
  const byRun = Map.groupBy(served, (version) => runKey(version.runId, version.configHash));
  return new Map(byRun.entries().map(([key, versions]) => [key, versions.flatMap((version) => version.aliases)]));
}

function servingOf(aliases: ReadonlyMap<string, readonly string[]>, runId: string, configHash: string) {
  const alias = aliases.get(runKey(runId, configHash))?.[0];
  const url = alias === undefined ? null : `/vacuum-pressure.html?serving=${encodeURIComponent(alias)}`;
  return { streaming_url: url, can_stream: url !== null };
}

async function foldResults(store: ResultsStore, runId: string): Promise<RunDetail['fold_results']> {
  const rows = await store.query(
    `SELECT threshold, fold_train_n AS train_signals, fold_train_net_ticks AS train_net_ticks, fold_test_n AS test_signals,
       fold_test_tp AS test_take_profits, fold_test_net_ticks AS test_net_ticks
     FROM trials WHERE run_id = $1 AND len(fold_test_n) > 0 ORDER BY threshold`,
    [runId],
  );
  return rows as unknown as RunDetail['fold_results'];
}

function promoteCommand(lake: Lake, experiment: string, runId: string): string {
  const folders = ['configs/experiments', lake.specs('experiments')];
  const files = folders.flatMap((folder) => ['yaml', 'yml'].map((type) => join(folder, `${experiment}.${type}`)));
  const spec = files.find((file) => existsSync(file)) ?? `${experiment}.yaml`;
  const root = lake.root === resolve('lake') ? '' : ` --lake-root ${shellWord(lake.root)}`;
  return `npx spymaster promote ${shellWord(spec)} --run-id ${runId} --alias ${shellWord(experiment)}${root}`;
}

function shellWord(text: string): string {
  return /^[\w./:@%+=-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
