import './alert_menu.css';
import { useEffect, useMemo } from 'preact/hooks';
import type { Alert } from '../../../src/alerts/index.ts';
import { Menu } from '../../shared/menu.tsx';
import { formatPrice, unixMsOf, ZoneClock } from '../session/format.ts';
import { NotificationButton } from './notification_button.tsx';
import { useTerminal } from './use_terminal.ts';

/** Alerts shown in the menu at most. */
const maxRows = 60;

/** What rules and prices have alerted, the newest first; the prices, and how one is told. */
export function AlertMenu() {
  const terminal = useTerminal('alerts', 'menus', 'settings', 'session');
  const { alerts, menus, settings } = terminal;
  const isOpen = menus.open === 'Alerts';
  useEffect(() => {
    if (isOpen) alerts.seen();
  });
  const name = alerts.unseen > 0 && !isOpen ? `Alerts (${alerts.unseen})` : 'Alerts';
  return (
    <Menu name={name} open={isOpen} onToggle={(to) => menus.show(to ? 'Alerts' : null)} align="right">
      <div class="row">
        <label class="check grow">
          <input
            type="checkbox"
            checked={settings.current.alertSound}
            onChange={({ currentTarget }) => settings.change({ alertSound: currentTarget.checked })}
          />
          <span>Sound</span>
        </label>
        <NotificationButton />
        <button type="button" disabled={alerts.list.length === 0} onClick={() => alerts.clear()}>
          Clear
        </button>
      </div>
      <Prices />
      <p class="quiet">
        {alerts.rules.length === 0
          ? 'No rules on this server. Right click on the chart adds a price.'
          : `Rules of the server: ${alerts.rules.map((rule) => rule.name).join(', ')}`}
      </p>
      <div class="scroll-box alert-rows" role="log" aria-label="Alerts">
        {alerts.list.slice(0, maxRows).map((alert) => (
          <AlertRow key={alert.key} alert={alert} />
        ))}
        {alerts.list.length === 0 && <p class="quiet">No alert yet.</p>}
      </div>
    </Menu>
  );
}

function Prices() {
  const { alerts, data } = useTerminal('alerts', 'session');
  if (data.session === null) return null;
  const { tickInt, priceDecimals } = data.session.contract;
  return (
    <>
      {alerts.shownPrices.map((price) => (
        <div class="row" key={price.price}>
          <span class="grow">At {formatPrice((price.price * 1e9) / tickInt, tickInt, priceDecimals)}</span>
          <button type="button" aria-label={`Delete alert at ${price.price}`} onClick={() => alerts.removePrice(price)}>
            Delete
          </button>
        </div>
      ))}
    </>
  );
}

function AlertRow({ alert }: { alert: Alert }) {
  const terminal = useTerminal('settings');
  const { zone } = terminal.settings.current;
  const clock = useMemo(() => new ZoneClock(zone), [zone]);
  const ms = unixMsOf(alert.ts_ns);
  return (
    <button
      type="button"
      class="alert-row"
      title={`Rule ${alert.rule}. Click to go there.`}
      onClick={() => terminal.playback.seekTime(ms)}
    >
      <span class="quiet">{clock.time(ms, 1)}</span>
      <span>
        {alert.text}
        {alert.replay && <i class="quiet"> · replay</i>}
      </span>
    </button>
  );
}
