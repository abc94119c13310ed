"""Holds files of order events against raw records: events_interop.py (SESSION EVENTS)...

SESSION is an uncompressed DBN file of MBO records, which databento_dbn reads; EVENTS the Parquet file that `spymaster events` made
of it, which DuckDB reads. Nothing here comes from Spymaster: a book of plain dictionaries, and for each event its own claims
against the records that it names. Prints counts by kind; raises at the first claim that does not hold.
"""

import json
import sys
import traceback
from bisect import bisect_left
from collections import Counter, defaultdict, namedtuple

import databento_dbn as dbn
import duckdb

Record = namedtuple("Record", "index now group action side price size order_id flags sequence before best_before best")
COLUMNS = "event update ts_ns start_ns kind side price size levels order_ids sequences detail"
Event = namedtuple("Event", COLUMNS)
SNAPSHOT, LAST = 32, 128
MS = 1_000_000


class Side:
    """The displayed quantity of each price, and the best of them."""

    def __init__(self, better):
        self.quantities, self.better, self.best = {}, better, None

    def change(self, price, by):
        quantity = self.quantities.get(price, 0) + by
        if quantity:
            self.quantities[price] = quantity
            self.best = price if self.best is None else self.better(self.best, price)
            return
        del self.quantities[price]
        if price == self.best:
            self.best = self.better(self.quantities) if self.quantities else None

    def top(self):
        """Quantity of the best five prices, and the worst of these."""
        prices = sorted(self.quantities, reverse=self.better is max)[:5]
        return sum(self.quantities[price] for price in prices), prices[-1] if prices else None


def records_of(path, depth_times):
    """The records with what each order was before it (side, price, size) and the best prices at the ends of events.

    Beside them the best five prices of each side at `depth_times`, ascending: those at the last end of an event until then.
    """
    decoder = dbn.DBNDecoder()
    with open(path, "rb") as file:
        decoder.write(file.read())
    book, sides, depths = {}, {"B": Side(max), "A": Side(min)}, {}
    now, group, records, is_start = 0, 0, [], True
    best_before = best = (None, None)

    def change(order_id, to):
        was = book.pop(order_id, None)
        if was is not None:
            sides[was[0]].change(was[1], -was[2])
        if to is not None:
            book[order_id] = to
            sides[to[0]].change(to[1], to[2])

    for message in decoder.decode():
        if not isinstance(message, dbn.MBOMsg):
            continue
        now = max(now, message.ts_event)
        while is_start and len(depths) < len(depth_times) and depth_times[len(depths)] < now:
            depths[depth_times[len(depths)]] = {side: levels.top() for side, levels in sides.items()}
        action, side = message.action.value, message.side.value
        flags, order_id, price, size = int(message.flags), message.order_id, message.price, message.size
        before = book.get(order_id)
        if action == "R":
            book.clear()
            sides = {"B": Side(max), "A": Side(min)}
        elif action in "AM":
            change(order_id, (side, price, size))
        elif action == "C" and before is not None:
            left = before[2] - size
            change(order_id, (before[0], before[1], left) if left > 0 else None)
        best = (sides["B"].best, sides["A"].best)
        fields = (len(records), now, group, action, side, price, size, order_id, flags, message.sequence)
        records.append(Record(*fields, before, best_before, best))
        is_start = bool(flags & LAST)
        if is_start:
            group += 1
            best_before = (None, None) if flags & SNAPSHOT else best
    return records, depths


def events_of(path):
    rows = duckdb.execute(f"SELECT {', '.join(COLUMNS.split())} FROM read_parquet(?)", [path]).fetchall()
    return [Event(*row[:-1], json.loads(row[-1])) for row in rows]


