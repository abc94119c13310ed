"""Compares what src/dbn made of DBN streams with databento_dbn; prints a JSON list of checks."""

import io
import json
import os
import struct
import sys

import databento_dbn as dbn

folder = sys.argv[1]
AS_IS = dbn.VersionUpgradePolicy.AS_IS
UPGRADES = {
    "v2": dbn.VersionUpgradePolicy.UPGRADE_TO_V2,
    "v3": dbn.VersionUpgradePolicy.UPGRADE_TO_V3,
}
FORMATS = {"u1": "B", "u2": "H", "u4": "I", "u8": "Q", "i1": "b", "i2": "h", "i4": "i", "i8": "q"}
SCHEMA_OF_RANDOM = {
    "mbo": "mbo", "trades": "trades", "mbp1": "mbp-1", "mbp10": "mbp-10", "bbo": "bbo-1s", "cmbp1": "cmbp-1",
    "cbbo": "cbbo-1s", "ohlcv": "ohlcv-1s", "status": "status", "imbalance": "imbalance",
    "statisticsV1": "statistics", "statisticsV3": "statistics", "definitionV1": "definition",
    "definitionV2": "definition", "definitionV3": "definition",
}  # fmt: skip


def read(name, part):
    with open(os.path.join(folder, f"{name}.{part}"), "rb") as file:
        return file.read()


def decode(raw, info, policy=AS_IS, version=None):
    if info["fragment"]:
        decoder = dbn.DBNDecoder(
            has_metadata=False,
            ts_out=info["tsOut"],
            input_version=version or info["version"],
            upgrade_policy=policy,
        )
    else:
        decoder = dbn.DBNDecoder(upgrade_policy=policy)
    decoder.write(raw)
    decoded = decoder.decode()
    metadata = None if info["fragment"] else decoded[0]
    return metadata, decoded if metadata is None else decoded[1:]


def record_bytes(record, ts_out):
    """The record's bytes; the package leaves out ts_out, which it has as an attribute."""
    raw = bytes(record)
    if ts_out:
        total = len(raw) + 8 if len(raw) < raw[0] * 4 else len(raw)
        raw = raw[: total - 8] + struct.pack("<Q", record.ts_out)
    return raw


def fields_of(record):
    raw = bytes(record)
    hidden = set(type(record)._hidden_fields)
    values = {}
    at = 0
    for name, dtype in type(record)._dtypes:
        size = int(dtype[1:])
        part = raw[at : at + size]
        at += size
        if name in hidden:
            continue
        if dtype[0] == "S":
            text = part if size == 1 else part.split(b"\0")[0]
            values[name] = text.decode("latin-1" if size == 1 else "utf-8")
        else:
            (value,) = struct.unpack("<" + FORMATS[dtype], part)
            values[name] = str(value) if size == 8 else value
    return values


def compare_fields(theirs, ours):
    for index, (record, line) in enumerate(zip(theirs, ours)):
        expected = fields_of(record)
        got = json.loads(line)
        for name, value in expected.items():
            if got.get(name) != value:
                return f"record {index}: {name} is {value!r}, ours {got.get(name)!r}"
        extra = set(got) - set(expected)
        if extra:
            return f"record {index}: only ours has {sorted(extra)}"
    return None if len(theirs) == len(ours) else f"{len(theirs)} records, ours {len(ours)}"


def date_number(date):
    return date.year * 10000 + date.month * 100 + date.day


def metadata_dict(metadata):
    return {
        "version": metadata.version,
        "dataset": metadata.dataset,
        "schema": None if metadata.schema is None else str(metadata.schema),
        "start": str(metadata.start),
        "end": None if metadata.end is None else str(metadata.end),
        "limit": None if metadata.limit is None else str(metadata.limit),
        "recordCount": None,
        "stypeIn": None if metadata.stype_in is None else str(metadata.stype_in),
        "stypeOut": str(metadata.stype_out),
        "tsOut": metadata.ts_out,
        "symbolCstrLen": 22 if metadata.version == 1 else 71,
        "symbols": list(metadata.symbols),
        "partial": list(metadata.partial),
        "notFound": list(metadata.not_found),
        "mappings": [
            {
                "rawSymbol": raw_symbol,
                "intervals": [
                    {
                        "startDate": date_number(interval["start_date"]),
                        "endDate": date_number(interval["end_date"]),
                        "symbol": interval["symbol"],
                    }
                    for interval in intervals
                ],
            }
            for raw_symbol, intervals in metadata.mappings.items()
        ],
    }


