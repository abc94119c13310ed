"""Replays an MBO file of one instrument through the books of hftbacktest's L3 backtest, without orders of ours.

hftbacktest_replay.py FILE TICK

FILE is not compressed; TICK is in units of 1e-9. Prints records, seconds, seconds of CPU time and a hash of the best prices at each
F_LAST as JSON. The clock runs during the replay of an array in memory alone: not while it is made of the file, row by record as
hftbacktest's own converter does but with exact nanoseconds, nor while Numba compiles.
"""

import json
import sys
import time

import numpy as np
from numba import njit

from hftbacktest import BacktestAsset, ROIVectorMarketDepthBacktest
from hftbacktest.types import (
    ADD_ORDER_EVENT,
    BUY_EVENT,
    CANCEL_ORDER_EVENT,
    DEPTH_CLEAR_EVENT,
    EXCH_EVENT,
    FILL_EVENT,
    LOCAL_EVENT,
    MODIFY_ORDER_EVENT,
    SELL_EVENT,
    TRADE_EVENT,
    event_dtype,
)

mbo = np.dtype(
    [
        ("head", "V8"),
        ("ts_event", "<i8"),
        ("order_id", "<u8"),
        ("price", "<i8"),
        ("size", "<u4"),
        ("flags", "u1"),
        ("channel_id", "u1"),
        ("action", "u1"),
        ("side", "u1"),
        ("ts_recv", "<i8"),
        ("tail", "V8"),
    ]
)
assert mbo.itemsize == 56
SNAPSHOT, LAST = 32, 128
NO_PRICE = 2**63 - 1  # of a record of DBN, and in the hash
NO_BID_TICK, NO_ASK_TICK = -(2**63), 2**63 - 1
WORD, PRIME = np.uint64(0xFFFF_FFFF), np.uint64(16_777_619)
# The vectors of its depth cover this much around the first price.
RANGE = 0.25


def rows_of(records):
    actions = np.zeros(256, np.uint64)
    kinds = {
        "A": ADD_ORDER_EVENT, "C": CANCEL_ORDER_EVENT, "M": MODIFY_ORDER_EVENT,
        "R": DEPTH_CLEAR_EVENT, "T": TRADE_EVENT, "F": FILL_EVENT,
    }  # fmt: skip
    for action, kind in kinds.items():
        actions[ord(action)] = kind | EXCH_EVENT | LOCAL_EVENT
    sides = np.zeros(256, np.uint64)
    sides[ord("B")], sides[ord("A")] = BUY_EVENT, SELL_EVENT
    rows = np.zeros(len(records), event_dtype)
    rows["ev"] = actions[records["action"]] | sides[records["side"]]
    rows["exch_ts"] = np.where(records["flags"] & SNAPSHOT, records["ts_recv"], records["ts_event"])
    rows["local_ts"] = records["ts_recv"]
    rows["px"] = np.where(records["price"] == NO_PRICE, np.nan, records["price"] / 1e9)
    rows["qty"] = records["size"]
    rows["order_id"] = records["order_id"]
    for name in ("exch_ts", "local_ts"):
        assert np.all(np.diff(rows[name]) >= 0), f"{name} runs backwards"
    return rows


@njit
def fold(hashed, price):
    """FNV-1a over the two words of a price."""
    bits = np.uint64(price)
    hashed = (hashed ^ (bits & WORD)) * PRIME & WORD
    return (hashed ^ (bits >> np.uint64(32))) * PRIME & WORD


@njit
def follow(backtest, received, flags, tick):
    """The hash, and how many rows were received: it steps from one time of receipt to the next."""
    hashed = np.uint64(2_166_136_261)
    depth = backtest.depth(0)
    at = 0
    while at < len(received):
        code = backtest.wait_next_feed(False, 2**62)
        if code != 2 and code != 1:
            return hashed, at
        # With code 1 the last rows have been received, and its clock stands still.
        now = received[-1] if code == 1 else backtest.current_timestamp
        while at < len(received) and received[at] <= now:
            at += 1
        if flags[at - 1] & LAST:
            bid, ask = depth.best_bid_tick, depth.best_ask_tick
            hashed = fold(hashed, NO_PRICE if bid == NO_BID_TICK else bid * tick)
            hashed = fold(hashed, NO_PRICE if ask == NO_ASK_TICK else ask * tick)
    return hashed, at


def replay(rows, flags, tick):
    first = rows["px"][rows["px"] > 0][0]
    asset = (
        BacktestAsset()
        .data(rows)
        .linear_asset(1.0)
        .constant_order_latency(0, 0)
        .l3_fifo_queue_model()
        .no_partial_fill_exchange()
        .trading_value_fee_model(0, 0)
        .tick_size(tick / 1e9)
        .lot_size(1.0)
        .roi_lb(first * (1 - RANGE))
        .roi_ub(first * (1 + RANGE))
    )
    backtest = ROIVectorMarketDepthBacktest([asset])
    received = np.ascontiguousarray(rows["local_ts"])
    start, cpu_start = time.perf_counter(), time.process_time()
    hashed, count = follow(backtest, received, flags, tick)
    seconds, cpu_seconds = time.perf_counter() - start, time.process_time() - cpu_start
    backtest.close()
    return {"records": count, "seconds": seconds, "cpuSeconds": cpu_seconds, "hash": f"{hashed:08x}"}


path, tick = sys.argv[1], int(sys.argv[2])
with open(path, "rb") as file:
    metadata_bytes = 8 + int.from_bytes(file.read(8)[4:], "little")
records = np.fromfile(path, mbo, offset=metadata_bytes)
rows, flags = rows_of(records), np.ascontiguousarray(records["flags"])
replay(rows[:1000], flags[:1000], tick)
print(json.dumps(replay(rows, flags, tick)))
