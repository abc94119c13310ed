"""Puts orders of size 1 into hftbacktest's L3 FIFO model.

hftbacktest_interop.py TICK_SIZE (FILE.npz ACTIONS ANSWERS)...

Actions and answers are rows of four int64. Actions, earliest first: UNIX ns, order id, side (1 buys, -1 sells, 0 cancels), price in
ticks. Answers, one an order: order id, status, time at the exchange, price in ticks.
"""

import sys

import numpy as np
from numba import njit

from hftbacktest import GTC, LIMIT, BacktestAsset, HashMapMarketDepthBacktest
from hftbacktest.data.validation import validate_event_order
from hftbacktest.types import event_dtype


@njit
def follow(hbt, actions, tick_size, end_ts):
    answers = np.zeros((len(actions), 4), np.int64)
    hbt.elapse(0)
    for at in range(len(actions)):
        ts = actions[at, 0]
        if ts > hbt.current_timestamp:
            hbt.elapse(ts - hbt.current_timestamp)
        order_id, side = actions[at, 1], actions[at, 2]
        price = actions[at, 3] * tick_size
        if side == 1:
            hbt.submit_buy_order(0, order_id, price, 1.0, GTC, LIMIT, False)
        elif side == -1:
            hbt.submit_sell_order(0, order_id, price, 1.0, GTC, LIMIT, False)
        else:
            order = hbt.orders(0).get(order_id)
            if order is not None and order.cancellable:
                hbt.cancel(0, order_id, False)
    if end_ts > hbt.current_timestamp:
        hbt.elapse(end_ts - hbt.current_timestamp)
    count = 0
    for at in range(len(actions)):
        if actions[at, 2] == 0:
            continue
        order = hbt.orders(0).get(actions[at, 1])
        answers[count, 0] = actions[at, 1]
        answers[count, 1] = order.status
        answers[count, 2] = order.exch_timestamp
        answers[count, 3] = order.exec_price_tick
        count += 1
    return answers[:count]


def run(tick_size, path, actions_path, answers_path):
    data = np.load(path)["data"]
    if data.dtype != event_dtype:
        raise SystemExit(f"{path} has the fields {data.dtype}")
    validate_event_order(data)
    asset = (
        BacktestAsset()
        .data(path)
        .linear_asset(1.0)
        .constant_order_latency(0, 0)
        .l3_fifo_queue_model()
        .no_partial_fill_exchange()
        .trading_value_fee_model(0, 0)
        .tick_size(tick_size)
        .lot_size(1.0)
    )
    actions = np.fromfile(actions_path, np.int64).reshape(-1, 4)
    answers = follow(HashMapMarketDepthBacktest([asset]), actions, tick_size, data["exch_ts"][-1] + 1)
    answers.tofile(answers_path)


files = sys.argv[2:]
for at in range(0, len(files), 3):
    run(float(sys.argv[1]), *files[at : at + 3])
