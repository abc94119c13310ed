import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { SpymasterError } from '../errors.ts';
import { shellWord } from '../format.ts';
import {
  experimentList,
  foldRows,
  type Lake,
  type ResolvedServing,
  ResultsStore,
  type RunMeta,
  ServingRegistry,
} from '../lake/index.ts';
import type { SignalSource } from '../signals/index.ts';
import {
  compareRuns,
  comparisonJson,
  executionStamp,
  experimentDocument,
  lookAtComparison,
  resolveServing,
  runDetail,
  servingInfo,
} from '../sweep/index.ts';
import { shownSource } from '../user_signals/index.ts';
import {
  type ExperimentDocumentResponse,
  type ExperimentList,
  foldColumns,
  oneSided,
  type RunDetail,
  type RunSortKey,
  runDetailColumns,
  thresholdColumns,
  wireRowOf,
} from '../wire/index.ts';
import { compressedBody } from './experiments_body.ts';
import type { OutcomesRequest } from './experiments_outcomes.ts';
import { ExperimentsTable, type TableQuery } from './experiments_table.ts';
import { lakeOption, runExecution } from './run_execution.ts';
import { servingList } from './serving_list.ts';
import { type Body, jsonBody } from './thread_answers.ts';

/** What the thread of experiments is asked; queries are checked before. */
export type ExperimentsRequest =
  | {
      readonly kind: 'runs';
      readonly query: {
        readonly signal?: string | undefined;
        readonly dataset_id?: string | undefined;
        readonly experiment?: string | undefined;
        readonly sort: RunSortKey;
        readonly min_signals: number;
        readonly top_n: number;
      };
    }
  | { readonly kind: 'table'; readonly query: TableQuery; readonly acceptsGzip: boolean }
  | {
      readonly kind: 'document';
      readonly experiment: string;
      /** Date YYYY-MM-DD in UTC: before the experiment's final date its verdict is an interim one. */
      readonly today: string;
      readonly acceptsGzip: boolean;
    }
  | { readonly kind: 'detail'; readonly runId: string }
  | { readonly kind: 'meta' | 'execution'; readonly runId: string }
  | { readonly kind: 'servings' | 'experiments' }
  /** What a name of a serving stands for, and what is known of it. */
  | { readonly kind: 'serving' | 'serving_info'; readonly name: string };

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
    return new ExperimentsAnswers(
      lake,
      await ResultsStore.open(lake, { threads: 1, isInMemory: true }),
      new ServingRegistry(lake),
    );
  }

  /** Fails what is being answered, and all that follows. */
  interrupt(): void {
    this.#store.interrupt();
  }

  /** @throws RUN_UNKNOWN, EXPERIMENT_UNKNOWN, what `resolveServing` and the store throw */
  async answer(
    request: ExperimentsRequest,
  ): Promise<Body | ResolvedServing | Pick<OutcomesRequest, 'meta' | 'executed'>> {
    switch (request.kind) {
      case 'runs':
        return this.#runs(request.query);
      case 'table':
        return this.#table.answer(request.query, request.acceptsGzip);
      case 'document': {
        const { experiment, today, acceptsGzip } = request;
        const look = { shownBy: 'page', timestampUtc: new Date().toISOString() } as const;
        const document: ExperimentDocumentResponse = await experimentDocument(this.#store, experiment, today, look);
        return compressedBody(document, acceptsGzip);
      }
      case 'detail':
        return jsonBody(await this.#detail(request.runId));
      case 'meta': {
        const { meta } = await runDetail(this.#store, request.runId);
        return { meta, executed: await executionStamp(this.#lake, meta.runId) };
      }
      case 'execution':
        return jsonBody(await runExecution(this.#lake, this.#store, request.runId));
      case 'servings':
        return jsonBody(servingList(this.#registry));
      case 'experiments': {
        const list: ExperimentList = { experiments: await experimentList(this.#store) };
        return jsonBody(list);
      }
      case 'serving':
        return this.#serving(request.name);
      case 'serving_info':
        return jsonBody(await servingInfo(await this.#serving(request.name), this.#store));
    }
  }

  #serving(name: string): Promise<ResolvedServing> {
    return resolveServing(name, { lake: this.#lake, store: this.#store, registry: this.#registry });
  }

  async #runs(query: Extract<ExperimentsRequest, { kind: 'runs' }>['query']): Promise<Body> {
    const comparison = await compareRuns(this.#store, {
      signal: query.signal,
      datasetId: query.dataset_id,
      experiment: query.experiment,
      sort: query.sort,
      minSignals: query.min_signals,
      top: query.top_n,
    });
    const aliases = aliasesByRun(this.#registry);
    const look = { shownBy: 'compare', timestampUtc: new Date().toISOString() } as const;
    const looks = await lookAtComparison(this.#store, comparison, look);
    const { runs, ...rest } = comparisonJson(comparison, looks);
    const served = runs.map((run) => ({ ...run, ...servingOf(aliases, run.run_id, run.config_hash) }));
    return jsonBody({ runs: served, ...rest });
  }

  async #detail(runId: string): Promise<RunDetail> {
    const { meta, thresholdResults } = await runDetail(this.#store, runId);
    const aliases = aliasesByRun(this.#registry);
    const folds = await foldRows(this.#store, runId);
    return {
      meta: wireMeta(meta),
      threshold_results: thresholdResults.map((row) => ({
        ...wireThreshold(row),
        one_sided: oneSided(row.nUp, row.nDown),
      })),
      fold_results: folds.map(wireFold),
      ...servingOf(aliases, runId, meta.configHash),
      aliases: [...(aliases.get(runKey(runId, meta.configHash)) ?? [])],
      promote_command: promoteCommand(this.#lake, meta.experimentName, runId),
      signal_source: await signalSource(this.#lake, meta),
    };
  }
}

/** Characters of a file that a page is sent: files of models and scores may have millions. */
const shownChars = 100_000;

function shownFiles({ files }: SignalSource): Record<string, string> {
  const shown = (text: string) =>
    text.length <= shownChars
      ? text
      : `${text.slice(0, shownChars)}\n… and ${text.length - shownChars} more characters`;
  return Object.fromEntries(Object.entries(files).map(([path, text]) => [path, shown(text)]));
}

/** The source that a run's signal had; one that the lake lost is named all the same. */
async function signalSource(lake: Lake, { resolvedJson, signalName }: RunMeta): Promise<RunDetail['signal_source']> {
  const { signalSource: hash } = JSON.parse(resolvedJson) as { readonly signalSource?: string };
  if (hash === undefined) return null;
  try {
    const { source, now } = await shownSource(lake, hash);
    return { hash, entry: source.entry, files: shownFiles(source), folder: source.folder, now };
  } catch (error) {
    if (!(error instanceof SpymasterError)) throw error;
    return { hash, entry: `${signalName}.ts`, files: null, folder: null, now: 'unknown' };
  }
}

const wireMeta = wireRowOf(runDetailColumns);
const wireThreshold = wireRowOf(thresholdColumns);
const wireFold = wireRowOf(foldColumns);

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

function promoteCommand(lake: Lake, experiment: string, runId: string): string {
  const folders = ['configs/experiments', lake.specs('experiments')];
  const files = folders.flatMap((folder) => ['yaml', 'yml'].map((type) => join(folder, `${experiment}.${type}`)));
  const spec = files.find((file) => existsSync(file)) ?? `${experiment}.yaml`;
  return `npx spymaster promote ${shellWord(spec)} --run-id ${runId} --alias ${shellWord(experiment)}${lakeOption(lake)}`;
}
