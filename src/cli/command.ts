import type { Command } from 'commander';
import type { Output } from './output.ts';

/** What a command gets to work with. */
export interface Cli {
  readonly output: Output;
  /**
   * Aborts at the first Ctrl-C (or SIGTERM), for commands that have something to clean up or to end well. A second
   * Ctrl-C kills. A command that never asks for the signal is simply ended by Ctrl-C.
   */
  interruptSignal(): AbortSignal;
}

/** Adds one command to the program. */
export type AddCommand = (program: Command, cli: Cli) => void;
