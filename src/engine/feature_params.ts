import { type CaptureWindow, featureSettings, type RuntimeConfig, tradingHours } from '../config/index.ts';
import type { FeatureAnchor, FeatureParams } from '../orders/index.ts';
import { gridTickInt } from './params.ts';

/** What the features of a capture count by; `fromNs`: the start of the first session whose records they have, UNIX nanoseconds. */
export function featureParams(
  runtime: RuntimeConfig,
  capture: CaptureWindow,
  fromNs = capture.sessionStartNs,
): FeatureParams {
  const { since, sizeBounds, valueAreaPercent } = featureSettings(runtime);
  const days = tradingHours(runtime, capture, fromNs);
  const anchors = (): FeatureAnchor[] => {
    if (since === 'window') return [{ ns: Number(capture.startNs - capture.sessionStartNs), begins: true }];
    return days.flatMap(({ startNs, endNs, regularStartNs, regularEndNs }) => [
      { ns: since === 'regular' ? regularStartNs : startNs, begins: true },
      { ns: since === 'regular' ? regularEndNs : endNs, begins: false },
    ]);
  };
  return {
    ...{ tickInt: gridTickInt(runtime), days, fromNs: Number(fromNs - capture.sessionStartNs) },
    ...{ anchors: anchors(), sizeBounds, valueAreaPercent },
  };
}
