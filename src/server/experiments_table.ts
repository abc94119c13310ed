import { randomUUID } from 'node:crypto';
import { present } from '../errors.ts';
import type { BestRun, Lake, ResultsStore, ServingRegistry, SweepSummary } from '../lake/index.ts';
import { camelCase } from '../name_case.ts';
import { GrowingComparison, lookAtComparison } from '../sweep/index.ts';
import {
  type RunSortKey,
  sweepColumns,
  type TableColumn,
  type TableResponse,
  tableFields,
  wireRowOf,
} from '../wire/index.ts';
import { compressedBody } from './experiments_body.ts';
import { resultsVersion } from './experiments_version.ts';
import type { Body } from './thread_answers.ts';

/** Ways to choose a run's threshold that are kept ready; one holds some 20 MB for 10,000 runs. */
const keptComparisons = 4;
const wireSweep = wireRowOf(sweepColumns);

export interface TableQuery {
  readonly sort: RunSortKey;
  readonly min_signals?: number | undefined;
  readonly after?: string | undefined;
}

interface Following {
  readonly comparison: GrowingComparison;
  /** Cursors of another process or of a comparison that was dropped say nothing here. */
  readonly epoch: string;
  /** The whole table as it was sent last. */
  whole: { readonly key: string; readonly answer: Body } | null;
}

/** Answers with the whole table of runs, or with what changed in it since a client last asked. */
export class ExperimentsTable {
  readonly #lake: Lake;
  readonly #store: ResultsStore;
  readonly #registry: ServingRegistry;
  /** By sort key and least signals, the one used last at the end. */
  readonly #following = new Map<string, Following>();

  /** When each sweep was judged that the page has shown. */
  readonly #seen = new Map<string, string>();

  constructor(lake: Lake, store: ResultsStore, registry: ServingRegistry) {
    this.#lake = lake;
    this.#store = store;
    this.#registry = registry;
  }

  async answer(query: TableQuery, acceptsGzip: boolean): Promise<Body> {
    const following = this.#follow(query.sort, query.min_signals ?? null);
    const { comparison, epoch } = following;
    await comparison.refresh(await resultsVersion(this.#lake));
    const [askedEpoch, revision] = (query.after ?? '').split('.');
    const isWhole = askedEpoch !== epoch;
    const changes = comparison.since(isWhole ? 0 : Number(revision));
    const served = aliasOfRuns(this.#registry);
    const cursor = `${epoch}.${changes.revision}`;
    const key = `${cursor} ${JSON.stringify(served)} ${acceptsGzip}`;
    if (isWhole && following.whole?.key === key) return copyOf(following.whole.answer);
    const { family, sweeps, filters } = comparison.summary;
    await this.#lookAt(sweeps);
    const response: TableResponse = {
      cursor,
      is_whole: isWhole,
      columns: columnsOf(changes.rows),
      removed: [...changes.removed],
      served,
      filters: { signals: [...filters.signals], datasets: [...filters.datasets] },
      family,
      sweeps: sweeps.map(wireSweep),
    };
    const answer = await compressedBody(response, acceptsGzip);
    if (isWhole) following.whole = { key, answer };
    return isWhole ? copyOf(answer) : answer;
  }

  /**
   * Keeps that the page shows these sweeps, once for each state of one. Where that cannot be kept, the document of an
   * experiment says so.
   */
  async #lookAt(sweeps: readonly SweepSummary[]): Promise<void> {
    const unseen = sweeps.filter(({ sweepId, timestampUtc }) => this.#seen.get(sweepId) !== timestampUtc);
    if (unseen.length === 0) return;
    const look = { shownBy: 'page', timestampUtc: new Date().toISOString() } as const;
    await lookAtComparison(this.#store, { runs: [], sweeps: unseen }, look);
    for (const { sweepId, timestampUtc } of unseen) this.#seen.set(sweepId, timestampUtc);
  }

  #follow(sort: RunSortKey, minSignals: number | null): Following {
    const key = `${sort} ${minSignals}`;
    const following = this.#following.get(key) ?? {
      comparison: new GrowingComparison(this.#store, sort, minSignals),
      epoch: randomUUID(),
      whole: null,
    };
    this.#following.delete(key);
    this.#following.set(key, following);
    for (const oldest of this.#following.keys()) {
      if (this.#following.size <= keptComparisons) break;
      this.#following.delete(oldest);
    }
    return following;
  }
}

/** What is sent is handed over to another thread: what is kept stays here. */
function copyOf({ body, encoding }: Body): Body {
  return { body: body.slice(), encoding };
}

/** Rows by column; texts that repeat are sent once. */
function columnsOf(rows: readonly BestRun[]): Record<string, TableColumn> {
  return Object.fromEntries(
    tableFields.map((field) => {
      const key = camelCase(field);
      return [field, columnOf(rows.map((row) => row[key]))];
    }),
  );
}

function columnOf(values: (string | number | boolean | null)[]): TableColumn {
  const places = new Map<string, number>();
  const at: number[] = [];
  for (const value of values) {
    if (typeof value !== 'string') return values;
    const place = places.get(value) ?? places.size;
    places.set(value, place);
    at.push(place);
  }
  return values.length === 0 || places.size * 2 > values.length ? values : { texts: [...places.keys()], at };
}

function aliasOfRuns(registry: ServingRegistry): Record<string, string> {
  const served = registry.versions().filter((version) => version.aliases.length > 0);
  // The newest version of a run comes last, and stays.
  return Object.fromEntries(served.reverse().map((version) => [version.runId, present(version.aliases[0])]));
}
