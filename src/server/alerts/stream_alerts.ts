import { type Alert, type AlertedStream, type AlertUpdate, AlertWatcher, isOfReplay } from '../../alerts/index.ts';
import { parseOrderEvents } from '../../wire/index.ts';
import type { AlertsOrigin, WatchedBin } from './alerts_protocol.ts';

export interface StreamAlertsOptions extends Pick<AlertsOrigin, 'rules' | 'sendsReplays'> {
  /** UNIX milliseconds. */
  readonly nowMs: () => number;
  readonly onAlert: (alert: Alert) => void;
  readonly send: (webhook: string, alert: Alert) => void;
}

/** Keys remembered, of the alerts that were sent. */
const maxSent = 65_536;

/** The rules of a file, held against several streams at once. An alert is sent once, however many streams show it. */
export class StreamAlerts {
  readonly #options: StreamAlertsOptions;
  readonly #webhooks: ReadonlyMap<string, readonly string[]>;
  readonly #watchers = new Map<number, AlertWatcher>();
  readonly #sent = new Set<string>();

  constructor(options: StreamAlertsOptions) {
    this.#options = options;
    this.#webhooks = new Map(options.rules.map(({ name, webhooks }) => [name, webhooks]));
  }

  begin(id: number, stream: AlertedStream): void {
    this.#watchers.set(id, new AlertWatcher(this.#options.rules, stream));
  }

  end(id: number): void {
    this.#watchers.delete(id);
  }

  take(id: number, bins: readonly WatchedBin[]): void {
    const watcher = this.#watchers.get(id);
    if (watcher === undefined) return;
    for (const { text, events } of bins) {
      const update = JSON.parse(text) as AlertUpdate;
      const isReplay = isOfReplay(update.ts_ns, this.#options.nowMs());
      for (const alert of watcher.take({ update, message: parseOrderEvents(events) }, isReplay)) this.#tell(alert);
    }
  }

  #tell(alert: Alert): void {
    const { sendsReplays, onAlert, send } = this.#options;
    onAlert(alert);
    if ((alert.replay && !sendsReplays) || this.#sent.has(alert.key)) return;
    if (this.#sent.size >= maxSent) this.#sent.delete(this.#sent.values().next().value ?? '');
    this.#sent.add(alert.key);
    for (const webhook of this.#webhooks.get(alert.rule) ?? []) send(webhook, alert);
  }
}
