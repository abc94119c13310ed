import { useState } from 'preact/hooks';

/** Asks the browser for permission to notify, while it has neither given nor refused it. */
export function NotificationButton() {
  const [permission, setPermission] = useState(() => globalThis.Notification?.permission ?? 'denied');
  if (permission === 'granted') return <span class="quiet">Notifications on</span>;
  if (permission === 'denied') return null;
  return (
    <button type="button" onClick={() => void Notification.requestPermission().then(setPermission)}>
      Allow notifications
    </button>
  );
}
