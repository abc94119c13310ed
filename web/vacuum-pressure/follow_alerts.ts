import type { AlertRules } from '../../src/wire/index.ts';
import { ApiError, ask } from '../shared/ask.ts';
import { readPriceAlerts } from './playback/alerts.ts';
import type { Terminal } from './playback/terminal.ts';
import { Bell } from './view/bell.ts';

const pricesKey = 'spymaster.vacuum-pressure.price-alerts';

/** Gives the terminal the rules of the server and the prices of former visits, and announces its alerts. */
export function followAlerts(terminal: Terminal): void {
  const { alerts, notices, settings } = terminal;
  const bell = new Bell();
  alerts.setPrices(readPriceAlerts(localStorage.getItem(pricesKey)));
  let stored = alerts.prices;
  terminal.topics.on(['alerts'], () => {
    if (alerts.prices === stored) return;
    stored = alerts.prices;
    localStorage.setItem(pricesKey, JSON.stringify(stored));
  });
  alerts.onAlert = (alert) => {
    notices.say(`Alert${alert.replay ? ' (replay)' : ''}: ${alert.text}`);
    if (settings.current.alertSound) bell.ring();
    bell.notify(alert);
  };
  void loadRules(terminal);
}

async function loadRules({ alerts, notices }: Terminal): Promise<void> {
  try {
    alerts.setRules((await ask<AlertRules>('/v1/alerts')).alerts);
  } catch (error) {
    // That the server does not answer, the stream says.
    if (!(error instanceof ApiError)) throw error;
    if (error.code !== 'UNREACHABLE') notices.say(`The rules of alerts are missing: ${error.message}`);
  }
}
