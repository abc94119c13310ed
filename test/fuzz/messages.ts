import { deepEqual } from 'node:assert/strict';
import { SpymasterError } from '../../src/errors.ts';
import { type Control, controlText, gridUpdateFields, parseControl, parseServerMessage } from '../../src/wire/index.ts';
import { mutateJson } from './mutate_json.ts';
import type { Target } from './target.ts';

/** Text messages of the stream, of clients and of the server. */
export function makeTarget(kept: readonly Uint8Array[]): Target {
  const sound = [...controls.map(controlText), ...serverMessages()];
  const texts = [...sound, ...kept.map((bytes) => new TextDecoder().decode(bytes))];
  return {
    corpus: texts.map(bytesOf),
    codes: ['PROTOCOL'],
    mutate: (random) => bytesOf(mutateJson(random, texts)).slice(0, maxMessageBytes),
    read,
  };
}

/** What a WebSocket of the server takes. */
const maxMessageBytes = 1 << 16;
const bytesOf = (text: string) => new TextEncoder().encode(text);

const controls: readonly Control[] = [
  { action: 'pause' },
  { action: 'resume' },
  { action: 'restart' },
  { action: 'seek', binSeq: 12 },
  { action: 'seek', binSeq: 12, historyBins: 8 },
  { action: 'seek', tsNs: 1_770_388_200_000_000_000n },
  { action: 'speed', speed: 2.5 },
  { action: 'speed', speed: 'max' },
];

function serverMessages(): string[] {
  const values = { int64: '25', text: 'a', boolean: true, number: 0.5, 'number or null': null, count: 3 };
  const update = Object.fromEntries(Object.entries(gridUpdateFields).map(([name, kind]) => [name, values[kind]]));
  return [
    { type: 'grid_update', ...update },
    { type: 'error', message: 'The stream is over.' },
    { type: 'eof', bin_count: 300 },
  ].map((message) => JSON.stringify(message));
}

/** A text may be a message of the one side or of the other, never of both. */
function read(input: Uint8Array): string {
  const text = new TextDecoder().decode(input);
  let refused: SpymasterError;
  try {
    const control = parseControl(text);
    deepEqual(parseControl(controlText(control)), control);
    return `control ${control.action}`;
  } catch (error) {
    if (!(error instanceof SpymasterError)) throw error;
    refused = error;
  }
  const asked = refused.message.includes('"control"') || refused.message.includes('expected JSON');
  if (!asked) throw refused;
  return parseServerMessage(text).type;
}
