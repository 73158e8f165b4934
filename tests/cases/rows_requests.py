"""Which requests an objective counts (`total`), which of them are bad (`bad`), and periods of several units that begin
at a time of day: what OpenSLO files need, in words of our own."""

from rows import HOUR, Row, batch, one, sla

AT = "2026-06-10T12:00:00Z"


def request(**more):
    return {"service": "s", "ts": "2026-06-10T11:00:00Z", **more}


MIXED = [
    request(status=200, customer="acme"),
    request(status=500, customer="acme"),
    request(status=200, customer="acme", **{"class": "standing"}),
    request(status=200, customer="bolt"),
    request(status=500, customer="bolt", **{"class": "standing"}),
    request(status=500, **{"class": "adhoc"}),
]


def totals():
    for name, total, good, bad in (
        ("all", None, 3, 3),
        ("class-adhoc", {"class": "adhoc"}, 2, 2),  # also those that do not say
        ("class-standing", {"class": "standing"}, 1, 1),
        ("customer", {"customer": "acme"}, 2, 1),
        ("customer-and-class", {"customer": "acme", "class": "adhoc"}, 1, 1),
        ("customer-never-heard-of", {"customer": "nobody"}, 0, 0),
    ):
        keys = {} if total is None else {"total": total}
        yield Row(
            f"TOTAL-{name}",
            one("occurrences", "50%", **keys),
            MIXED,
            at=AT,
            expect={"counts.good": good, "counts.bad": bad, "counts.out_of_scope": 0, "counts.excluded": 0},
        )
    yield Row(
        "TOTAL-beside-the-whole",  # each objective by itself
        [sla({"all": {"target": "50%"}, "standing": {"target": "50%", "total": {"class": "standing"}}})],
        MIXED,
        at=AT,
        expect={"all/counts.good": 3, "all/counts.bad": 3, "standing/counts.good": 1, "standing/counts.bad": 1},
    )
    yield Row(
        "TOTAL-maintenance-after-the-fact",  # what does not count is not excluded either
        one("occurrences", "50%", total={"customer": "acme"}),
        [*MIXED, {"kind": "maintenance", "id": "m", "service": "s", "start": "2026-06-10T10:30:00Z",
                  "end": "2026-06-10T11:30:00Z", "ts": "2026-06-10T11:45:00Z"}],
        at=AT,
        expect={"counts.good": 0, "counts.bad": 0, "counts.excluded": 3, "verdict": "no_data"},
    )  # fmt: skip
    yield Row(
        "TOTAL-outcome-after-the-fact",
        one("occurrences", "50%", total={"customer": "acme"}),
        [request(id="r1", customer="acme", status=200), request(id="r2", customer="bolt", status=200),
         {"kind": "outcome", "of": "r1", "outcome": "bad", "ts": "2026-06-10T11:30:00Z"},
         {"kind": "outcome", "of": "r2", "outcome": "bad", "ts": "2026-06-10T11:30:00Z"}],
        at=AT,
        expect={"counts.good": 0, "counts.bad": 1},
    )  # fmt: skip
    yield Row(
        "TOTAL-slices",
        one("timeslices", "50%", over="1d", slice="1h", slice_target="100%", total={"class": "standing"}),
        [request(status=500), request(status=200, **{"class": "standing"}),
         {**request(status=500, **{"class": "standing"}), "ts": "2026-06-10T09:00:00Z"}],
        at=AT,
        expect={"slices.good": 1, "slices.bad": 1},
    )  # fmt: skip
    yield Row("TOTAL-empty", one("occurrences", "50%", total={}), refused=True)
    yield Row("TOTAL-class", one("occurrences", "50%", total={"class": "robot"}), refused=True)
    yield Row("TOTAL-uptime", one("uptime", "50%", total={"class": "adhoc"}), refused=True)
    yield Row(
        "TOTAL-two-customers",
        [sla({"o": {"target": "50%", "total": {"customer": "bolt"}}}, customer="acme")],
        refused=True,
    )


def bads():
    for name, rule, events, good, bad in (
        ("status", {"status": "500-599"}, [request(status=499), request(status=500), request()], 2, 1),
        ("status-from", {"status": ">=500,429"}, [request(status=s) for s in (428, 429, 430, 500, 599)], 2, 3),
        ("status-above", {"status": ">499"}, [request(status=s) for s in (499, 500)], 1, 1),
        ("outcome-wins", {"status": "404"}, [request(status=404, outcome="good"), request(status=200, outcome="bad")], 1, 1),
        ("latency", {"latency": ">300ms"}, [request(latency_ms=m) for m in (300, 300.001, 299)] + [request()], 3, 1),
        ("latency-at-least", {"latency": ">=300ms"}, [request(latency_ms=m) for m in (300, 299)], 1, 1),
        ("latency-and-failure", {"latency": ">300ms"}, [request(latency_ms=1, outcome="bad"), request(status=503)], 1, 1),
        ("both", {"status": ">=500", "latency": ">1s"},
         [request(status=500, latency_ms=1001), request(status=500, latency_ms=1), request(status=200, latency_ms=1001)], 2, 1),
        ("outcome", {"outcome": "bad"}, [request(status=500), request(outcome="bad"), request(outcome="good")], 2, 1),
        ("counts", {"status": ">=500"}, [request(good=7, total=10)], 7, 3),
        ("counts-slow", {"latency": ">1s"}, [request(good=7, total=10, latency_ms=2000)], 0, 10),
        ("counts-slow-failures", {"status": ">=500", "latency": ">1s"},
         [request(good=7, total=10, latency_ms=2000), request(good=7, total=10)], 17, 3),
    ):  # fmt: skip
        yield Row(
            f"BAD-{name}",
            one("occurrences", "50%", bad=rule),
            events,
            at=AT,
            expect={"counts.good": good, "counts.bad": bad},
        )
    yield Row(
        "BAD-and-good", one("occurrences", "50%", bad={"status": "500"}, good={"status": "200"}), refused=True, oracle=False
    )
    yield Row("BAD-upper-limit", one("occurrences", "50%", bad={"latency": "<300ms"}), refused=True)


