import { type ChildProcess, type ForkOptions, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { Worker, type WorkerOptions } from 'node:worker_threads';

/** The part of a worker thread that its messages go through. */
export interface Thread<Request, Reply> {
  postMessage(request: Request): void;
  on(event: 'message', listener: (reply: Reply) => void): unknown;
  on(event: 'error', listener: (error: unknown) => void): unknown;
  on(event: 'exit', listener: (code: number) => void): unknown;
  terminate(): Promise<unknown>;
}

/** Starts a thread on a module beside the caller; `module` is its path from `callerUrl`, without extension: `./sweep_worker`. */
export function startWorker(callerUrl: string, module: string, options: WorkerOptions = {}): Worker {
  return new Worker(moduleUrl(callerUrl, module), options);
}

/** Starts a Node process on a module beside the caller, with a channel for messages; arguments as of `startWorker`. */
export function startProcess(callerUrl: string, module: string, options: ForkOptions = {}): ChildProcess {
  return fork(fileURLToPath(moduleUrl(callerUrl, module)), options);
}

/** A module has the extension of its caller: a checkout runs the source, an installed package what it was compiled to. */
function moduleUrl(callerUrl: string, module: string): URL {
  return new URL(`${module}.${callerUrl.endsWith('.ts') ? 'ts' : 'js'}`, callerUrl);
}
