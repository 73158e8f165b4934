"""Zones, calendar windows in them, anchors and service hours: D2, D3, D6, D9, D10, H1, and what follows from SEMANTICS
sections 5 and 6."""

from rows import DAY, HOUR, Row, batch, epoch, ns, outage, sla, state


def uptime(over, target="99.9%", **keys):
    return {"o": {"method": "uptime", "target": target, "over": over, **keys}}


def windows():
    for name, zone, period, seconds in (
        ("D2-spring", "America/New_York", "2026-03-08", 82800),
        ("D2-autumn", "America/New_York", "2026-11-01", 90000),
        ("D2-utc", "UTC", "2026-03-08", 86400),
        ("D3", "Europe/Berlin", "2026-03", 2674800),
        ("D3-utc", "UTC", "2026-03", 2678400),
        ("D3-october", "Europe/Berlin", "2026-10", 2682000),
        ("D2-far-ahead", "Europe/Berlin", "2100-03-28", 82800),  # by the rule behind the last listed change
        ("D2-half-an-hour", "Australia/Lord_Howe", "2026-04-05", 88200),
        ("D2-midnight-that-is-not", "America/Sao_Paulo", "2017-10-15", 82800),
    ):
        over = "day" if len(period) == 10 else "month"
        yield Row(
            name,
            [sla(uptime(over), zone=zone)],
            period=period,
            expect={"time.good_ns": ns(seconds), "budget.total": str(seconds * 10**6)},
        )
    berlin = sla(uptime("day"), zone="Europe/Berlin")
    yield Row(
        "D10-zone",  # the day begins at 22:00 UTC in summer
        [berlin],
        outage("i1", "2026-06-09T21:59:00Z", "2026-06-09T22:01:00Z"),
        at="2026-06-10T12:00:00Z",
        expect={
            "window.start": "2026-06-09T22:00:00Z", "window.end": "2026-06-10T22:00:00Z", "time.bad_ns": ns(60)
        },
    )  # fmt: skip
    yield Row(
        "D2-midnight-twice",  # St John's went back from 00:01 to 23:01: that hour belongs to the new day
        [sla(uptime("day"), zone="America/St_Johns")],
        at="2005-10-30T03:00:00Z",
        expect={"window.start": "2005-10-30T02:30:00Z", "window.end": "2005-10-31T03:30:00Z"},
    )
    requests = sla({"o": {"target": "99%", "over": "day"}}, zone="America/New_York")
    yield Row(
        "D10-zone-requests",
        [requests],
        [batch("2026-06-10T03:59:59Z", 7), batch("2026-06-10T04:00:00Z", 5), batch("2026-06-11T03:59:59Z", 3)],
        period="2026-06-10",
        expect={"counts.good": 8, "at": "2026-06-11T04:00:00Z", "window.end": "2026-06-11T04:00:00Z"},
    )
    yield Row(
        "D10-zone-burn",  # a named period's burns and alerts are those at its own end: 15:00 UTC in Tokyo
        [sla({"o": {"target": "99%", "over": "day"}}, zone="Asia/Tokyo")],
        [batch("2026-06-10T14:30:00Z", 0, 20), batch("2026-06-10T15:00:00Z", 1000)],
        period="2026-06-10",
        expect={"at": "2026-06-10T15:00:00Z", "burn": "100", "alerts.*.long_burn": ["100", "100"]},
    )
    yield Row(
        "L1-term-in-zone",  # dates of the term are midnights of the zone
        [sla({"o": {"target": "99%", "over": "term"}}, zone="Asia/Tokyo", term={"from": "2026-06-10", "to": "2026-06-12"})],
        [batch("2026-06-09T14:59:59Z", 1), batch("2026-06-09T15:00:00Z", 2), batch("2026-06-11T15:00:00Z", 4)],
        at="2026-06-12T12:00:00Z",
        expect={"counts.good": 2, "window.start": "2026-06-09T15:00:00Z", "window.end": "2026-06-11T15:00:00Z"},
    )


D6 = ("2025-03-31", "2025-04-30", "2025-05-31", "2025-06-30", "2025-07-31", "2025-08-31", "2025-09-30", "2025-10-31",
      "2025-11-30", "2025-12-31", "2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30")  # fmt: skip


def anchors():
    anchored = sla(uptime({"every": "month", "anchor": "2025-03-31"}))
    for start, end in zip(D6, D6[1:], strict=False):
        for name, at in (("first", f"{start}T00:00:00Z"), ("last", epoch(f"{end}T00:00:00Z") - 1)):
            yield Row(
                f"D6-{start}-{name}",
                [anchored],
                at=at,
                expect={"window.start": f"{start}T00:00:00Z", "window.end": f"{end}T00:00:00Z"},
            )
    for name, every, anchor, at, start, end in (
        ("week", "week", "2026-06-03", "2026-06-10T12:00:00Z", "2026-06-10", "2026-06-17"),
        ("before", "month", "2026-06-15", "2026-01-01T00:00:00Z", "2025-12-15", "2026-01-15"),
        ("quarter", "quarter", "2025-11-30", "2026-03-01T00:00:00Z", "2026-02-28", "2026-05-30"),
        ("year", "year", "2024-02-29", "2026-02-28T00:00:00Z", "2026-02-28", "2027-02-28"),
    ):
        yield Row(
            f"D6-{name}",
            [sla(uptime({"every": every, "anchor": anchor}))],
            at=at,
            expect={"window.start": f"{start}T00:00:00Z", "window.end": f"{end}T00:00:00Z"},
        )


