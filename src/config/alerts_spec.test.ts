import { deepEqual, equal, throws } from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { configKindOf, parseAlertsSpec, parseYaml } from './index.ts';

const parsed = (text: string) => {
  const { value, origin } = parseYaml(text, 'a.yaml');
  return parseAlertsSpec(value, origin);
};

test('the example holds one rule of each trigger, with the defaults of what it leaves out', () => {
  const path = join(import.meta.dirname, '../../configs/alerts.yaml');
  const { value, origin } = parseYaml(readFileSync(path, 'utf8'), path);
  equal(configKindOf(value), 'alerts');
  const { alerts, webhooks } = parseAlertsSpec(value, origin);
  deepEqual(webhooks, {});
  deepEqual(alerts[3], {
    ...{ name: 'the_figure', symbols: ['ESH4'], level: { price: 4800 } },
    ...{ pause_s: 30, muted: [], webhooks: [] },
  });
});

test('what is wrong with a rule is told with its place', () => {
  const rule = (text: string, more = '') => `alerts:\n  - { name: a, ${text} }\n${more}`;
  const cases: readonly (readonly [string, RegExp])[] = [
    [rule('event: { kinds: [sweeep] }'), /event\.kinds\[0\] is "sweeep"; allowed: one of trade, stop, /],
    [rule('evnt: { kinds: [sweep] }'), /unknown key "alerts\[0\]\.evnt"; the nearest known key is "event"/],
    [rule('pause_s: 1'), /a\.yaml:2:5: the rule a has none; allowed: one of event, signal, level, feed/],
    [rule('level: { price: 1 }, feed: {}'), /the rule a has level and feed; allowed: one of/],
    [rule('signal: {}'), /the rule a says nothing of the signal; allowed: above, below or firing/],
    [
      rule('feed: {}, muted: [{ from: "24:00", to: "09:00" }]'),
      /muted\[0\]\.from is "24:00"; allowed: a New York time/,
    ],
    [rule('event: { kinds: [stop], min_price: 2, max_price: 1 }'), /min_price is 2; allowed: at most max_price, 1/],
    [rule('feed: {}', '  - { name: a, feed: {} }\n'), /the rule a is there twice/],
    [rule('feed: {}, webhooks: [desk]'), /the webhook desk is not in this file, which has none/],
    [
      rule('feed: {}', 'webhooks:\n  desk: { url: "ftp://a", secret_env: A }\n'),
      /webhooks\.desk\.url is "ftp:\/\/a"; allowed: an address https/,
    ],
    [
      rule('feed: {}', 'webhooks:\n  desk: { url: "https://me:secret@a.example", secret_env: A }\n'),
      /allowed: an address https:\/\/… or http:\/\/…, without user and password/,
    ],
  ];
  for (const [text, message] of cases) throws(() => parsed(text), message);
});
