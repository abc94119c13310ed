import { createInterface } from 'node:readline/promises';
import type { Cli } from './command.ts';

/** Asks a question to be answered with y or n; null where no user is at a terminal. */
export type Confirm = ((question: string) => Promise<boolean>) | null;

/** A user at the terminal to ask, if there is one. Anything but y or yes is a no. */
export function confirmAtTerminal(cli: Cli): Confirm {
  if (!process.stdin.isTTY) return null;
  return async (question) => {
    const lines = createInterface({ input: process.stdin, output: process.stderr });
    try {
      const answer = await lines.question(question, { signal: cli.interruptSignal() });
      return /^y(es)?$/i.test(answer.trim());
    } finally {
      lines.close();
    }
  };
}
