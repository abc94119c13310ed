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

/** Every signal, by name. */
export const signals: readonly SignalDefinition[] = [derivative, ads, erd, iirc, jad, msd, pfp, pva, spg];

/** The signal of a serving that names none; its state is in every bin (model.md §8). */
export const defaultSignal: SignalDefinition = derivative;

/** @throws CONFIG_INVALID naming the nearest signal when there is none of that name */
export function signalDefinition(name: string): SignalDefinition {
  const found = signals.find((definition) => definition.name === name);
  if (found !== undefined) return found;
  const known = signals.map((definition) => definition.name);
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
