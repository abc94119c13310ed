import type { Bin } from '../engine/index.ts';
import type { GridUpdate } from './messages.ts';

/** The text message of a closed bin; `sessionStartNs` (UNIX) turns its session-relative times into absolute ones. */
export function gridUpdate(bin: Bin, sessionStartNs: bigint, signalName: string): GridUpdate {
  const { signal } = bin;
  const endNs = (sessionStartNs + BigInt(bin.endNs)).toString();
  return {
    type: 'grid_update',
    ts_ns: endNs,
    bin_seq: bin.seq,
    bin_start_ns: (sessionStartNs + BigInt(bin.startNs)).toString(),
    bin_end_ns: endNs,
    bin_event_count: bin.eventCount,
    event_id: bin.eventId,
    mid_price: bin.midPrice,
    spot_ref_price_int: int64Text(bin.spotPriceInt),
    best_bid_price_int: int64Text(bin.bestBidPriceInt),
    best_ask_price_int: int64Text(bin.bestAskPriceInt),
    has_bid: bin.hasBid,
    has_ask: bin.hasAsk,
    book_valid: bin.bookValid,
    state_model_name: signalName,
    state_model_score: signal.score,
    state_model_ready: signal.ready,
    state_model_sample_count: signal.sampleCount,
    state_model_base: signal.base,
    state_model_d1: signal.d1,
    state_model_d2: signal.d2,
    state_model_d3: signal.d3,
    state_model_z1: signal.z1,
    state_model_z2: signal.z2,
    state_model_z3: signal.z3,
    state_model_bull_intensity: signal.bullIntensity,
    state_model_bear_intensity: signal.bearIntensity,
    state_model_mixed_intensity: signal.mixedIntensity,
    state_model_dominant_state5_code: signal.dominantState5Code,
    state_model_firing: bin.firing,
    state_model_threshold: bin.firingThreshold,
    ...(bin.signalSeries !== undefined && {
      state_model_series: Array.from(bin.signalSeries, (value) => (Number.isFinite(value) ? value : null)),
    }),
  };
}

/** Every digit of a whole number: beyond 2^53 `String` rounds to the shortest text of the same double. */
function int64Text(value: number): string {
  return Number.isSafeInteger(value) ? String(value) : BigInt(value).toString();
}
