"""Places orders of size 1 at the best prices with mbo-queue: both sides at each time.

mbo_queue_interop.py TICK HORIZON_NS (RECORDS TIMES ANSWERS)...

Records are MBO records of DBN, 56 bytes each; times are UNIX ns, int64. Answers are rows of five int64, one an order: time,
side (1 buys, -1 sells), price, whether it was filled, when. Prints the executions of each file that were not at the front of
their queue, and all executions of known orders.
"""

import sys

import numpy as np
from mboq import fast

record = np.dtype(
    [
        ("head", "V8"),
        ("ts_event", "<u8"),
        ("order_id", "<u8"),
        ("price", "<i8"),
        ("size", "<u4"),
        ("flags", "u1"),
        ("channel", "u1"),
        ("action", "S1"),
        ("side", "S1"),
        ("tail", "V16"),
    ]
)
assert record.itemsize == 56

tick, horizon_ns = int(sys.argv[1]), int(sys.argv[2])
files = sys.argv[3:]
for at in range(0, len(files), 3):
    records_path, times_path, answers_path = files[at : at + 3]
    found = fast.run(
        np.fromfile(records_path, record),
        tick=tick,
        place_times=np.fromfile(times_path, np.int64),
        horizon_ns=horizon_ns,
        shadow_size=1,
        truth_record_price=True,
    )
    shadows = found["shadows"]
    names = ("t_place", "side", "price", "true_filled", "true_t_fill")
    np.stack([shadows[name] for name in names], axis=1).astype(np.int64).tofile(answers_path)
    ranks = found["fifo_rank"]
    print(int((ranks > 0).sum()), int((ranks >= 0).sum()))
