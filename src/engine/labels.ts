import type { GridFrame } from './frame.ts';

/** state5 codes at index (sa + 1) · 3 + (sb + 1), for k > 0 and k < 0 (model.md §7). */
const above = Int8Array.of(-1, -1, 0, -1, 0, 2, -1, -1, 2);
const below = Int8Array.of(-2, -2, 0, -2, 0, 1, -2, -2, 1);

/** Writes the permutation labels of a bin from the moves of best ask and bid in ticks (model.md §7). */
export function writeLabels(frame: GridFrame, askMoveTicks: number, bidMoveTicks: number): void {
  const { columns, rows } = frame;
  const askSign = Math.sign(askMoveTicks);
  const bidSign = Math.sign(bidMoveTicks);
  const microstate = (askSign + 1) * 3 + (bidSign + 1);
  columns.best_ask_move_ticks.fill(askMoveTicks);
  columns.best_bid_move_ticks.fill(bidMoveTicks);
  columns.ask_reprice_sign.fill(askSign);
  columns.bid_reprice_sign.fill(bidSign);
  columns.microstate_id.fill(microstate);
  columns.chase_up_flag.fill(askSign > 0 && bidSign > 0 ? 1 : 0);
  columns.chase_down_flag.fill(askSign < 0 && bidSign < 0 ? 1 : 0);
  const centre = (rows - 1) / 2;
  columns.state5_code.fill(below[microstate]!, 0, centre);
  columns.state5_code[centre] = 0;
  columns.state5_code.fill(above[microstate]!, centre + 1);
}
