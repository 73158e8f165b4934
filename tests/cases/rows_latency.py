"""Percentiles of latency beside `occurrences` (SEMANTICS section 4): by nearest rank, of the valid requests that carry
a latency, weighted by how many requests a record stands for; three significant digits, at least one decimal."""

from decimal import Decimal

from rows import DAY, HOUR, JUNE, MINUTE, NOW, Row, batch, epoch, maintenance, one, outage, sla

PLAIN = one("occurrences", "99%")
NAMES = ("p50", "p90", "p99", "p999")


def took(ms, ts=NOW - 60, **more):
    return {"service": "s", "ts": ts, "status": 200, "latency_ms": ms, **more}


def figures(*values, objective=""):
    return {f"{objective}latency_ms.{name}": value for name, value in zip(NAMES, values, strict=True)}


def row(case, events, expect, documents=None, at=NOW, **more):
    if "span" in more or "period" in more:
        at = None
    return Row(f"LAT-{case}", documents or PLAIN, events, at=at, expect=expect, oracle=False, **more)


def ranks():
    yield row("example", [took(Decimal("1.2"), count=50), took(Decimal("3.4"), count=40), took(Decimal("9.1"), count=9),
                          took(40)], figures("1.2", "3.4", "9.1", "40.0"))  # fmt: skip
    yield row("none", [batch(NOW - 60, 5)], {"latency_ms": None})
    yield row("no-requests", [], {"latency_ms": None})
    yield row("one", [took(7)], figures("7.0", "7.0", "7.0", "7.0"))
    yield row("two", [took(7), took(5)], figures("5.0", "7.0", "7.0", "7.0"))
    yield row("thousand", [took(i) for i in range(1000, 0, -1)], figures("500.0", "900.0", "990.0", "999.0"))
    yield row("thousand-and-one", [took(i) for i in range(1001)], figures("500.0", "900.0", "990.0", "999.0"))
    yield row("without-one-beside", [took(7), batch(NOW - 60, 1000, 1000)], figures("7.0", "7.0", "7.0", "7.0"))
    yield row("zero", [took(0)], figures("0.0", "0.0", "0.0", "0.0"))
    yield row("digits", [took(Decimal(text)) for text in ("0.0005", "1.2345", "1.2355", "123456")],
              figures("1.23", "123000.0", "123000.0", "123000.0"))  # fmt: skip
    half_even = [took(Decimal("1.005")), took(Decimal("1.015")), took(Decimal("999.5")), took(Decimal("999.49"))]
    yield row("half-even", half_even, figures("1.02", "1000.0", "1000.0", "1000.0"))
    units = [{"service": "s", "ts": NOW - 60, "status": 200, **latency} for latency in
             ({"latency_us": 1500}, {"latency_s": Decimal("0.25")})]  # fmt: skip
    yield row("units", units, figures("1.5", "250.0", "250.0", "250.0"))


def weights():
    weighed = [took(10, count=899), took(20, count=100), took(30)]
    yield row("count", weighed, figures("10.0", "20.0", "20.0", "20.0") | {"latency_window.requests": 1000})
    counted = {"service": "s", "ts": NOW - 60, "good": 800, "total": 1000, "latency_ms": 25}
    yield row("good-and-total", [counted, took(50, count=999)],
              figures("25.0", "50.0", "50.0", "50.0") | {"latency_window.requests": 1999})  # fmt: skip
    yield row("big-counts", [took(1, count=4 * 10**9), took(2, count=4 * 10**9), took(3)],
              figures("2.0", "2.0", "2.0", "2.0") | {"latency_window.requests": 8 * 10**9 + 1})  # fmt: skip


def what_counts():
    seven = figures("7.0", "7.0", "7.0", "7.0")
    yield row("bad-too", [took(5), took(9, status=500)], figures("5.0", "9.0", "9.0", "9.0"))
    yield row("not-excluded", [took(7), took(9000, outcome="excluded"), took(8000, scope="out")], seven)
    yield row("not-outside-term", [took(7), took(9000, JUNE - HOUR)], seven,
              [sla({"o": "99%"}, term={"from": "2026-06-01"})])  # fmt: skip
    yield row("not-outside-hours", [took(7, epoch("2026-06-09T09:00:00Z")), took(9000, epoch("2026-06-09T21:00:00Z"))],
              seven, [sla({"o": "99%"}, hours=["Mon-Fri 08:00-20:00"])])  # fmt: skip
    yield row("of-the-customer", [took(7, customer="acme"), took(9000, customer="zed"), took(8000)], seven,
              [sla({"o": "99%"}, customer="acme")])  # fmt: skip
    yield row("repeated", [took(7, id="r1"), took(9, id="r2"), took(7, id="r1"), took(7, id="r1")],
              figures("7.0", "9.0", "9.0", "9.0"))  # fmt: skip
    slices = {"method": "timeslices", "target": "99%", "slice": "1m", "slice_target": "95%"}
    up = {"method": "uptime", "target": "99%"}
    yield row("only-occurrences", [took(7)], {"t/latency_ms": None, "u/latency_ms": None, "o/latency_ms.p50": "7.0"},
              [sla({"t": slices, "o": "99%", "u": up})])  # fmt: skip
    several = {"a": "99%", "fast": "99% < 5ms", "day": {"target": "99%", "over": "1d"}}
    yield row(
        "objectives-share",
        [took(7), took(3), took(9000, NOW - 2 * DAY)],
        figures("7.0", "9000.0", "9000.0", "9000.0", objective="a/")
        | figures("7.0", "9000.0", "9000.0", "9000.0", objective="fast/")
        | figures("3.0", "7.0", "7.0", "7.0", objective="day/")
        | {"a/counts.good": 3, "fast/counts.good": 1},
        [sla(several)],
    )
    standing = [took(7, **{"class": "standing"}), took(9000)]
    narrow = {"o": "99%", "few": {"target": "99%", "total": {"class": "standing"}}}
    yield row("of-the-narrowed-total", standing,
              figures("7.0", "7.0", "7.0", "7.0", objective="few/") | {"o/latency_ms.p90": "9000.0"},
              [sla(narrow)])  # fmt: skip
    yield row("each-customer", [took(1, customer="acme"), took(2, customer="zed"), took(3)],
              figures("1.0", "1.0", "1.0", "1.0", objective="o@acme/")
              | figures("2.0", "2.0", "2.0", "2.0", objective="o@zed/"),
              [sla({"o": "99%"}, customer="each")])  # fmt: skip


