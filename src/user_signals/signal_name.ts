import { SpymasterError } from '../errors.ts';
import { signals } from '../signals/index.ts';
import { signalNamePattern } from './template.ts';

/** @throws USAGE for a name that no signal of the user may have */
export function assertSignalName(name: string): void {
  if (signalNamePattern.test(name) && !signals.some((one) => one.name === name)) return;
  const why = signalNamePattern.test(name)
    ? 'a built-in signal has that name'
    : 'expected a letter, then up to 63 letters, digits and _';
  throw new SpymasterError('USAGE', `Cannot call a signal ${JSON.stringify(name)}: ${why}.`, { key: 'name' });
}
