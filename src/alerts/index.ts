export type { Alert, AlertedStream } from './alert.ts';
export { AlertWatcher, isOfReplay } from './alert_watcher.ts';
export { type AlertRule, type AlertTrigger, alertTriggers, feedProblems, type Weekday, weekdays } from './rule.ts';
export type { AlertBin, AlertEvent, AlertUpdate } from './watch.ts';
