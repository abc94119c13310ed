import type { Socket } from 'node:net';
import type { WebSocket } from 'ws';
import { SpymasterError } from '../errors.ts';
import {
  type Channel,
  type EofMessage,
  type ErrorMessage,
  channels as knownChannels,
  parseControl,
} from '../wire/index.ts';
import type { Clock, Pace, PlaybackSink } from './playback.ts';
import { RateLimit } from './rate_limit.ts';
import { type Segment, segmentChannel, segmentMessages } from './segment.ts';

/** Close codes of the stream (RFC 6455 §7.4). */
export const closeCode = { done: 1000, goingAway: 1001, policy: 1008, internal: 1011, tryLater: 1013 } as const;

/** Longest control message, in bytes. */
const maxControlBytes = 4096;
/** A client that neither answers pings nor sends is gone. */
const pingEveryMs = 60_000;
/** How long a closing client may take before its connection is cut. */
const closeGraceMs = 10_000;

/** The text of an error message. */
export function errorText(message: string): string {
  return JSON.stringify({ type: 'error', message } satisfies ErrorMessage);
}

/** One text message that says why, then the close. */
export function refuse(socket: WebSocket, code: number, message: string): void {
  socket.send(errorText(message));
  socket.close(code);
  cutOff(socket);
}

/** Cuts a closing connection whose other end does not take part. */
function cutOff(socket: WebSocket): void {
  const timer = setTimeout(() => socket.terminate(), closeGraceMs).unref();
  socket.once('close', () => clearTimeout(timer));
}

/** Reads what a client sends; `onControl` gets each sound control message. */
export function listenForControls(
  socket: WebSocket,
  clock: Clock,
  onControl: (control: ReturnType<typeof parseControl>) => void,
): void {
  const limit = new RateLimit(200, 100);
  socket.on('message', (data: Buffer, isBinary: boolean) => {
    if (socket.readyState !== socket.OPEN) return;
    if (!limit.take(clock.nowMs())) {
      refuse(socket, closeCode.policy, 'Too many messages: send at most 100 a second.');
      return;
    }
    if (isBinary || data.byteLength > maxControlBytes) {
      const got = isBinary ? 'binary data' : `${data.byteLength} bytes`;
      socket.send(
        errorText(`Cannot read a control message: expected JSON text of at most ${maxControlBytes} bytes, got ${got}.`),
      );
      return;
    }
    try {
      onControl(parseControl(data.toString()));
    } catch (error) {
      if (!(error instanceof SpymasterError)) throw error;
      socket.send(errorText(error.message));
    }
  });
}

/** Drops connections whose peer vanished silently. */
export function watchLiveness(socket: WebSocket): void {
  let heard = true;
  const hear = () => {
    heard = true;
  };
  socket.on('pong', hear).on('message', hear);
  const timer = setInterval(() => {
    if (!heard) socket.terminate();
    heard = false;
    socket.ping();
  }, pingEveryMs);
  timer.unref();
  socket.on('close', () => clearInterval(timer));
}

export interface SocketSinkOptions {
  readonly socket: WebSocket;
  /** The TCP connection below, to hand over in one write the messages of a bin, and of all that are due at once. */
  readonly connection: Socket;
  /** The channels that the client has now. */
  readonly channels: () => readonly Channel[];
  readonly onSent: (segment: Segment, offset: number, pace: Pace) => void;
  readonly onFailed: (error: unknown) => void;
}

/** The end of a playback that is a WebSocket. */
export function socketSink({ socket, connection, channels, onSent, onFailed }: SocketSinkOptions): PlaybackSink {
  let isCorked = false;
  return {
    get bufferedBytes() {
      return socket.bufferedAmount;
    },
    send(segment, offset, pace, onTaken) {
      if (!isCorked) connection.cork();
      isCorked = true;
      const messages = segmentMessages(segment, offset);
      const chosen = knownChannels.filter((channel) => channels().includes(channel));
      const taken = chosen.length === 0 ? onTaken : undefined;
      // Headers and all, past the library; one that closes takes no more, and counts what it is given.
      if (socket.readyState === socket.OPEN) connection.write(messages, taken);
      else socket.send(messages, taken);
      for (const channel of chosen) {
        const isLast = channel === chosen.at(-1);
        const message = segmentChannel(segment, offset, channel);
        socket.send(message, { binary: channel === 'depth' }, isLast ? onTaken : undefined);
      }
      onSent(segment, offset, pace);
    },
    flush() {
      if (isCorked) connection.uncork();
      isCorked = false;
    },
    eof(binCount) {
      socket.send(JSON.stringify({ type: 'eof', bin_count: binCount } satisfies EofMessage));
      socket.close(closeCode.done);
      cutOff(socket);
    },
    fail(error) {
      onFailed(error);
      const isKnown = error instanceof SpymasterError;
      const code = isKnown && error.code === 'PROTOCOL' ? closeCode.policy : closeCode.internal;
      refuse(socket, code, isKnown ? error.message : 'The server failed; its log says why.');
    },
  };
}