def service_hours():
    office = {"hours": ["Mon-Fri 08:00-20:00"]}
    friday, monday = epoch("2026-06-05T19:00:00Z"), epoch("2026-06-08T09:00:00Z")
    two_weeks = (epoch("2026-06-01T00:00:00Z"), epoch("2026-06-15T00:00:00Z"))
    for name, keys, seconds, percent in (("H1", office, 7200, "98.333333"), ("H1-always", {"hours": "always"}, 223200, "81.547619")):
        yield Row(
            name,
            [sla(uptime("14d", "99%"), **keys)],
            outage("i1", friday, monday),
            span=two_weeks,
            expect={"time.bad_ns": ns(seconds), "sli.percent": percent},
        )
    yield Row(
        "H1-rolling",
        [sla(uptime("14d", "99%"), **office)],
        outage("i1", friday, monday),
        at=two_weeks[1],
        expect={"time.bad_ns": ns(7200), "time.excluded_ns": ns(14 * DAY - 432000), "sli.percent": "98.333333"},
    )
    yield Row(
        "H1-month-to-come",  # the budget is that of the promised hours: 22 weekdays of 12 h in June 2026
        [sla(uptime("month", "99%"), **office)],
        at="2026-06-10T00:00:00Z",
        expect={"budget.total": ns(22 * 12 * 36)},
    )
    yield Row(
        "H1-requests",
        [sla({"o": {"target": "99%", "over": "7d"}}, **office)],
        [
            batch("2026-06-05T07:59:59.999999999Z", 1), batch("2026-06-05T08:00:00Z", 2),
            batch("2026-06-05T19:59:59Z", 4), batch("2026-06-05T20:00:00Z", 8), batch("2026-06-06T12:00:00Z", 16),
        ],
        at="2026-06-08T00:00:00Z",
        expect={"counts.good": 6, "counts.excluded_by.hours": 25},
    )  # fmt: skip
    yield Row(
        "H1-zone",  # 08:00 in New York is 12:00 UTC in summer
        [sla({"o": {"target": "99%", "over": "7d"}}, zone="America/New_York", **office)],
        [batch("2026-06-05T11:59:59Z", 1), batch("2026-06-05T12:00:00Z", 2), batch("2026-06-05T23:59:59Z", 4)],
        at="2026-06-08T00:00:00Z",
        expect={"counts.good": 6, "counts.excluded_by.hours": 1},
    )
    yield Row(
        "H1-over-midnight-and-clock-change",  # from 22:00 to 06:00 the night of 2026-03-29 has seven hours
        [sla(uptime("day"), zone="Europe/Berlin", hours=["Sat 22:00-06:00"])],
        period="2026-03-29",
        expect={"time.good_ns": ns(5 * HOUR)},
    )
    yield Row(
        "H1-slices",
        [sla({"o": {"method": "timeslices", "slice": "1h", "slice_target": "50%", "target": "99%", "over": "day"}}, **office)],
        [batch("2026-06-05T09:00:00Z", 0, 1), batch("2026-06-05T21:00:00Z", 0, 1), batch("2026-06-05T10:00:00Z", 1)],
        period="2026-06-05",
        expect={"slices.good": 1, "slices.bad": 1, "slices.excluded": 12},
    )
    yield Row(
        "H1-removed-maintenance-and-state",  # off hours nothing is unknown, and coverage does not suffer
        [sla(uptime("7d", "99%"), **office)],
        [state("2026-05-01T00:00:00Z", "up"), state("2026-06-06T00:00:00Z", "unknown"), state("2026-06-08T00:00:00Z", "up")],
        at="2026-06-08T00:00:00Z",
        expect={"coverage_percent": "100.000000", "time.unknown_ns": "0", "verdict": "met"},
    )


def allowances():
    """An allowance is one of the zone's months: in Berlin June begins at 22:00 UTC."""
    work = {
        "kind": "maintenance", "id": "m1", "service": "s", "ts": "2026-05-31T20:00:00Z", "start": "2026-05-31T20:00:00Z",
        "end": "2026-06-01T00:00:00Z",
    }  # fmt: skip
    for name, zone, excluded in (("utc", "UTC", 1), ("zone", "Europe/Berlin", 2)):
        yield Row(
            f"Allowance-{name}",
            [sla(uptime("30d"), zone=zone, maintenance={"allowance": "1h per month"})],
            [work],
            at="2026-06-10T00:00:00Z",
            expect={"time.excluded_ns": ns(excluded * HOUR)},
        )


def refusals():
    for name, keys in (
        ("zone", {"zone": "Europe/Atlantis"}),
        ("zone-path", {"zone": "../../etc/passwd"}),
        ("hours", {"hours": ["Mo-Fr 8-20"]}),
        ("hours-none", {"hours": []}),
        ("hours-clock", {"hours": ["Mon 08:00-25:00"]}),
    ):
        yield Row(f"Refused-{name}", [sla({"o": "99%"}, **keys)], refused=True, oracle=False)
    sliced = {"method": "timeslices", "slice_target": "50%", "target": "99%", "over": "day"}
    yield Row("Refused-slice-of-23-hours", [sla({"o": {**sliced, "slice": "2h"}}, zone="Europe/Berlin")], refused=True, oracle=False)
    yield Row("Refused-anchor", [sla(uptime({"every": "month", "anchor": "2025-02-30"}))], refused=True, oracle=False)


ROWS = [*windows(), *anchors(), *service_hours(), *allowances(), *refusals()]
