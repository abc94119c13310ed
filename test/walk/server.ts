import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

/** How a server is stopped: as a terminal does with Ctrl-C, or by ending only the process that was started. */
export type Stop = 'interrupt' | 'terminate';

interface Started {
  readonly child: ChildProcess;
  readonly said: () => string;
}

const waitMs = 600_000;
const endMs = 60_000;

/** Starts a server by its command, opens every address that it prints, stops it, and makes sure that it is gone. */
export async function probeServer(
  command: string,
  stop: Stop,
  options: { readonly cwd: string; readonly env: NodeJS.ProcessEnv },
): Promise<string> {
  const server = start(command, options);
  try {
    await saysEnd(server);
    const addresses = [...new Set(server.said().match(/http:\/\/127\.0\.0\.1:\d+[^\s`)"]*/g) ?? [])];
    if (addresses.length === 0) throw new Error(`it printed no address:\n${server.said()}`);
    for (const address of addresses) {
      const response = await fetch(address);
      await response.arrayBuffer();
      if (!response.ok) throw new Error(`${address} answered ${response.status}`);
    }
    await end(server, stop, addresses[0] as string);
    return `answered at ${addresses.length} addresses, stopped by ${stop === 'interrupt' ? 'Ctrl-C' : 'SIGTERM to the first process alone'}`;
  } finally {
    kill(server.child, 'SIGKILL');
  }
}

function start(command: string, options: { readonly cwd: string; readonly env: NodeJS.ProcessEnv }): Started {
  // A group of its own: what a terminal sends goes to all of it.
  const child = spawn('bash', ['-c', `exec ${command}`], {
    ...options,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
  }
  return { child, said: () => said };
}

/** Waits until the server says how it is ended. */
async function saysEnd({ child, said }: Started): Promise<void> {
  const deadline = AbortSignal.timeout(waitMs);
  while (!/Ctrl-C ends/.test(said())) {
    if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}:\n${said()}`);
    if (deadline.aborted) throw new Error(`it did not serve within ${waitMs / 1000} s:\n${said()}`);
    await new Promise((later) => setTimeout(later, 100));
  }
}

async function end({ child, said }: Started, stop: Stop, address: string): Promise<void> {
  const isOver = child.exitCode === null ? once(child, 'exit') : Promise.resolve();
  if (stop === 'interrupt') kill(child, 'SIGINT');
  else child.kill('SIGTERM');
  const deadline = AbortSignal.timeout(endMs);
  await Promise.race([isOver, new Promise((later) => deadline.addEventListener('abort', later))]);
  while (await isServing(address)) {
    if (deadline.aborted) throw new Error(`it still serves ${endMs / 1000} s after it was stopped:\n${said()}`);
    await new Promise((later) => setTimeout(later, 200));
  }
}

async function isServing(address: string): Promise<boolean> {
  return await fetch(address).then(
    async (response) => {
      await response.arrayBuffer();
      return true;
    },
    () => false,
  );
}

/** Sends a signal to all that was started; what has ended is left. */
function kill({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  try {
    if (pid !== undefined) process.kill(-pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
