import { rtype } from '../codes.ts';
import type { LayoutSpec } from './spec.ts';

/** Trading status of an instrument. */
export const status = {
  name: 'status',
  version: 1,
  rtypes: [rtype.status],
  recordBytes: 40,
  rows: [
    ['ts_recv', 'timestamp', 16],
    ['action', 'u16', 24],
    ['reason', 'u16', 26],
    ['trading_event', 'u16', 28],
    ['is_trading', 'char', 30],
    ['is_quoting', 'char', 31],
    ['is_short_sell_restricted', 'char', 32],
  ],
} as const satisfies LayoutSpec;

/** Auction imbalance. */
export const imbalance = {
  name: 'imbalance',
  version: 1,
  rtypes: [rtype.imbalance],
  recordBytes: 112,
  rows: [
    ['ts_recv', 'timestamp', 16],
    ['ref_price', 'price', 24],
    ['auction_time', 'timestamp', 32],
    ['cont_book_clr_price', 'price', 40],
    ['auct_interest_clr_price', 'price', 48],
    ['ssr_filling_price', 'price', 56],
    ['ind_match_price', 'price', 64],
    ['upper_collar', 'price', 72],
    ['lower_collar', 'price', 80],
    ['paired_qty', 'u32', 88],
    ['total_imbalance_qty', 'u32', 92],
    ['market_imbalance_qty', 'u32', 96],
    ['unpaired_qty', 'u32', 100],
    ['auction_type', 'char', 104],
    ['side', 'char', 105],
    ['auction_status', 'u8', 106],
    ['freeze_status', 'u8', 107],
    ['num_extensions', 'u8', 108],
    ['unpaired_side', 'char', 109],
    ['significant_imbalance', 'char', 110],
  ],
} as const satisfies LayoutSpec;

/** A statistic of an instrument, versions 1 and 2: 32-bit quantity. */
export const statisticsV1 = {
  name: 'statisticsV1',
  version: 1,
  rtypes: [rtype.statistics],
  recordBytes: 64,
  rows: [
    ['ts_recv', 'timestamp', 16],
    ['ts_ref', 'timestamp', 24],
    ['price', 'price', 32],
    ['quantity', 'i32', 40],
    ['sequence', 'u32', 44],
    ['ts_in_delta', 'i32', 48],
    ['stat_type', 'u16', 52],
    ['channel_id', 'u16', 54],
    ['update_action', 'u8', 56],
    ['stat_flags', 'u8', 57],
  ],
} as const satisfies LayoutSpec;

/** A statistic of an instrument, version 3: 64-bit quantity. */
export const statisticsV3 = {
  name: 'statisticsV3',
  version: 3,
  rtypes: [rtype.statistics],
  recordBytes: 80,
  rows: [
    ['ts_recv', 'timestamp', 16],
    ['ts_ref', 'timestamp', 24],
    ['price', 'price', 32],
    ['quantity', 'i64', 40],
    ['sequence', 'u32', 48],
    ['ts_in_delta', 'i32', 52],
    ['stat_type', 'u16', 56],
    ['channel_id', 'u16', 58],
    ['update_action', 'u8', 60],
    ['stat_flags', 'u8', 61],
  ],
} as const satisfies LayoutSpec;
