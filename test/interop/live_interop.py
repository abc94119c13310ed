"""Receives live sessions with the vendor's own client and prints each as a line of JSON: the fields of every record, in order.

Its argument is a list of JSON objects: port, key, dataset, ts_out, compression, subscriptions (arguments of Live.subscribe).
"""

import json
import sys

import databento
import databento_dbn

CONTROL = {
    databento_dbn.SystemMsg: ["msg", "code"],
    databento_dbn.ErrorMsg: ["err", "code"],
    databento_dbn.SymbolMappingMsg: ["stype_in", "stype_in_symbol", "stype_out_symbol", "start_ts", "end_ts"],
    databento_dbn.MBOMsg: [
        "order_id",
        "price",
        "size",
        "flags",
        "channel_id",
        "action",
        "side",
        "ts_recv",
        "ts_in_delta",
        "sequence",
    ],
}


def plain(value):
    """Integers, enums and characters as decimal text."""
    if value is None or isinstance(value, str):
        return value
    return str(int(value))


def fields(record):
    names = ["rtype", "publisher_id", "instrument_id", "ts_event", *CONTROL[type(record)]]
    values = {name: plain(getattr(record, name)) for name in names}
    if record.ts_out not in (None, databento_dbn.UNDEF_TIMESTAMP):
        values["ts_out"] = plain(record.ts_out)
    return [type(record).__name__, values]


def receive(asked) -> None:
    client = databento.Live(
        key=asked["key"],
        gateway="127.0.0.1",
        port=asked["port"],
        ts_out=asked["ts_out"],
        heartbeat_interval_s=5,
        slow_reader_behavior="warn",
        compression=databento_dbn.Compression.from_str(asked["compression"]),
    )
    records = []
    metadata = None
    error = None

    def received(record):
        nonlocal metadata
        metadata = metadata or client.metadata
        records.append(fields(record))

    try:
        for subscription in asked["subscriptions"]:
            client.subscribe(dataset=asked["dataset"], **subscription)
        client.add_callback(received)
        client.start()
        client.block_for_close(timeout=120)
    except databento.BentoError as caught:
        error = str(caught)
    described = metadata and {
        "version": metadata.version,
        "dataset": metadata.dataset,
        "schema": plain(metadata.schema),
        "stype_in": plain(metadata.stype_in),
        "stype_out": plain(metadata.stype_out),
        "start": plain(metadata.start),
        "ts_out": metadata.ts_out,
        "symbols": metadata.symbols,
        "mappings": len(metadata.mappings),
    }
    names = {str(key): value for key, value in client.symbology_map.items()}
    print(json.dumps({"metadata": described, "records": records, "error": error, "symbology_map": names}))


for session in json.loads(sys.argv[1]):
    receive(session)
