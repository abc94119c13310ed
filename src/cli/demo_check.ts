import { captureOf, pickRuntime } from '../config/index.ts';
import { resolveInstrument } from '../dbn/index.ts';
import { Drive, Engine } from '../engine/index.ts';
import { present, SpymasterError } from '../errors.ts';
import { openRecords } from '../files/index.ts';
import type { ResolvedServing } from '../lake/index.ts';
import {
  createGridFrameDecoder,
  createWireFrame,
  firingRuleOf,
  gridUpdate,
  parseServerMessage,
} from '../wire/index.ts';

/** A bin as the stream's client sees it: the text message and the Arrow bytes. */
interface StreamedBin {
  readonly text: string;
  readonly frame: Uint8Array<ArrayBuffer>;
}

/** A server that says nothing for this long has failed the check. */
const silenceMs = 60_000;

/**
 * Takes the first `binCount` bins of a served version as any client would and compares every byte with a replay of the
 * file done here. Throws PROTOCOL at the first difference.
 */
export async function checkStream(
  streamUrl: string,
  file: string,
  serving: ResolvedServing,
  binCount: number,
): Promise<void> {
  const received = await receiveBins(streamUrl, binCount);
  const expected = await replayBins(file, serving, binCount);
  if (received.length !== expected.length) {
    throw failed(`expected ${expected.length} bins, the stream gave ${received.length}`);
  }
  const decode = createGridFrameDecoder(2 * serving.spec.runtime_snapshot.grid_radius_ticks + 1);
  expected.forEach(({ text, frame }, seq) => {
    const got = present(received[seq]);
    if (got.text !== text) throw failed(`bin ${seq} differs from the replay: expected ${text}, got ${got.text}`);
    if (Buffer.compare(got.frame, frame) !== 0) throw failed(`the grid of bin ${seq} differs from the replay`);
    decode(got.frame);
  });
}

/** The first bins of a stream; fewer when it ends before. */
function receiveBins(streamUrl: string, binCount: number): Promise<StreamedBin[]> {
  const { promise, resolve, reject } = Promise.withResolvers<StreamedBin[]>();
  const bins: StreamedBin[] = [];
  let text: string | null = null;
  const socket = new WebSocket(streamUrl);
  socket.binaryType = 'arraybuffer';
  const silence = setTimeout(() => reject(failed(`no ${binCount} bins within ${silenceMs / 1000} s`)), silenceMs);
  socket.addEventListener('error', () => reject(failed(`cannot connect to ${streamUrl}`)));
  socket.addEventListener('close', () => resolve(bins));
  socket.addEventListener('open', () => {
    socket.send(JSON.stringify({ type: 'control', action: 'speed', speed: 'max' }));
  });
  socket.addEventListener('message', ({ data }: MessageEvent<string | ArrayBuffer>) => {
    if (typeof data === 'string') {
      const message = parseServerMessage(data);
      if (message.type === 'error') reject(failed(message.message));
      text = message.type === 'grid_update' ? data : null;
      return;
    }
    if (text === null) reject(failed('a grid came without its grid_update'));
    else if (bins.length < binCount) bins.push({ text, frame: new Uint8Array(data) });
    if (bins.length === binCount) resolve(bins);
  });
  return promise.finally(() => {
    clearTimeout(silence);
    socket.close();
  });
}

async function replayBins(file: string, serving: ResolvedServing, binCount: number): Promise<StreamedBin[]> {
  const { runtime_snapshot: snapshot, source: origin, signal } = serving.spec;
  const { stream_dt: date, symbol, grid_radius_ticks } = snapshot;
  const capture = captureOf(snapshot);
  const source = await openRecords(file);
  const frame = createWireFrame(grid_radius_ticks);
  const instrumentId = resolveInstrument(source.metadata, symbol, date);
  const runtime = pickRuntime(snapshot);
  const firing = firingRuleOf(serving.spec);
  const isRecording = source.metadata.schema === null;
  const engine = new Engine({ runtime, capture, instrumentId, isRecording, frame, signal, firing });
  const bins: StreamedBin[] = [];
  const drive = new Drive(engine, source);
  try {
    while (bins.length < binCount && (await drive.advance())) {
      const text = JSON.stringify(gridUpdate(engine.bin, capture.sessionStartNs, origin.signal_name));
      bins.push({ text, frame: frame.bytes.slice() });
    }
    return bins;
  } finally {
    await source.close();
  }
}

function failed(why: string): SpymasterError {
  return new SpymasterError('PROTOCOL', `The check of the demo failed: ${why}.`);
}
