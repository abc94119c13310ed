/** Kinds of order events, in the order of their codes; the names are those of files, commands and the stream. */
export const orderEventKinds = [
  'trade',
  'stop',
  'stop_run',
  'sweep',
  'large_trade',
  'large_order',
  'iceberg',
  'suspected_iceberg',
  'absorption',
  'fast_pull',
  'stacked_pull',
  'exhausted_level',
] as const;

export type OrderEventKind = (typeof orderEventKinds)[number];

/** Codes of the kinds: indices into `orderEventKinds`. */
export const orderEventCode = {
  trade: 0,
  stop: 1,
  stopRun: 2,
  sweep: 3,
  largeTrade: 4,
  largeOrder: 5,
  iceberg: 6,
  suspectedIceberg: 7,
  absorption: 8,
  fastPull: 9,
  stackedPull: 10,
  exhaustedLevel: 11,
} as const;

/** A number that only events of one kind have. */
export interface OrderEventDetail {
  readonly name: string;
  /** Where the number is a code: its words. */
  readonly words?: readonly string[];
  /** Where the number is a price, an integer of 1e-9. */
  readonly isPrice?: true;
  /** One sentence, with the unit. */
  readonly meaning: string;
}

/** Most details that a kind has. */
export const maxOrderEventDetails = 5;

/** Sources of a trade's aggressor. */
export const aggressorType = { market: 0, modified: 1, stop: 2 } as const;
/** What made an order large. */
export const largeOrderChange = { added: 0, grown: 1, moved: 2 } as const;
/** How an iceberg's event stands: it goes on, or its order left by execution or by a cancel or move. */
export const icebergState = { resting: 0, executed: 1, cancelled: 2 } as const;

const type: OrderEventDetail = {
  name: 'type',
  words: ['market', 'modified', 'stop'],
  meaning:
    'Aggressor: not seen resting, an order that rested and was moved, or a stop that another aggressor triggered.',
};
const lastPrice: OrderEventDetail = { name: 'last_price', isPrice: true, meaning: 'Price of the last execution.' };
const threshold: OrderEventDetail = { name: 'threshold', meaning: 'The percentile that was reached, in contracts.' };
const low: OrderEventDetail = { name: 'low', isPrice: true, meaning: 'Lowest price.' };
const high: OrderEventDetail = { name: 'high', isPrice: true, meaning: 'Highest price.' };

/** The details of each kind, in the order of an event's numbers. */
export const orderEventDetails: Readonly<Record<OrderEventKind, readonly OrderEventDetail[]>> = {
  trade: [type, { name: 'remainder', meaning: 'Size that the aggressor left resting; 0 for none.' }, lastPrice],
  stop: [{ name: 'place', meaning: 'Place among the stops of the event, from 1.' }, lastPrice],
  stop_run: [{ name: 'stops', meaning: 'Stops of the event.' }, low, high],
  sweep: [
    {
      name: 'scope',
      words: ['aggressor', 'event'],
      meaning: 'Who went through the prices: one aggressor, or only the event as a whole, with its stops.',
    },
    { name: 'event_size', meaning: 'Size of the event with its stops.' },
    { name: 'event_levels', meaning: 'Prices of the event with its stops.' },
    lastPrice,
  ],
  large_trade: [type, threshold],
  large_order: [
    { name: 'change', words: ['added', 'grown', 'moved'], meaning: 'What made it large.' },
    { name: 'remainder', meaning: "1 for an aggressor's remainder, else 0." },
    { name: 'ticks_from_best', meaning: 'Ticks behind the best price of its side.' },
    threshold,
  ],
  iceberg: [
    { name: 'refills', meaning: 'Refills so far.' },
    { name: 'executed', meaning: 'Size executed since its first hidden execution or refill, that one included.' },
    { name: 'displayed', meaning: 'Size that it displays now.' },
    { name: 'state', words: ['resting', 'executed', 'cancelled'], meaning: 'Whether it rests, and how it left.' },
  ],
  suspected_iceberg: [
    { name: 'orders', meaning: 'Orders of the chain so far.' },
    { name: 'delay_ns', meaning: 'Nanoseconds from the last full execution to the add that followed.' },
  ],
  absorption: [
    { name: 'executions', meaning: 'Executions of the window.' },
    threshold,
    { name: 'held', meaning: "1 where the price was still its side's best at the end of the event, else 0." },
  ],
  fast_pull: [{ name: 'lifetime_ns', meaning: 'Nanoseconds from its add to its leaving.' }],
  stacked_pull: [
    { name: 'displayed', meaning: 'Displayed size of the best prices at the start.' },
    { name: 'share', meaning: 'Share of it that was pulled.' },
    { name: 'last_price', isPrice: true, meaning: 'The worst of the best prices at the start.' },
  ],
  exhausted_level: [
    { name: 'age_ns', meaning: 'Nanoseconds for which it had been the best price.' },
    { name: 'executions', meaning: 'Executions at it in the event.' },
  ],
};
