import type { SentError } from '../errors.ts';
import type { SessionOverview } from '../wire/index.ts';

/** What an overview thread says: what it knows so far, again and again, the last time complete; or why it cannot. */
export type OverviewReply =
  | { readonly kind: 'overview'; readonly overview: SessionOverview }
  | ({ readonly kind: 'failed' } & SentError);
