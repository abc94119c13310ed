import { Writable } from 'node:stream';
import { run } from '../../src/cli/main.ts';

/** What a command did. */
export interface CommandResult {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs `spymaster` with these words in this process. */
export async function runCommand(...words: string[]): Promise<CommandResult> {
  const text = { out: '', err: '' };
  const stream = (name: 'out' | 'err'): Writable =>
    new Writable({
      write(chunk: Buffer, _encoding, done) {
        text[name] += chunk.toString();
        done();
      },
    });
  const code = await run(words, { stdout: stream('out'), stderr: stream('err') });
  return { code, ...text };
}
