import { nearest } from '../config/index.ts';
import { SpymasterError } from '../errors.ts';
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

/** @throws CONFIG_INVALID naming the nearest signal when there is none of that name */
export function signalDefinition(name: string): SignalDefinition {
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
  const definition = signalDefinition(name);
  return new Signal(definition, resolveParameters(definition, given, context), context);
}

/** The signal that a published version streams: `createSignal` of `storedParameters`. */
export function createStoredSignal(
  name: string,
  stored: Readonly<Record<string, unknown>>,
  context: SignalContext,
): Signal {
  return createSignal(name, storedParameters(signalDefinition(name), stored), context);
}