def periods():
    for name, zone, every, anchor, at, start, end in (
        ("2w", "UTC", "2w", "2026-01-05T12:30:00", "2026-06-10T12:00:00Z", "2026-06-08T12:30:00Z", "2026-06-22T12:30:00Z"),
        ("2w-edge", "UTC", "2w", "2026-01-05T12:30:00", "2026-06-08T12:30:00Z", "2026-06-08T12:30:00Z", "2026-06-22T12:30:00Z"),
        ("2w-before", "UTC", "2w", "2026-01-05T12:30:00", "2026-06-08T12:29:59Z", "2026-05-25T12:30:00Z", "2026-06-08T12:30:00Z"),
        ("10d-before-its-anchor", "UTC", "10d", "2026-06-15", "2026-06-10T12:00:00Z", "2026-06-05T00:00:00Z", "2026-06-15T00:00:00Z"),
        ("2M-clamped", "UTC", "2M", "2025-12-31 06:00:00", "2026-03-01T00:00:00Z", "2026-02-28T06:00:00Z", "2026-04-30T06:00:00Z"),
        ("1Q", "UTC", "1Q", "2026-02-01", "2026-06-10T12:00:00Z", "2026-05-01T00:00:00Z", "2026-08-01T00:00:00Z"),
        ("1Y-leap", "UTC", "1Y", "2024-02-29", "2026-06-10T12:00:00Z", "2026-02-28T00:00:00Z", "2027-02-28T00:00:00Z"),
        ("1d-in-zone", "America/New_York", "1d", "2026-01-01T12:30:00", "2026-06-10T12:00:00Z", "2026-06-09T16:30:00Z",
         "2026-06-10T16:30:00Z"),
        ("1d-of-23-hours", "America/New_York", "1d", "2026-01-01T12:30:00", "2026-03-08T12:00:00Z", "2026-03-07T17:30:00Z",
         "2026-03-08T16:30:00Z"),
        # 02:30 does not come on March 8th: the day begins as late after the change.
        ("1d-skipped-start", "America/New_York", "1d", "2026-01-01T02:30:00", "2026-03-08T07:10:00Z", "2026-03-07T07:30:00Z",
         "2026-03-08T07:30:00Z"),
        ("1d-after-skipped-start", "America/New_York", "1d", "2026-01-01T02:30:00", "2026-03-08T07:30:00Z",
         "2026-03-08T07:30:00Z", "2026-03-09T06:30:00Z"),
        # 01:30 comes twice on November 1st: the day begins the first time.
        ("1d-start-twice", "America/New_York", "1d", "2026-01-01T01:30:00", "2026-11-01T06:10:00Z", "2026-11-01T05:30:00Z",
         "2026-11-02T06:30:00Z"),
    ):  # fmt: skip
        yield Row(
            f"PERIOD-{name}",
            [sla({"o": {"target": "99%", "over": {"every": every, "anchor": anchor}}}, zone=zone)],
            [batch(start, 5), batch(end, 7)],
            at=at,
            expect={"window.start": start, "window.end": end, "counts.good": 5 if at > start else 0},
        )
    yield Row(
        "PERIOD-slices",  # they begin where the period does
        [sla({"o": {"method": "timeslices", "slice": "1h", "slice_target": "100%", "target": "50%",
                    "over": {"every": "2d", "anchor": "2026-06-01T12:30:00"}}})],
        [batch("2026-06-09T12:29:59Z", 0, 1), batch("2026-06-09T12:30:00Z", 1), batch("2026-06-09T13:29:59Z", 0, 1),
         batch("2026-06-09T13:30:00Z", 1)],
        at="2026-06-10T12:00:00Z",
        expect={"slices.good": 1, "slices.bad": 1, "window.start": "2026-06-09T12:30:00Z", "over": "2d",
                "budget.total": "24"},
    )  # fmt: skip
    for name, every in (("m-is-minutes", "1m"), ("zero", "0d"), ("beyond", "4000d"), ("word", "fortnight")):
        yield Row(
            f"PERIOD-{name}",
            [sla({"o": {"target": "99%", "over": {"every": every, "anchor": "2026-01-05"}}})],
            refused=True,
        )
    yield Row(
        "PERIOD-slices-that-do-not-divide",
        [sla({"o": {"method": "timeslices", "slice": f"{7 * HOUR}s", "slice_target": "9%", "target": "9%",
                    "over": {"every": "3d", "anchor": "2026-01-05"}}})],
        refused=True,
    )  # fmt: skip


ROWS = [*totals(), *bads(), *periods()]
