import { nearest } from '../../config/index.ts';
import { present, SpymasterError } from '../../errors.ts';
import { type DatasetManifest, type Lake, listDatasets, readManifest } from '../../lake/index.ts';
import type { ScoredSession } from '../../signals/index.ts';
import { type ScoreTable, scoresInvalid } from './read_scores.ts';

/** A session that scores are of. */
export interface SessionOfScores extends ScoredSession {
  readonly startNs: bigint;
  readonly endNs: bigint;
  /** Bins that numbers may mean, of datasets that agree on them; null where they do not. */
  readonly bins: { readonly count: number; readonly widthNs: bigint } | null;
  /** The datasets that it was found by. */
  readonly datasets: readonly string[];
}

/**
 * The session of each name in a table of scores: that of the dataset, or that of the lake's datasets of the date.
 * @throws SCORES_INVALID for a dataset or date that the lake does not have, and for a date of several contracts
 */
export async function sessionsOfScores(
  lake: Lake,
  path: string,
  { by, groups }: ScoreTable,
): Promise<Map<string, SessionOfScores>> {
  const known = await listDatasets(lake);
  const names = [...groups.keys()];
  if (by === 'dataset') {
    const unknown = names.find((name) => !known.includes(name));
    if (unknown !== undefined) {
      const hint = known.length === 0 ? 'there is none' : `the nearest is ${nearest(unknown, known)}`;
      const why = `the lake has no dataset ${JSON.stringify(unknown)}; ${hint}; see \`spymaster list-datasets\``;
      throw scoresInvalid(path, why, { dataset: unknown });
    }
    const sessions = await Promise.all(names.map(async (name) => sessionOf([await readManifest(lake, name)])));
    assertApart(path, sessions);
    return new Map(names.map((name, index) => [name, present(sessions[index])]));
  }
  const manifests = (await Promise.all(known.map((id) => readableManifest(lake, id)))).filter((one) => one !== null);
  return new Map(
    names.map((name) => {
      const ofDate = manifests.filter(({ spec }) => spec.capture.dt === name);
      if (ofDate.length === 0) {
        const why = `the lake has no dataset of the session ${JSON.stringify(name)}; expected a trading date such as 2026-02-06 of one`;
        throw scoresInvalid(path, `${why}; see \`spymaster list-datasets\``, { session: name });
      }
      const symbols = [...new Set(ofDate.map(({ spec }) => spec.capture.symbol))];
      if (symbols.length === 1) return [name, sessionOf(ofDate)];
      const why = `on ${name} the lake has datasets of ${symbols.join(' and ')}; give a column dataset in place of session`;
      throw scoresInvalid(path, why, { session: name });
    }),
  );
}

/** A session as one that starts with the first of its datasets and ends with the last. */
function sessionOf(manifests: readonly DatasetManifest[]): SessionOfScores {
  const { spec, resolved_config, bins, capture } = present(manifests[0]);
  const times = (key: 'start_ns' | 'end_ns') => manifests.map((one) => BigInt(one.capture[key]));
  const { cell_width_ms: widthMs } = resolved_config;
  const isOne = manifests.every(
    (one) => one.capture.start_ns === capture.start_ns && one.resolved_config.cell_width_ms === widthMs,
  );
  const count = Math.max(bins, ...manifests.map((one) => one.bins));
  return {
    symbol: spec.capture.symbol,
    date: spec.capture.dt,
    startNs: times('start_ns').reduce((first, ns) => (ns < first ? ns : first)),
    endNs: times('end_ns').reduce((last, ns) => (ns > last ? ns : last)),
    bins: isOne ? { count, widthNs: BigInt(Math.round(widthMs * 1e6)) } : null,
    datasets: manifests.map(({ dataset_id }) => dataset_id),
  };
}

function assertApart(path: string, sessions: readonly SessionOfScores[]): void {
  const seen = new Map<string, string>();
  for (const { symbol, date, datasets } of sessions) {
    const [key, id] = [`${symbol} on ${date}`, present(datasets[0])];
    const other = seen.get(key);
    if (other !== undefined) {
      throw scoresInvalid(path, `${other} and ${id} are both of ${key}; keep one, or give session and ts_ns`);
    }
    seen.set(key, id);
  }
}

/** Datasets that cannot be read are the business of `doctor`. */
async function readableManifest(lake: Lake, id: string): Promise<DatasetManifest | null> {
  try {
    return await readManifest(lake, id);
  } catch (error) {
    if (error instanceof SpymasterError) return null;
    throw error;
  }
}
