/** Hours of a trading day, nanoseconds since the session's start; half-open. */
export interface FeatureDay {
  readonly startNs: number;
  readonly endNs: number;
  readonly regularStartNs: number;
  readonly regularEndNs: number;
}

/** When sums and profile begin anew, or are not kept up any more; nanoseconds since the session's start. */
export interface FeatureAnchor {
  readonly ns: number;
  readonly begins: boolean;
}

export interface FeatureParams {
  /** Step in which distances from prices are counted, an integer of 1e-9. */
  readonly tickInt: number;
  /** Trading days that the records have a part in, ascending. */
  readonly days: readonly FeatureDay[];
  /** From when the records of `days` are there, nanoseconds since the session's start: 0, or below it with sessions before. */
  readonly fromNs: number;
  /** Ascending. */
  readonly anchors: readonly FeatureAnchor[];
  /** Smallest sizes of the second, third and fourth class of trades; ascending. */
  readonly sizeBounds: readonly number[];
  /** Share of the volume that the value area holds, in percent. */
  readonly valueAreaPercent: number;
}
