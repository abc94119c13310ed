import { SpymasterError } from '../errors.ts';
import { parseObject, violation } from './messages.ts';

/** Slowest and fastest pace that a client may ask for, as multiples of the market's own. */
export const speedLimits = { min: 0.25, max: 100 } as const;

/** Paces of playback: a multiple of the market's own, or as fast as the client reads. */
export type Speed = number | 'max';

/** Bins before the one sought that are sent first, as fast as the client reads; none without it. */
interface SeekHistory {
  readonly historyBins?: number;
}

/** Playback commands of a client. They change when bins are sent, never their content. */
export type Control =
  | { readonly action: 'pause' | 'resume' | 'restart' }
  | ({ readonly action: 'seek'; readonly binSeq: number } & SeekHistory)
  /** The bin that ends at, or first after, this UNIX time in nanoseconds. */
  | ({ readonly action: 'seek'; readonly tsNs: bigint } & SeekHistory)
  | { readonly action: 'speed'; readonly speed: Speed };

/**
 * What a client can have beside the bins, after each bin's grid and in this order. `depth`: a frame of the book; `events`: what
 * single orders and aggressors did; `features`: volume delta, VWAP, profile, levels and counts of orders.
 */
export const channels = ['depth', 'events', 'features'] as const;
export type Channel = (typeof channels)[number];

/** A client's choice of channels, in place of the one before. */
export interface Subscription {
  readonly action: 'subscribe';
  readonly channels: readonly Channel[];
}

const actions = ['pause', 'resume', 'restart', 'seek', 'speed', 'subscribe'] as const;
const argumentsOf: Record<(typeof actions)[number], readonly string[]> = {
  pause: [],
  resume: [],
  restart: [],
  seek: ['bin_seq', 'ts_ns', 'history_bins'],
  speed: ['speed'],
  subscribe: ['channels'],
};
const what = 'a control message';

/** Writes a control message as text for the wire. */
export function controlText(control: Control | Subscription): string {
  const { action } = control;
  if (action === 'subscribe') return JSON.stringify({ type: 'control', action, channels: control.channels });
  if (action === 'speed') return JSON.stringify({ type: 'control', action, speed: control.speed });
  if (action !== 'seek') return JSON.stringify({ type: 'control', action });
  const target = 'binSeq' in control ? { bin_seq: control.binSeq } : { ts_ns: control.tsNs.toString() };
  const history = control.historyBins === undefined ? {} : { history_bins: control.historyBins };
  return JSON.stringify({ type: 'control', action, ...target, ...history });
}

/** Reads a control message of a client; throws PROTOCOL with the field and what was expected of it. */
export function parseControl(text: string): Control | Subscription {
  const message = parseObject(text, what);
  if (message.type !== 'control') throw violation(what, 'type', '"control"', message.type);
  const action = actions.find((known) => known === message.action);
  if (action === undefined) throw violation(what, 'action', `one of ${actions.join(', ')}`, message.action);
  const allowed = ['type', 'action', ...argumentsOf[action]];
  const unknown = Object.keys(message).find((key) => !allowed.includes(key));
  if (unknown !== undefined) {
    throw new SpymasterError(
      'PROTOCOL',
      `Cannot read ${what}: ${action} takes ${argumentsOf[action].join(' or ') || 'nothing'}, got ${JSON.stringify(unknown.slice(0, 60))}.`,
      { field: unknown.slice(0, 60) },
    );
  }
  if (action === 'seek') return parseSeek(message);
  if (action === 'subscribe') return { action, channels: parseChannels(message.channels) };
  return action === 'speed' ? { action, speed: parseSpeed(message.speed) } : { action };
}

function parseSeek({ bin_seq: binSeq, ts_ns: tsNs, history_bins }: Record<string, unknown>): Control {
  if ((binSeq === undefined) === (tsNs === undefined)) {
    throw new SpymasterError('PROTOCOL', `Cannot read ${what}: seek takes either bin_seq or ts_ns.`, {
      field: 'bin_seq',
    });
  }
  if (binSeq === undefined) {
    if (typeof tsNs !== 'string' || !/^\d{1,19}$/.test(tsNs)) {
      throw violation(what, 'ts_ns', 'UNIX nanoseconds as a decimal string', tsNs);
    }
    return { action: 'seek', tsNs: BigInt(tsNs), ...parseHistory(history_bins) };
  }
  return { action: 'seek', binSeq: wholeNumber('bin_seq', binSeq), ...parseHistory(history_bins) };
}

function parseHistory(value: unknown): SeekHistory {
  return value === undefined ? {} : { historyBins: wholeNumber('history_bins', value) };
}

function wholeNumber(field: string, value: unknown): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
  throw violation(what, field, 'a whole number of at least 0', value);
}

function parseChannels(given: unknown): readonly Channel[] {
  const isKnown = (one: unknown): one is Channel => channels.some((channel) => channel === one);
  if (Array.isArray(given) && given.every(isKnown) && new Set(given).size === given.length) return given;
  throw violation(what, 'channels', `a list of ${channels.join(', ')}, or an empty one`, given);
}

function parseSpeed(speed: unknown): Speed {
  if (speed === 'max') return speed;
  if (typeof speed !== 'number' || !(speed >= speedLimits.min && speed <= speedLimits.max)) {
    throw violation(what, 'speed', `"max" or a number from ${speedLimits.min} to ${speedLimits.max}`, speed);
  }
  return speed;
}