class Session:
    def __init__(self, path, events):
        times = {event.start_ns for event in events if event.kind == "stacked_pull"}
        self.records, self.depths = records_of(path, sorted(times))
        self.by_sequence, self.by_order, self.groups = defaultdict(list), defaultdict(list), defaultdict(list)
        self.by_time = defaultdict(list)
        for record in self.records:
            if not record.flags & SNAPSHOT:
                self.by_sequence[record.sequence].append(record)
            self.by_order[record.order_id].append(record)
            self.by_time[record.now].append(record)
            self.groups[record.group].append(record)
        # One trade for an aggressor of an event.
        self.trades = []
        for group in self.groups.values():
            takers = dict.fromkeys(record.order_id for record in group if record.action == "T")
            for place, taker in enumerate(takers):
                self.trades.append(([r for r in group if r.action == "T" and r.order_id == taker], place))
        self.trade_sizes = [sum(record.size for record in trade) for trade, _ in self.trades]
        self.adds = [r for r in self.records if r.action == "A" and not r.flags & SNAPSHOT]
        self.add_indices = [record.index for record in self.adds]

    def named(self, event):
        """The records of the event's sequences in its time."""
        found = [r for sequence in event.sequences for r in self.by_sequence[sequence]]
        found = sorted({r.index: r for r in found if event.start_ns <= r.now <= event.ts_ns}.values())
        assert {r.sequence for r in found} == set(event.sequences), "a sequence has no record"
        assert set(event.order_ids) <= {r.order_id for r in found}, "an order has no record"
        assert len(set(event.order_ids)) == len(event.order_ids) and len(set(event.sequences)) == len(event.sequences)
        return found


def int_price(price):
    return round(price * 1e9)


def total(records):
    return sum(record.size for record in records)


