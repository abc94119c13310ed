import { deepEqual, match } from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';

const module = new URL('./interrupts.ts', import.meta.url).href;

/** Runs a script that has `signal`, with a grace of 0.3 s; sends SIGTERM when it prints, and gives how it ended. */
async function end(script: string): Promise<{ code: number | null; signal: string | null; err: string }> {
  const code = `import { interrupts } from '${module}';
    const signal = interrupts(() => {}, 300).signal();
    ${script}
    console.log('ready');`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', code], {
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 20_000,
    killSignal: 'SIGABRT',
  });
  let err = '';
  child.stderr.on('data', (text) => {
    err += text;
  });
  child.stdout.once('data', () => child.kill('SIGTERM'));
  const [exit, signal] = (await once(child, 'close')) as [number | null, string | null];
  return { code: exit, signal, err };
}

test('a command that ends by itself after SIGTERM ends with its own code, and no guard holds it up', async () => {
  const ended = await end(`const timer = setInterval(() => {}, 1000);
    signal.addEventListener('abort', () => { process.exitCode = 3; clearInterval(timer); });`);
  deepEqual(ended, { code: 3, signal: null, err: '' });
});

test('a command that leaves a timer or a promise open is ended after the grace', async () => {
  const { code, signal, err } = await end('setInterval(() => {}, 1000);');
  deepEqual([code, signal], [130, null]);
  match(err, /^Did not end within 0\.3 s of the signal/);
});

test('a command that computes without a pause after the signal is killed', async () => {
  const { code, signal } = await end(`setInterval(() => {}, 1000);
    signal.addEventListener('abort', () => { for (;;); });`);
  deepEqual([code, signal], [null, 'SIGKILL']);
});
