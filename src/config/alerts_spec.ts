import { z } from 'zod';
import { type AlertRule, alertTriggers, feedProblems, weekdays } from '../alerts/index.ts';
import { orderEventKinds } from '../orders/index.ts';
import { clockTime } from './capture.ts';
import { checked, configError, type Problem } from './check.ts';
import { atLeast, block, boolean, finite, integer, list, matching, oneOf } from './fields.ts';
import { type Origin, originOf, place } from './origin.ts';
import { specName } from './published_serving.ts';
import { symbol } from './runtime.ts';

const whatUrl = 'an address https://… or http://…, without user and password';
const webhookUrl = z.string({ error: whatUrl }).refine(isWebhookUrl, { error: whatUrl }).describe(whatUrl);

function isWebhookUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, username, password } = new URL(text);
  return (protocol === 'https:' || protocol === 'http:') && username === '' && password === '';
}

/** A stretch of the week on New York's clocks; one that ends before it begins goes on past midnight. */
const mutedShape = block({
  days: list(oneOf(weekdays), 'a list of days, mon to sun').default([...weekdays]),
  from: clockTime,
  to: clockTime,
});

const whatSignal = 'above, below or firing';
export const alertRuleSchema = block({
  name: specName,
  symbols: z.optional(list(symbol, 'a list of symbols')),
  event: z.optional(
    block({
      kinds: list(oneOf(orderEventKinds), 'a list of kinds of order events'),
      side: z.optional(oneOf(['bid', 'ask'])),
      min_size: integer(1).default(1),
      min_price: z.optional(finite()),
      max_price: z.optional(finite()),
    }),
  ),
  signal: z.optional(
    block({ above: z.optional(finite()), below: z.optional(finite()), firing: boolean().default(false) }),
  ),
  level: z.optional(block({ price: finite() })),
  feed: z.optional(
    block({
      problems: list(oneOf(feedProblems), 'a list of gap, invalid_book and anomaly').default([...feedProblems]),
      min_anomalies: integer(1).default(1),
    }),
  ),
  pause_s: atLeast(0).default(30),
  muted: z.array(mutedShape, { error: 'a list of stretches' }).default([]),
  webhooks: z.array(specName, { error: 'a list of names of webhooks' }).default([]),
});

export const alertsSchema = block({
  alerts: list(alertRuleSchema, 'a list of rules'),
  webhooks: z
    .record(
      specName,
      block({
        url: webhookUrl,
        secret_env: matching(/^[A-Za-z_][A-Za-z0-9_]*$/, 'the name of an environment variable'),
      }),
      { error: 'a block of webhooks by name' },
    )
    .default({}),
});

/** Where alerts go; the secret stands in the environment variable. */
export interface WebhookSpec {
  readonly url: string;
  readonly secret_env: string;
}

/** A rule, and the names of the webhooks that get its alerts. */
export interface WebhookRule extends AlertRule {
  readonly webhooks: readonly string[];
}

export interface AlertsSpec {
  readonly alerts: readonly WebhookRule[];
  readonly webhooks: Readonly<Record<string, WebhookSpec>>;
}

/**
 * Checks rules of alerts that were read from `origin`; throws CONFIG_INVALID as `parseRuntimeConfig` does, also for two rules of one
 * name, a rule that waits for nothing or for two things, and a webhook that is not in the file.
 */
export function parseAlertsSpec(value: unknown, origin: string | Origin): AlertsSpec {
  const source = originOf(origin);
  const spec: AlertsSpec = checked(alertsSchema, value, source);
  const problems = spec.alerts.flatMap((each, i) => ruleProblems(spec, each, i, source));
  if (problems.length > 0) throw configError(source, problems);
  return spec;
}

function ruleProblems(spec: AlertsSpec, each: WebhookRule, i: number, source: Origin): Problem[] {
  const { name, event, signal, webhooks } = each;
  const problem = (text: string, ...path: readonly string[]): Problem => ({
    where: place(source, ['alerts', i, ...path]),
    key: [`alerts[${i}]`, ...path].join('.'),
    text,
  });
  const triggers = alertTriggers.filter((trigger) => each[trigger] !== undefined);
  const wrong: Problem[] = [];
  if (spec.alerts.findIndex((other) => other.name === name) < i) {
    wrong.push(problem(`the rule ${name} is there twice; give each a name of its own`, 'name'));
  }
  if (triggers.length !== 1) {
    const got = triggers.length === 0 ? 'none' : triggers.join(' and ');
    wrong.push(problem(`the rule ${name} has ${got}; allowed: one of ${alertTriggers.join(', ')}`));
  }
  if (signal !== undefined && signal.above === undefined && signal.below === undefined && !signal.firing) {
    wrong.push(problem(`the rule ${name} says nothing of the signal; allowed: ${whatSignal}`, 'signal'));
  }
  if (event?.min_price !== undefined && event.max_price !== undefined && event.min_price > event.max_price) {
    wrong.push(
      problem(`min_price is ${event.min_price}; allowed: at most max_price, ${event.max_price}`, 'event', 'min_price'),
    );
  }
  const unknown = webhooks.find((webhook) => !Object.hasOwn(spec.webhooks, webhook));
  if (unknown !== undefined) {
    const known = Object.keys(spec.webhooks).join(', ') || 'none';
    wrong.push(problem(`the webhook ${unknown} is not in this file, which has ${known}`, 'webhooks'));
  }
  return wrong;
}