def nearest_rank(sizes, share):
    return sorted(sizes)[-(-share * len(sizes) // 100) - 1]


def check_trade(session, event, named):
    # Trades of an auction have no aggressor.
    taker = 0 if event.side == "N" else event.order_ids[0]
    group = session.groups[next(r.group for r in named if r.action == "T" and r.order_id == taker)]
    own = [r for r in group if r.action == "T" and r.order_id == taker]
    assert event.ts_ns == event.start_ns == own[0].now and total(own) == event.size
    assert [r for r in named if r.action == "T" and r.order_id == taker] == own
    assert len({r.price for r in own}) == event.levels and own[0].price == int_price(event.price)
    assert {r.side for r in own} == {event.side}
    executed = {r.order_id for r in named if r.action == "F"}
    assert set(event.order_ids) - {taker} <= executed
    if event.kind in ("trade", "stop"):
        assert int_price(event.detail["last_price"]) == own[-1].price
    first = next(r for r in group if r.action == "T").order_id
    kind = "stop" if first != taker else "modified" if own[0].before else "market"
    if event.kind == "stop":
        assert kind == "stop"
    else:
        assert event.detail["type"] == kind
    if event.kind == "trade":
        rests = [r.size for r in group if r.order_id == taker and r.action in "AM"]
        assert event.detail["remainder"] == (rests[-1] if rests else 0)
    if event.kind == "large_trade":
        at = next(i for i, (trade, _) in enumerate(session.trades) if trade[0].index == own[0].index)
        before = session.trade_sizes[max(0, at - 5000) : at]
        assert len(before) >= 500 and nearest_rank(before, 99) == event.detail["threshold"] <= event.size


def check_stop_run(session, event, named):
    group = session.groups[named[0].group]
    first = next(r for r in group if r.action == "T").order_id
    stops = [r for r in group if r.action == "T" and r.order_id != first]
    assert len({r.order_id for r in stops}) == event.detail["stops"] >= 3 and total(stops) == event.size
    assert {r.order_id for r in stops} <= set(event.order_ids)
    assert (stops[0].now, stops[0].price, stops[0].side) == (event.ts_ns, int_price(event.price), event.side)
    prices = [r.price for r in stops]
    assert (min(prices), max(prices)) == (int_price(event.detail["low"]), int_price(event.detail["high"]))
    assert len(set(prices)) == event.levels


def check_sweep(session, event, named):
    group = session.groups[named[0].group]
    trades = [r for r in group if r.action == "T"]
    prices = {taker: {r.price for r in trades if r.order_id == taker} for taker in {r.order_id for r in trades}}
    is_event = event.detail["scope"] == "event"
    own = trades if is_event else [r for r in trades if r.order_id == event.order_ids[0]]
    assert (max(map(len, prices.values())) < 3) == is_event
    assert total(own) == event.size and len({r.price for r in own}) == event.levels >= 3
    assert (own[0].now, own[0].price, own[0].side) == (event.ts_ns, int_price(event.price), event.side)
    assert total(trades) == event.detail["event_size"]
    assert len({r.price for r in trades}) == event.detail["event_levels"]
    assert own[-1].price == int_price(event.detail["last_price"])


def check_large_order(session, event, named):
    own = [r for r in named if r.order_id == event.order_ids[0] and r.action in "AM"][-1]
    assert (own.size, own.price, own.side, own.now) == (event.size, int_price(event.price), event.side, event.ts_ns)
    before = own.before
    change = "added" if own.action == "A" else "moved" if before[:2] != (own.side, own.price) else "grown"
    assert event.detail["change"] == change and (change != "grown" or own.size > before[2])
    at = bisect_left(session.add_indices, own.index)
    window = [r.size for r in session.adds[max(0, at - 20_000) : at]]
    assert len(window) >= 1000 and nearest_rank(window, 99) == event.detail["threshold"] <= event.size
    best = own.best[0 if own.side == "B" else 1]
    assert round(abs(best - own.price) / 250_000_000) == event.detail["ticks_from_best"] <= 20
    is_taker = any(r.action == "T" and r.order_id == own.order_id for r in session.groups[own.group])
    assert event.detail["remainder"] == int(is_taker)


icebergs = {}


def check_iceberg(session, event, named):
    (order_id,) = event.order_ids
    # A packet of the feed may end several events.
    named = [r for r in named if r.now == event.ts_ns]
    fills = [r for r in named if r.order_id == order_id and r.action == "F"]
    changes = [r for r in named if r.order_id == order_id and r.action in "CM"]
    is_taker = any(r.action == "T" and r.order_id == order_id for r in session.groups[changes[0].group])
    # Its own execution as an aggressor is none of it.
    executed, state = 0 if is_taker else total(fills), event.detail["state"]
    if event.update == 0:
        before = changes[0].before
        refilled = changes[0].action == "M" and changes[0].size > max(0, before[2] - executed)
        assert executed > 0 and (executed > before[2] or refilled), "nothing hidden came to light"
        icebergs[event.event] = 0
    icebergs[event.event] += executed
    assert icebergs[event.event] == event.size == event.detail["executed"]
    if state == "resting":
        assert changes[-1].action == "M" and changes[-1].size == event.detail["displayed"]
        assert changes[-1].price == int_price(event.price)
    else:
        assert event.detail["displayed"] == 0 and (executed > 0 or state == "cancelled")


def check_suspected_iceberg(session, event, named):
    adds = {r.order_id: r for r in named if r.action == "A"}
    first_update = event.update == 0
    assert len(event.order_ids) == (event.detail["orders"] if first_update else 2) and event.detail["orders"] >= 3
    for gone, following in zip(event.order_ids, event.order_ids[1:]):
        add = adds[following]
        assert (add.size, add.price, add.side) == (event.size, int_price(event.price), event.side)
        own = session.by_order[gone]
        leaving = next(r for r in reversed(own) if r.action == "C" and r.index < add.index)
        is_new = (r.index for r in own if r.action in "AM" and (r.before or ())[:2] != (r.side, r.price))
        came = max(index for index in is_new if index < leaving.index)
        executed = total(r for r in own if r.action == "F" and came < r.index < leaving.index)
        assert executed == add.size and leaving.before[:2] == (add.side, add.price), "not executed whole"
        assert any(r.action == "F" and r.order_id == gone for r in session.groups[leaving.group])
        assert 0 <= add.now - leaving.now <= 5 * MS and leaving.index < add.index
        assert not any(r.action == "T" and r.order_id == following for r in session.groups[add.group])


def check_absorption(session, event, named):
    price = int_price(event.price)
    fills = [r for r in named if r.action == "F" and r.price == price and r.order_id in event.order_ids]
    fills = [r for r in fills if r.before and r.before[0] == event.side]
    # Executions of the last event that followed the one at which the percentile was reached are not counted.
    count = event.detail["executions"]
    assert total(fills[:count]) == event.size >= event.detail["threshold"] and len(fills) >= count
    assert fills[0].now == event.start_ns and event.ts_ns - event.start_ns <= 10_000 * MS
    end = session.groups[fills[count - 1].group][-1]
    assert end.now == event.ts_ns and event.detail["held"] == int(end.best["BA".index(event.side)] == price)


def check_fast_pull(session, event, named):
    (order_id,) = event.order_ids
    added = next(r for r in session.by_order[order_id] if r.action == "A" and r.now == event.start_ns)
    (left,) = [r for r in named if r.order_id == order_id and r.action in "CM" and r.now == event.ts_ns][-1:]
    assert left.before == (event.side, added.price, event.size) and added.price == int_price(event.price)
    assert left.action == "C" or left.price != added.price
    assert event.detail["lifetime_ns"] == event.ts_ns - event.start_ns <= 500 * MS
    group = session.groups[left.group]
    takers = {r.order_id for r in group if r.action == "T"}
    assert not takers or order_id in takers, "cancelled by another's trade"
    between = [r for r in session.by_order[order_id] if added.index < r.index <= left.index and r.action == "F"]
    assert all(r.group == left.group and order_id in takers for r in between), "it was executed"


def check_stacked_pull(session, event, named):
    from_ns = event.ts_ns - 250 * MS
    assert event.start_ns == from_ns and any(r.action in "CM" for r in session.by_time[event.ts_ns])
    displayed, worst = session.depths[from_ns][event.side]
    assert displayed == event.detail["displayed"] and worst == int_price(event.detail["last_price"])
    pulled, prices = 0, set()
    for record in named:
        before = record.before
        if record.action not in "CM" or record.order_id not in event.order_ids or record.now <= from_ns:
            continue
        is_away = record.action == "M" and record.price != before[1]
        size = record.size if record.action == "C" else before[2] if is_away else before[2] - record.size
        is_counted = before[0] == event.side and (before[1] >= worst if event.side == "B" else before[1] <= worst)
        takers = {r.order_id for r in session.groups[record.group] if r.action == "T"}
        if size <= 0 or not is_counted or (takers and record.order_id not in takers):
            continue
        pulled += size
        prices.add(before[1])
    best = max(prices) if event.side == "B" else min(prices)
    assert pulled == event.size and len(prices) == event.levels and best == int_price(event.price)
    assert abs(event.detail["share"] - pulled / displayed) < 1e-9 and event.detail["share"] >= 0.5


def check_exhausted_level(session, event, named):
    price, side = int_price(event.price), "BA".index(event.side)
    fills = [r for r in named if r.action == "F" and r.now == event.ts_ns and r.order_id in event.order_ids]
    fills = [r for r in fills if r.before and r.before[:2] == (event.side, price)]
    assert total(fills) == event.size and len(fills) == event.detail["executions"] > 0
    end = session.groups[fills[0].group][-1]
    assert end.best_before[side] == price, "it was not the best price"
    left = end.best[side]
    assert left is None or (left < price if side == 0 else left > price), "it is there still"
    assert event.detail["age_ns"] == event.ts_ns - event.start_ns >= 2_000 * MS
    since = end
    while since.best_before[side] == price and since.group > 0:
        since = session.groups[since.group - 1][-1]
    assert since.now == event.start_ns, "it was the best price longer, or not as long"


CHECKS = {
    **dict.fromkeys(("trade", "stop", "large_trade"), check_trade),
    "stop_run": check_stop_run,
    "sweep": check_sweep,
    "large_order": check_large_order,
    "iceberg": check_iceberg,
    "suspected_iceberg": check_suspected_iceberg,
    "absorption": check_absorption,
    "fast_pull": check_fast_pull,
    "stacked_pull": check_stacked_pull,
    "exhausted_level": check_exhausted_level,
}


# Kinds with several prices; the others have one.
SEVERAL = ("trade", "stop", "large_trade", "stop_run", "sweep", "stacked_pull")


def check_file(session_path, events_path):
    icebergs.clear()
    events = events_of(events_path)
    session = Session(session_path, events)
    counts = Counter(event.kind for event in events if event.update == 0)
    for event in events:
        try:
            named = session.named(event)
            assert event.ts_ns >= event.start_ns and (event.levels == 1 or event.kind in SEVERAL)
            # A stacked pull may become known by a pull that is none of it: the prices of a moment ago are others by then.
            assert event.kind == "stacked_pull" or named[-1].now == event.ts_ns
            CHECKS[event.kind](session, event, named)
        except Exception as error:
            line = traceback.extract_tb(error.__traceback__)[-1].lineno
            raise SystemExit(f"{events_path}: {error!r} in line {line}: {event}") from error
    # Nothing is missing of what the records alone say.
    assert counts["trade"] == len(session.trades)
    assert counts["stop"] == sum(place > 0 for _, place in session.trades)
    return counts


for at in range(1, len(sys.argv), 2):
    print(json.dumps(check_file(sys.argv[at], sys.argv[at + 1])))
