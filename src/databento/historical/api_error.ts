import { z } from 'zod';
import { SpymasterError } from '../../errors.ts';

/** A failure that may pass: worth another try where that does no harm. */
export class PassingFailure extends Error {
  /** What the server asked for; null when it said nothing. */
  readonly retryAfterMs: number | null;
  /** False when the server surely did nothing with the request. */
  readonly mayHaveArrived: boolean;
  /** Whether the server answered that there are too many requests. */
  readonly isThrottled: boolean;

  constructor(
    what: string,
    mayHaveArrived: boolean,
    options: { readonly retryAfterMs?: number | null; readonly isThrottled?: boolean; readonly cause?: unknown } = {},
  ) {
    super(what, options.cause === undefined ? undefined : { cause: options.cause });
    this.mayHaveArrived = mayHaveArrived;
    this.retryAfterMs = options.retryAfterMs ?? null;
    this.isThrottled = options.isThrottled ?? false;
  }
}

/** The body of an answer that refuses: `{detail: {case, message, docs, payload}}`, or of older kind `{detail: "…"}`. */
const errorBody = z.looseObject({
  detail: z.union([
    z.string(),
    z.looseObject({
      case: z.string().nullish(),
      message: z.string().nullish(),
      payload: z.record(z.string(), z.unknown()).nullish(),
    }),
  ]),
});

/** What the API says was wrong. */
export interface ApiProblem {
  /** The vendor's name of the kind of error, such as `symbology_invalid_request`; empty in the older shape. */
  readonly case: string;
  readonly message: string;
  /** Times between which the dataset has data, where the answer gives them. */
  readonly availableStart: string;
  readonly availableEnd: string;
}

/** Reads the body of an error; text of another shape is taken as the message. */
export function parseProblem(body: string): ApiProblem {
  const plain = (message: string) => ({ case: '', message, availableStart: '', availableEnd: '' });
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    return plain(body);
  }
  const checked = errorBody.safeParse(value);
  if (!checked.success) return plain(body);
  const { detail } = checked.data;
  if (typeof detail === 'string') return plain(detail);
  const time = (name: string) => {
    const given = detail.payload?.[name];
    return typeof given === 'string' ? given : '';
  };
  return {
    case: detail.case ?? '',
    message: detail.message ?? body,
    availableStart: time('available_start'),
    availableEnd: time('available_end'),
  };
}

/** Why one day alone cannot be had. */
export interface DayProblem {
  readonly state: 'no_data' | 'not_yet' | 'not_licensed';
  readonly note: string;
}

const dayCases: Readonly<Record<string, DayProblem['state']>> = {
  symbology_invalid_request: 'no_data',
  data_start_before_available_start: 'no_data',
  data_end_before_available_start: 'no_data',
  data_end_after_available_end: 'not_yet',
  data_start_after_available_end: 'not_yet',
  dataset_unavailable_range: 'not_licensed',
  license_not_found_unauthorized: 'not_licensed',
};
/** Messages of the older shape, which names no case. */
const dayMessages: readonly (readonly [RegExp, DayProblem['state']])[] = [
  [/none of the symbols could be resolved|could not resolve/i, 'no_data'],
  [/before the available range/i, 'no_data'],
  [/after the available range|available up to/i, 'not_yet'],
  [/live data license|requires a subscription/i, 'not_licensed'],
];

/** The refusal of a request for one day as that day's own matter; null for errors that concern more than the day. */
export function dayProblem(error: unknown): DayProblem | null {
  if (!(error instanceof SpymasterError) || error.code !== 'API_REFUSED') return null;
  const { case: kind, reason, availableStart, availableEnd } = error.fields;
  const state =
    dayCases[String(kind)] ??
    (kind === '' ? dayMessages.find(([pattern]) => pattern.test(String(reason)))?.[1] : undefined);
  switch (state) {
    case undefined:
      return null;
    case 'not_yet':
      return { state, note: availableEnd ? `available up to ${availableEnd} so far` : String(reason) };
    case 'no_data':
      if (kind === 'symbology_invalid_request') return { state, note: 'market closed, or symbol not listed' };
      return { state, note: availableStart ? `the dataset begins ${availableStart}` : String(reason) };
    case 'not_licensed':
      return { state, note: String(reason) };
  }
}
