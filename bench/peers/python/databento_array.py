"""Decodes an MBO file to a NumPy array with databento: DBNStore.to_ndarray.

databento_array.py FILE

Prints records, seconds, seconds of CPU time and a hash of sums of fields as JSON, all of it on the clock.
"""

import json
import sys
import time

import databento
import numpy as np

start, cpu_start = time.perf_counter(), time.process_time()
records = databento.DBNStore.from_file(sys.argv[1]).to_ndarray()
words = records.view(np.uint32).reshape(len(records), 14)
chars = records.view(np.uint8).reshape(len(records), 56)
price, ts_event, size, action, side = 6, 2, 8, 38, 39
columns = [words[:, price], words[:, price + 1], words[:, size], chars[:, side], chars[:, action]]
columns += [words[:, ts_event], words[:, ts_event + 1]]
sums = [int(column.sum(dtype=np.uint32)) for column in columns]
seconds, cpu_seconds = time.perf_counter() - start, time.process_time() - cpu_start

# FNV-1a over 32-bit words.
hashed = 2_166_136_261
for value in sums:
    hashed = (hashed ^ value) * 16_777_619 & 0xFFFF_FFFF
print(json.dumps({"records": len(records), "seconds": seconds, "cpuSeconds": cpu_seconds, "hash": f"{hashed:08x}"}))
