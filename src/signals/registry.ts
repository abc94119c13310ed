import { nearest } from '../config/light.ts';
import { assert, SpymasterError } from '../errors.ts';
import { ads } from './ads.ts';
import { derivative } from './derivative.ts';
import { erd } from './erd.ts';
import { iirc } from './iirc.ts';
import { jad } from './jad.ts';
import { msd } from './msd.ts';
import { pfp } from './pfp.ts';
import { pva } from './pva.ts';
import { resolveParameters, Signal, type SignalContext, type SignalDefinition, storedParameters } from './signal.ts';
import { spg } from './spg.ts';

/** The signals that are built in. */
export const signals: readonly SignalDefinition[] = [derivative, ads, erd, iirc, jad, msd, pfp, pva, spg];

/** The signal of a serving that names none; its state is in every bin (model.md §8). */
export const defaultSignal: SignalDefinition = derivative;

/** Signals of the user that this thread knows, by name; one thread knows those that it was given. */
const userSignals = new Map<string, SignalDefinition>();

/** Signals of the user by the hash of their source: what a stored result or version names, whatever the folder says now. */
const sourcedSignals = new Map<string, SignalDefinition>();

/** Makes a user's signal known to this thread by its source, and leaves the one of its name. */
export function registerSource(definition: SignalDefinition): void {
  if (definition.source !== undefined) sourcedSignals.set(definition.source.hash, definition);
}

/** Whether a source is known to this thread. */
export function knowsSource(hash: string): boolean {
  return sourcedSignals.has(hash);
}

/** Makes a user's signal known to this thread, in the place of one that had its name. @throws CONFIG_INVALID for a built-in name */
export function registerSignal(definition: SignalDefinition): void {
  const { name } = definition;
  if (signals.some((one) => one.name === name)) {
    throw new SpymasterError(
      'CONFIG_INVALID',
      `Cannot use your signal "${name}": a built-in signal has that name; rename the file and the signal.`,
      { key: 'name', value: name },
    );
  }
  userSignals.set(name, definition);
  registerSource(definition);
}

/** Makes these the user's signals of this thread, and no others. @throws CONFIG_INVALID as `registerSignal` */
export function replaceUserSignals(definitions: readonly SignalDefinition[]): void {
  userSignals.clear();
  for (const definition of definitions) registerSignal(definition);
}

/** Every signal that this thread knows: the built-in ones, then the user's by name. */
export function knownSignals(): readonly SignalDefinition[] {
  const byName = [...userSignals.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  return [...signals, ...byName];
}

/**
 * The signal of a name, or, of the user's, that of a source, which this thread must know.
 * @throws CONFIG_INVALID naming the nearest signal when there is none of that name
 */
export function signalDefinition(name: string, sourceHash?: string): SignalDefinition {
  if (sourceHash !== undefined) {
    const sourced = sourcedSignals.get(sourceHash);
    assert(sourced !== undefined, `the source ${sourceHash} of ${name} is known to this thread`);
    return sourced;
  }
  const found = userSignals.get(name) ?? signals.find((definition) => definition.name === name);
  if (found !== undefined) return found;
  const known = knownSignals().map((definition) => definition.name);
  throw new SpymasterError(
    'CONFIG_INVALID',
    `There is no signal "${name}"; the nearest is "${nearest(name, known)}", and there are ${known.join(', ')}.`,
    { key: 'signal', value: name },
  );
}

/** A fresh signal with `given` parameters over its defaults. @throws CONFIG_INVALID as `resolveParameters` */
export function createSignal(name: string, given: Readonly<Record<string, unknown>>, context: SignalContext): Signal {
  return startSignal(signalDefinition(name), given, context);
}

function startSignal(
  definition: SignalDefinition,
  given: Readonly<Record<string, unknown>>,
  context: SignalContext,
): Signal {
  return new Signal(definition, resolveParameters(definition, given, context), context);
}

/** A signal as a published version names it. */
export interface StoredSignal {
  readonly name: string;
  readonly params: Readonly<Record<string, unknown>>;
  /** Of the user's: the hash of its source. */
  readonly source_hash?: string | undefined;
}

/** The signal that a published version streams: of its `storedParameters`, and of its source where it is the user's. */
export function createStoredSignal({ name, params, source_hash }: StoredSignal, context: SignalContext): Signal {
  const definition = signalDefinition(name, source_hash);
  return startSignal(definition, storedParameters(definition, params), context);
}
