import { createInterface } from 'node:readline/promises';
import type { Cli } from './command.ts';

/** Asks for a line; null where no user is at a terminal. */
export type Ask = ((question: string) => Promise<string>) | null;

/** Asks a question to be answered with y or n; null where no user is at a terminal. */
export type Confirm = ((question: string) => Promise<boolean>) | null;

/** A user at the terminal to ask, if there is one. Anything but y or yes is a no. */
export function confirmAtTerminal(cli: Cli): Confirm {
  const ask = askAtTerminal(cli);
  if (ask === null) return null;
  return async (question) => /^y(es)?$/i.test((await ask(question)).trim());
}

/** A user at the terminal to ask for a line, if there is one. */
export function askAtTerminal({ interruptSignal }: Cli): Ask {
  if (!process.stdin.isTTY) return null;
  return async (question) => {
    const lines = createInterface({ input: process.stdin, output: process.stderr });
    try {
      return await lines.question(question, { signal: interruptSignal() });
    } finally {
      lines.close();
    }
  };
}