def first_difference(theirs, ours):
    if theirs == ours:
        return None
    at = next((i for i, (a, b) in enumerate(zip(theirs, ours)) if a != b), min(len(theirs), len(ours)))
    return f"at {at}: {theirs[max(0, at - 30) : at + 30]!r}, ours {ours[max(0, at - 30) : at + 30]!r}"


def text(raw, info, name, encoding, pretty, mapped):
    options = {"map_symbols": mapped, "upgrade_policy": AS_IS}
    if info["fragment"]:
        options.update(has_metadata=False, ts_out=info["tsOut"], input_version=info["version"])
    if info["fragment"] and encoding == dbn.Encoding.CSV:
        layout = name.split(".")[1]
        schema = SCHEMA_OF_RANDOM.get(layout, "definition" if layout in ("definition", "v1") else None)
        if name.startswith(("test_data", "multi")):
            schema = None if name.endswith(".dbz") else "definition"
        if schema is None:
            return None
        options["schema"] = dbn.Schema(schema)
    out = io.BytesIO()
    transcoder = dbn.Transcoder(
        out, encoding, dbn.Compression.NONE, pretty_px=pretty, pretty_ts=pretty, **options
    )
    transcoder.write(raw)
    transcoder.flush()
    return out.getvalue()


def check(name):
    checks = []
    info = json.loads(read(name, "info"))
    raw = read(name, "dbn")
    metadata, records = decode(raw, info)

    def add(kind, difference):
        checks.append({"file": name, "check": kind, "records": len(records), "difference": difference})

    if metadata is not None:
        ours = info["metadata"]
        theirs = metadata_dict(metadata)
        theirs["mappings"].sort(key=lambda mapping: mapping["rawSymbol"])
        ours["mappings"].sort(key=lambda mapping: mapping["rawSymbol"])
        add("metadata", None if theirs == ours else f"{theirs}, ours {ours}")
        encoded = bytes(metadata)
        add("metadata.bytes", first_difference(encoded, read(name, "encoded")[: len(encoded)]))
    head = b"" if metadata is None else raw[: 8 + struct.unpack("<I", raw[4:8])[0]]
    ts_out = info["tsOut"]
    add("bytes", first_difference(b"".join(record_bytes(r, ts_out) for r in records), raw[len(head) :]))
    lines = read(name, "fields").decode().split("\n")
    add("fields", compare_fields(records, [line for line in lines if line]))
    _, again = decode(read(name, "encoded"), info)
    add("encoded", None if [bytes(r) for r in again] == [bytes(r) for r in records] else "records differ")
    for part, policy in UPGRADES.items():
        if int(part[1]) < info["version"]:
            continue
        _, upgraded = decode(raw, info, policy)
        ours = read(name, part)
        ours_metadata, ours_records = decode(ours, info, AS_IS, int(part[1]))
        if ours_metadata is not None and ours_metadata.version != int(part[1]):
            add(part, f"version {ours_metadata.version}")
            continue
        their_bytes = [record_bytes(r, ts_out) for r in upgraded]
        our_bytes = [record_bytes(r, ts_out) for r in ours_records]
        add(part, first_difference(b"".join(their_bytes), b"".join(our_bytes)))
    for encoding in (dbn.Encoding.JSON, dbn.Encoding.CSV):
        for pretty in (True, False):
            for mapped in (False,) if metadata is None else (False, True):
                part = f"{encoding}.{'pretty' if pretty else 'plain'}{'.symbols' if mapped else ''}"
                theirs = text(raw, info, name, encoding, pretty, mapped)
                if theirs is None:
                    continue
                with open(os.path.join(folder, f"{name}.official.{part}"), "wb") as file:
                    file.write(theirs)
                add(part, first_difference(theirs, read(name, part)))
    return checks


names = sorted(entry[: -len(".info")] for entry in os.listdir(folder) if entry.endswith(".info"))
print(json.dumps([found for name in names for found in check(name)]))
