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

/** Gives a command, which has its name and description, its options and what it does. */
export type AddCommand = (command: Command, cli: Cli) => void;
