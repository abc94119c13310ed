import type { AddCommand } from './command.ts';
import { addDbnCommand } from './dbn.ts';
import { addDemoCommand } from './demo.ts';
import { addInspectCommand } from './inspect.ts';
import { addReplayCommand } from './replay.ts';
import { addServeCommand } from './serve.ts';
import { addSynthCommand } from './synth.ts';

/** Every command, in the order in which help shows them. */
export const commands: readonly AddCommand[] = [
  addDbnCommand,
  addDemoCommand,
  addInspectCommand,
  addReplayCommand,
  addServeCommand,
  addSynthCommand,
];
