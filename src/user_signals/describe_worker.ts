import { readFileSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { parentPort } from 'node:worker_threads';
import { assert, SpymasterError } from '../errors.ts';
import { describeSignal, type SignalDescription } from '../signals/index.ts';
import { serveSignalFiles } from './hooks.ts';
import { importDefinition } from './load_signal.ts';

/** A folder, and the files in it that define signals. */
export interface DescribeRequest {
  readonly folder: string;
  readonly entries: readonly string[];
}

/** Per entry: that it is being loaded, then what it is or why it cannot be. */
export type DescribeMessage =
  | { readonly kind: 'begun'; readonly entry: string }
  | {
      readonly kind: 'described';
      readonly entry: string;
      readonly description: SignalDescription;
      readonly files: Readonly<Record<string, string>>;
    }
  | { readonly kind: 'failed'; readonly entry: string; readonly message: string };

/* Runs the files of users' signals to see what they define (see describe_signals.ts). Its first message says which. */

assert(parentPort !== null, 'signals are described in a worker');
const port = parentPort;
let folder = '';
const texts = new Map<string, string>();
const imports = new Map<string, Set<string>>();
const post = (message: DescribeMessage) => port.postMessage(message);

serveSignalFiles('folder', {
  text(path) {
    const text = texts.get(path) ?? readText(path);
    texts.set(path, text);
    return text;
  },
  onImport(from, to) {
    imports.set(from, (imports.get(from) ?? new Set()).add(to));
  },
});

port.once('message', (request: DescribeRequest) => void describe(request));

async function describe(request: DescribeRequest): Promise<void> {
  ({ folder } = request);
  for (const entry of request.entries) {
    post({ kind: 'begun', entry });
    try {
      const definition = await importDefinition('folder', folder, entry, entry.replace(/\.ts$/, ''));
      const files = Object.fromEntries([...reached(entry)].sort().map((path) => [path, texts.get(path) ?? '']));
      post({ kind: 'described', entry, description: structuredClone(describeSignal(definition)), files });
    } catch (error) {
      post({ kind: 'failed', entry, message: error instanceof Error ? error.message : String(error) });
    }
  }
  port.close();
}

function readText(path: string): string {
  const file = join(folder, path);
  try {
    if (realpathSync(file) === join(realpathSync(folder), path)) return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new SpymasterError(
      'SIGNAL_FAILED',
      `Cannot load ${file}: ${(cause as Error).message}.`,
      { path: file },
      cause,
    );
  }
  throw new SpymasterError(
    'SIGNAL_FAILED',
    `Cannot load ${file}: it is a link to a file outside of its folder; copy the file.`,
    { path: file },
  );
}

/** An entry and all that it imports, directly or not. */
function reached(entry: string, seen: Set<string> = new Set()): Set<string> {
  seen.add(entry);
  for (const path of imports.get(entry) ?? []) if (!seen.has(path)) reached(path, seen);
  return seen;
}
