import { type ChildProcess, spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** A real S3 server on this machine, with an empty bucket. */
export interface S3Server {
  readonly endpoint: string;
  readonly bucket: string;
  stop(): void;
}

/** Starts gofakes3, or moto where the program is called so; both keep their objects in memory. */
export async function startS3Server(program: string): Promise<S3Server> {
  const port = await freePort();
  const endpoint = `http://127.0.0.1:${port}`;
  const bucket = 'lab';
  const isMoto = program.endsWith('moto_server');
  const words = isMoto
    ? ['-H', '127.0.0.1', '-p', String(port)]
    : ['-backend', 'memory', '-host', `127.0.0.1:${port}`, '-initialbucket', bucket];
  const child = spawn(program, words, { stdio: 'ignore' });
  await untilUp(endpoint, child);
  if (isMoto) await fetch(`${endpoint}/${bucket}`, { method: 'PUT' });
  return { endpoint, bucket, stop: () => child.kill('SIGKILL') };
}

async function untilUp(endpoint: string, child: ChildProcess): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt++) {
    if (child.exitCode !== null) throw new Error(`the S3 server ended with ${child.exitCode}`);
    const isUp = await fetch(endpoint).then(
      () => true,
      () => false,
    );
    if (isUp) return;
    await sleep(50);
  }
  throw new Error(`the S3 server at ${endpoint} did not answer`);
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port was given');
  return address.port;
}
