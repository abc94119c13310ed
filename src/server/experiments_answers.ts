import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type Lake, ResultsStore, ServingRegistry } from '../lake/index.ts';
import { compareRuns, runDetail, type SortKey } from '../sweep/index.ts';
import { oneSided, type RunDetail } from '../wire/index.ts';
import { ExperimentsTable, type TableQuery } from './experiments_table.ts';
import { type Body, jsonBody } from './thread_answers.ts';

type RunMeta = Awaited<ReturnType<typeof runDetail>>['meta'];

/** What the thread of experiments is asked; queries are checked before. */
export type ExperimentsRequest =
  | {
      readonly kind: 'runs';
      readonly query: {
        readonly signal?: string | undefined;
        readonly dataset_id?: string | undefined;
        readonly experiment?: string | undefined;
        readonly sort: SortKey;
        readonly min_signals: number;
        readonly top_n: number;
      };
    }
  | { readonly kind: 'table'; readonly query: TableQuery; readonly acceptsGzip: boolean }
  | { readonly kind: 'detail'; readonly runId: string }
  | { readonly kind: 'meta'; readonly runId: string };

/** Answers questions about the results of a lake, on a thread of its own: comparing thousands of runs takes a second. */
export class ExperimentsAnswers {
  readonly #lake: Lake;
  readonly #store: ResultsStore;
  readonly #registry: ServingRegistry;
  readonly #table: ExperimentsTable;

  private constructor(lake: Lake, store: ResultsStore, registry: ServingRegistry) {
    this.#lake = lake;
    this.#store = store;
    this.#registry = registry;
    this.#table = new ExperimentsTable(lake, store, registry);
  }

  static async open(lake: Lake): Promise<ExperimentsAnswers> {
    // One thread: queries must not take the cores that streams are computed on.
    return new ExperimentsAnswers(lake, await ResultsStore.open(lake, 1), new ServingRegistry(lake));
  }

  /** Fails what is being answered, and all that follows. */
  interrupt(): void {
    this.#store.interrupt();
  }

  /** @throws RUN_UNKNOWN, and what the store and the registry throw */
  async answer(request: ExperimentsRequest): Promise<Body | { readonly meta: RunMeta }> {
    switch (request.kind) {
      case 'runs':
        return this.#runs(request.query);
      case 'table':
        return this.#table.answer(request.query, request.acceptsGzip);
      case 'detail':
        return jsonBody(await this.#detail(request.runId));
      case 'meta':
        return { meta: (await runDetail(this.#store, request.runId)).meta };
    }
  }

  async #runs(query: Extract<ExperimentsRequest, { kind: 'runs' }>['query']): Promise<Body> {
    const { runs, filters, family, sweeps } = await compareRuns(this.#store, {
      signal: query.signal,
      datasetId: query.dataset_id,
      experiment: query.experiment,
      sort: query.sort,
      minSignals: query.min_signals,
      top: query.top_n,
    });
    const aliases = aliasesByRun(this.#registry);
    const served = runs.map((run) => ({ ...run, ...servingOf(aliases, run.run_id!, run.config_hash!) }));
    return jsonBody({ runs: served, filters, family, sweeps });
  }

  async #detail(runId: string): Promise<RunDetail> {
    const { meta, thresholdResults } = await runDetail(this.#store, runId);
    const aliases = aliasesByRun(this.#registry);
    const shown = thresholdResults.map(({ skewness, kurtosis, n_periods, ...row }) => ({
      ...row,
      one_sided: oneSided(row.n_up!, row.n_down!),
    }));
    return {
      meta,
      threshold_results: shown as RunDetail['threshold_results'],
      fold_results: await foldResults(this.#store, runId),
      ...servingOf(aliases, runId, meta.config_hash!),
      aliases: [...(aliases.get(runKey(runId, meta.config_hash!)) ?? [])],
      promote_command: promoteCommand(this.#lake, meta.experiment_name!, runId),
    };
  }
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
