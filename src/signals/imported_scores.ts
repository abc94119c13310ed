import { assert } from '../errors.ts';
import { ownPastThresholds } from './past_sizes.ts';
import type { ScoredSession } from './scored_sessions.ts';
import type { RunningSignal, UserSignal } from './user_signal.ts';

/** The scores of a session. */
export interface ImportedSession extends ScoredSession {
  /** UNIX nanoseconds that the times count from. */
  readonly fromNs: string;
  /** When each score was known, nanoseconds after `fromNs`, ascending: little-endian doubles as base64. */
  readonly knownNs: string;
  /** As many doubles, in the same form. */
  readonly scores: string;
}

/** What `spymaster signal import` keeps of scores. */
export interface ImportedScores {
  readonly name: string;
  readonly doc: string;
  readonly sessions: readonly ImportedSession[];
}

/** A signal whose scores were made elsewhere: a bin takes the newest that became known while it lasted, and has none without one. */
export function defineImportedScores({ name, doc, sessions }: ImportedScores): UserSignal {
  return {
    name,
    doc,
    columns: [],
    parameters: [],
    thresholds: ownPastThresholds,
    imported: sessions.map(({ symbol, date }) => ({ symbol, date })),
    create(_parameters, { date, place, binS }) {
      if (date === undefined || place === undefined) throw new Error(`${name} runs only where its session is known`);
      const session = sessions.find((one) => one.symbol === place.symbol && one.date === date);
      if (session === undefined) throw new Error(`${name} has no scores of ${place.symbol} on ${date}`);
      return scoresByTime(session, Number(BigInt(place.startNs) - BigInt(session.fromNs)), Math.round(binS * 1e9));
    },
  };
}

/** The scores of a session for bins of `binNs`, the first of which starts at `startNs`, on the clock of the scores. */
function scoresByTime(session: ImportedSession, startNs: number, binNs: number): RunningSignal {
  const [knownNs, scores] = [doubles(session.knownNs), doubles(session.scores)];
  let bins = 0;
  /** Scores known at the end of the last bin, or before the first. */
  let known = 0;
  const knownAt = (ns: number) => {
    while (known < knownNs.length && (knownNs[known] ?? 0) <= ns) known++;
  };
  knownAt(startNs);
  return {
    update() {
      const before = known;
      bins++;
      knownAt(startNs + bins * binNs);
      return known === before ? null : (scores[known - 1] ?? null);
    },
    save: (writer) => writer.array(Float64Array.of(bins, known)),
    restore(reader) {
      [bins = 0, known = 0] = reader.float64s();
    },
  };
}

/** The doubles of a text of little-endian bytes as base64. */
function doubles(text: string): Float64Array {
  const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  assert(bytes.length % 8 === 0, 'imported numbers are doubles');
  const view = new DataView(bytes.buffer);
  return Float64Array.from({ length: bytes.length / 8 }, (_, at) => view.getFloat64(8 * at, true));
}
