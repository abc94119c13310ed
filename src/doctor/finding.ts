import { SpymasterError } from '../errors.ts';
import { formatNames } from '../format.ts';

/** Result of a check. `warning`: works, but needs a look; `failure`: something will not work. */
export interface Finding {
  /** Name of the check, a word or two. */
  readonly check: string;
  readonly state: 'ok' | 'warning' | 'failure';
  /** The finding, a sentence without its full stop. */
  readonly found: string;
  /** Remedy; empty where none is needed. */
  readonly remedy: string;
}

export interface ExamineOptions {
  readonly signal: AbortSignal;
  /** Told what is being looked at, before each thing that may take long. */
  readonly onLook: (what: string) => void;
}

export function ok(check: string, found: string): Finding {
  return { check, state: 'ok', found, remedy: '' };
}

export function warning(check: string, found: string, remedy: string): Finding {
  return { check, state: 'warning', found, remedy };
}

export function failure(check: string, found: string, remedy: string): Finding {
  return { check, state: 'failure', found, remedy };
}

/** An error of ours as a finding: its message says what to do. */
export function failed(check: string, error: unknown): Finding {
  if (!(error instanceof SpymasterError)) throw error;
  return failure(check, error.message.replace(/\.$/, ''), '');
}

export const listed = (names: readonly string[]) => formatNames(names, 5);
