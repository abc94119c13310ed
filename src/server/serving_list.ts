import { SpymasterError } from '../errors.ts';
import type { ServingRegistry, ServingVersion } from '../lake/index.ts';
import type { ListedVersion, ServingList } from '../wire/index.ts';

/** Versions that are listed at most: each is a file that is read and verified. */
const maxListed = 500;

/** The versions of a registry with their sessions: those that an alias points at, then the others, each the newest first. */
export function servingList(registry: ServingRegistry): ServingList {
  const all = registry.versions();
  const [named, others] = [all.filter(isNamed), all.filter((version) => !isNamed(version))];
  return {
    versions: [...named, ...others].slice(0, maxListed).map((version) => listed(registry, version)),
    n_versions: all.length,
  };
}

const isNamed = ({ aliases }: ServingVersion) => aliases.length > 0;

function listed(registry: ServingRegistry, version: ServingVersion): ListedVersion {
  return {
    serving_id: version.servingId,
    aliases: [...version.aliases],
    created_at_utc: version.createdAtUtc,
    description: version.description,
    experiment_name: version.experimentName,
    signal_name: version.signalName,
    run_id: version.runId,
    ...sessionOf(registry, version.servingId),
  };
}

function sessionOf(
  registry: ServingRegistry,
  servingId: string,
): Pick<ListedVersion, 'session' | 'verdict' | 'problem'> {
  try {
    const { runtime_snapshot: runtime, evidence } = registry.resolve(servingId).spec;
    const session = {
      symbol: runtime.symbol,
      date: runtime.stream_dt,
      start_time: runtime.stream_start_time,
      end_time: runtime.end_time ?? null,
      cell_width_ms: runtime.cell_width_ms,
    };
    return { session, verdict: evidence?.verdict ?? null, problem: null };
  } catch (error) {
    if (!(error instanceof SpymasterError)) throw error;
    return { session: null, verdict: null, problem: error.message };
  }
}