def windows():
    events = [took(1, JUNE - 1), took(2, JUNE), took(3, NOW - 1), took(4, NOW)]
    june = figures("2.0", "3.0", "3.0", "3.0") | {"latency_window.requests": 2}
    start = {"latency_window.start": "2026-06-01T00:00:00Z"}
    yield row("rolling", events, june | start, one("occurrences", "99%", "9d"))
    yield row("month", events, june | start, one("occurrences", "99%", "month"))
    yield row("span", events, june | start, span=("2026-06-01T00:00:00Z", "2026-06-10T00:00:00Z"))
    yield row("period", events, figures("3.0", "4.0", "4.0", "4.0") | start, period="2026-06")
    yield row("term", events, june | start, [sla({"o": {"target": "99%", "over": "term"}}, term={"from": "2026-06-01"})])
    # Of a rolling window over a day the first hour is taken whole; up to a day the percentiles are as exact as counts.
    early = [took(1, JUNE - 1), took(2, JUNE + 60), took(3, NOW)]
    yield row("hour-whole", early,
              figures("2.0", "3.0", "3.0", "3.0") | start | {"counts.good": 1, "latency_window.requests": 2},
              one("occurrences", "99%", "9d"), at=NOW + 30 * MINUTE)  # fmt: skip
    yield row("minute", [took(1, NOW - DAY + 29 * MINUTE), took(2, NOW - DAY + 30 * MINUTE)],
              figures("2.0", "2.0", "2.0", "2.0") | {"latency_window.start": "2026-06-09T00:30:00Z"},
              one("occurrences", "99%", "1d"), at=NOW + 30 * MINUTE + 59)  # fmt: skip
    late = [took(100, NOW - i * HOUR) for i in range(1, 600)]
    disorder = sorted(late, key=lambda event: event["ts"] * 7919 % 600)
    yield row("disorder", [*disorder, *(took(1, NOW - i * HOUR) for i in range(600, 1, -1))],
              figures("1.0", "100.0", "100.0", "100.0") | {"latency_window.requests": 1198})  # fmt: skip


def after_the_fact():
    slow = took(9000, NOW - 2 * HOUR, count=500)
    fast = took(7, NOW - 60, count=500)
    both = figures("7.0", "9000.0", "9000.0", "9000.0")
    seven = figures("7.0", "7.0", "7.0", "7.0")
    start, end = NOW - 3 * HOUR, NOW - HOUR
    span = {"service": "s", "start": start, "end": end, "reason": "customer", "author": "ann"}

    def exclusion(ts, said):
        return {"kind": "exclusion", "id": "x1", "ts": ts, "state": said, **span}

    yield row("exclusion", [slow, fast, exclusion(NOW - 50, "approved")], seven | {"counts.excluded": 500})
    yield row("exclusion-first", [exclusion(NOW - 50, "approved"), slow, fast], seven)
    taken_back = [exclusion(NOW - 50, "approved"), exclusion(NOW - 40, "withdrawn")]
    yield row("exclusion-taken-back", [slow, fast, *taken_back], both | {"counts.excluded": 0})
    incident = {"kind": "exclusion", "id": "x1", "ts": NOW - 50, "state": "approved", "incident": "i1",
                "reason": "force_majeure", "author": "ann"}  # fmt: skip
    yield row("exclusion-of-incident", [slow, fast, *outage("i1", start, end), incident], seven)
    outcome = {"kind": "outcome", "of": "r1", "ts": NOW - 30}
    slow_one, fast_one = took(9000, id="r1"), took(7, id="r2")
    yield row("outcome-excluded", [slow_one, fast_one, {**outcome, "outcome": "excluded"}], seven)
    yield row("outcome-bad", [slow_one, fast_one, {**outcome, "outcome": "bad"}], both | {"counts.bad": 1})
    was_excluded = took(9000, id="r1", outcome="excluded")
    yield row("outcome-good", [was_excluded, fast_one, {**outcome, "outcome": "good"}], both)
    for policy, expect in (("removed", seven), ("counts_as_good", both), ("ignored", both)):
        documents = [sla({"o": "99%"}, maintenance={"policy": policy})]
        yield row(f"maintenance-{policy}", [slow, fast, maintenance(start, end)], expect, documents)
        yield row(f"maintenance-first-{policy}", [maintenance(start, end), slow, fast], expect, documents)


ROWS = [*ranks(), *weights(), *what_counts(), *windows(), *after_the_fact()]
