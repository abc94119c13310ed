import type { PublishedServingSpec } from '../config/index.ts';
import { SpymasterError } from '../errors.ts';
import {
  type Lake,
  type ResolvedServing,
  type ResultsStore,
  runIdsWith,
  runMeta,
  type ServingRegistry,
} from '../lake/index.ts';
import { type DayStreamName, dayStreamName, parseDayStreamName } from '../wire/index.ts';
import { publishedSpec } from './published_spec.ts';

export interface DayStreamOptions {
  readonly lake: Lake;
  readonly store: ResultsStore;
  readonly registry: ServingRegistry;
}

const runIdForm = /^[0-9a-f]{8,32}$/;
const runIdLength = 32;
/** What may be meant as a run id, and is too short or written in capitals. */
const nearlyRunId = /^[0-9a-f]{4,32}$/i;
/** In place of the time of promotion of a run that was not promoted. */
export const unpublished = 'unpublished';
/** Runs that are named where the start of an id is not enough. */
const shownRuns = 5;

/** What a name stands for: a published version or a session. Throws what `ServingRegistry.resolve` and `dayStream` throw. */
export async function resolveServing(name: string, options: DayStreamOptions): Promise<ResolvedServing> {
  // A version or alias of an earlier release may have a name of that form.
  const day = options.registry.knows(name) ? null : parseDayStreamName(name);
  return day === null ? options.registry.resolve(name) : dayStream(day, options);
}

/**
 * What streams a session of a run or of a published version. Nothing is published: the content follows from the run or version
 * and the session alone, and is that of the version that `promoteRun` would publish for the session.
 *
 * @throws SERVING_UNKNOWN for a session that the run does not have, or a name of nothing; RUN_UNKNOWN for the start of several
 *   run ids, or of an alias as well; USAGE for a threshold that cannot be; what `publishedSpec` and the registry throw
 */
export async function dayStream(name: DayStreamName, options: DayStreamOptions): Promise<ResolvedServing> {
  const { of } = name;
  const isServing = of.length < runIdLength && options.registry.knows(of);
  const runIds = runIdForm.test(of) ? await runIdsWith(options.store, of, shownRuns + 1) : [];
  const [runId] = runIds;
  if (isServing && runIds.length > 0) throw ambiguous(of, [`the serving ${of}`, ...runIds]);
  if (runIds.length > 1) throw ambiguous(of, runIds);
  if (runId !== undefined) return dayOfRun(runId, name, options);
  if (!isServing && nearlyRunId.test(of)) throw runUnknown(of);
  return dayOfServing(name, options);
}

async function dayOfRun(runId: string, name: DayStreamName, options: DayStreamOptions): Promise<ResolvedServing> {
  const { date: session, threshold } = name;
  const spec = await publishedSpec({
    ...options,
    ...{ runId, session, threshold: threshold ?? undefined, promotedAtUtc: unpublished },
  });
  // The best threshold may be another once more sessions were evaluated, so the id always names it.
  const id = { of: runId, date: session, threshold: spec.evidence?.threshold ?? spec.firing?.threshold ?? null };
  return resolved(name, dayStreamName(id), spec);
}

/** A session of a published version: the version as it is, but for the contract and the session of that day. */
async function dayOfServing(name: DayStreamName, options: DayStreamOptions): Promise<ResolvedServing> {
  const { of, date, threshold } = name;
  const { spec } = options.registry.resolve(of);
  const { serving_id, runtime_snapshot: snapshot, source } = spec;
  if (threshold !== null) {
    throw new SpymasterError(
      'USAGE',
      `Cannot stream ${dayStreamName(name)}: the version ${serving_id} has a threshold of its own; leave .t${threshold} out, or ` +
        `name its run, ${source.run_id.slice(0, 12)}.`,
      { key: 'serving', serving: of },
    );
  }
  const id = dayStreamName({ of: serving_id, date, threshold: null });
  if (date === snapshot.stream_dt) return resolved(name, id, spec);
  const { run_id: runId } = source;
  if ((await runMeta(options.store, runId)) === null) {
    throw new SpymasterError(
      'SERVING_UNKNOWN',
      `Cannot stream ${date} of ${of}: the results of its run ${runId} are not in this lake, so the only session known of it is ` +
        `${snapshot.stream_dt}.`,
      { serving: of, session: date, known: [snapshot.stream_dt] },
    );
  }
  const day = (await publishedSpec({ ...options, runId, session: date, promotedAtUtc: source.promoted_at_utc }))
    .runtime_snapshot;
  const { symbol, stream_dt, stream_start_time } = day;
  return resolved(name, id, { ...spec, runtime_snapshot: { ...snapshot, symbol, stream_dt, stream_start_time } });
}

function resolved(name: DayStreamName, servingId: string, spec: PublishedServingSpec): ResolvedServing {
  return { servingId, servingName: dayStreamName(name), spec: { ...spec, serving_id: servingId } };
}

function ambiguous(of: string, meant: readonly string[]): SpymasterError {
  const shown = meant.slice(0, shownRuns).join(', ');
  const more = meant.length > shownRuns ? ', and more' : '';
  return new SpymasterError(
    'RUN_UNKNOWN',
    `Cannot stream ${of}: it may be ${shown}${more}; give the run's whole id, of ${runIdLength} digits.`,
    { run: of, known: meant },
  );
}

function runUnknown(of: string): SpymasterError {
  return new SpymasterError(
    'RUN_UNKNOWN',
    `Cannot stream the run ${of}: ${
      runIdForm.test(of)
        ? 'no result has an id that begins so, and no serving has that name'
        : 'a run is named by its id or at least its first 8 digits, in small letters'
    }; see \`spymaster compare\` for the runs that there are.`,
    { run: of },
  );
}
