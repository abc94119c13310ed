"""Decodes an MBO file to Python objects with databento_dbn: DBNDecoder, fed as the file is read.

databento_dbn_objects.py FILE [hash]

Prints records, seconds, seconds of CPU time and a hash as JSON. The clock runs while records are read and decoded; with `hash` their
fields are summed while it stands.
"""

import json
import sys
import time

import databento_dbn as dbn

path, with_hash = sys.argv[1], "hash" in sys.argv[2:]
chunk_bytes = 1 << 16


def add(sums, record):
    price, ts_event = record.price, record.ts_event
    sums[0] += price & 0xFFFF_FFFF
    sums[1] += price >> 32
    sums[2] += record.size
    sums[3] += ord(str(record.side))
    sums[4] += ord(str(record.action))
    sums[5] += ts_event & 0xFFFF_FFFF
    sums[6] += ts_event >> 32


def fold(sums):
    """FNV-1a over 32-bit words."""
    hashed = 2_166_136_261
    for value in sums:
        hashed = (hashed ^ (value & 0xFFFF_FFFF)) * 16_777_619 & 0xFFFF_FFFF
    return f"{hashed:08x}"


count = seconds = cpu_seconds = 0
sums = [0] * 7
decoder = dbn.DBNDecoder(compression=dbn.Compression.ZSTD if path.endswith(".zst") else dbn.Compression.NONE)
with open(path, "rb") as file:
    while True:
        start, cpu_start = time.perf_counter(), time.process_time()
        chunk = file.read(chunk_bytes)
        if not chunk:
            break
        decoder.write(chunk)
        decoded = decoder.decode()
        seconds += time.perf_counter() - start
        cpu_seconds += time.process_time() - cpu_start
        records = [record for record in decoded if isinstance(record, dbn.MBOMsg)] if count == 0 else decoded
        count += len(records)
        if with_hash:
            for record in records:
                add(sums, record)
hashed = fold(sums) if with_hash else None
print(json.dumps({"records": count, "seconds": seconds, "cpuSeconds": cpu_seconds, "hash": hashed}))
