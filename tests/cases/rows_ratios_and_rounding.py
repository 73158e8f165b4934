"""Means of slices' ratios (M3), and what contracts make of an outage's minutes (K8, K8b, K9)."""

from rows import JUNE, MINUTE, NOW, Row, batch, maintenance, ns, one, opened, outage, sla

GOOD = (2, 10, 12, 13, 13, 12, 13, 13, 12, 11)
TOTAL = (4, 10, 12, 13, 14, 15, 14, 13, 12, 11)


def stream(start, step):
    return [
        {"service": "s", "ts": start + index * step + 1, "good": good, "total": total}
        for index, (good, total) in enumerate(zip(GOOD, TOTAL, strict=True))
    ]


def ratios():
    ten = {"slice": "6m", "over": "1h"}
    yield Row(
        "M3",
        one("ratio_timeslices", "95%", **ten),
        stream(NOW - 3600, 360),
        at=NOW,
        expect={
            "sli.percent": "91.571429",
            "budget.unit": "slices",
            "budget.total": "0.5",
            "budget.consumed_percent": "168.571429",
            "budget.remaining_percent": "-68.571429",
            "verdict": "breached",
            "counts.good": 111,
            "counts.bad": 7,
            "slices.good": 6,
            "slices.bad": 4,
        },
    )
    yield Row(
        "M3-empty-left-out",
        one("ratio_timeslices", "50%", **ten),
        [batch(NOW - 3600, 1, 1), batch(NOW - 1, 3, 1)],
        at=NOW,
        expect={"sli.percent": "62.500000", "verdict": "met"},
    )
    yield Row(
        "M3-empty-is-good",
        one("ratio_timeslices", "90%", no_data="empty_is_good", **ten),
        [batch(NOW - 3600, 1, 1), batch(NOW - 1, 3, 1)],
        at=NOW,
        expect={"sli.percent": "92.500000"},
    )
    yield Row(
        "M3-thirds",  # each ratio is rounded once, the mean once more, and the verdict goes by that: never up to the target
        one("ratio_timeslices", "66.6666667%", **ten),
        [batch(NOW - 3600 + 360 * index, 2, 1) for index in range(10)],
        at=NOW,
        expect={"sli.percent": "66.666666", "verdict": "breached"},
    )
    yield Row(
        "M3-running-day",  # six slices of 24 are over: what is to come counts as good
        one("ratio_timeslices", "90%", over="day", slice="1h"),
        [batch(NOW + 3600 * index, 1, 1) for index in range(2)] + [batch(NOW + 3600 * index, 1) for index in range(2, 6)],
        at=NOW + 6 * 3600,
        expect={
            "sli.percent": "83.333333",
            "budget.total": "2.4",
            "budget.consumed_percent": "41.666667",
            "budget.remaining_percent_elapsed": "-66.666667",
            "verdict": "behind",
        },
    )
    yield Row(
        "M3-cannot-recover",
        one("ratio_timeslices", "90%", over="day", slice="1h"),
        [batch(NOW + 3600 * index, 0, 1) for index in range(6)],
        at=NOW + 6 * 3600,
        expect={"sli.percent": "0.000000", "verdict": "breached"},
    )
    yield Row("M3-no-data", one("ratio_timeslices", "90%", **ten), at=NOW, expect={"verdict": "no_data", "sli": None})
    yield Row("M3-slice-target", one("ratio_timeslices", "90%", slice_target="90%", **ten), refused=True, oracle=False)


K9 = (
    ("full_minutes_aligned", (60, 0, 0, 60)),
    ("full_minutes_elapsed", (60, 0, 60, 60)),
    ("minutes_touched", (120, 120, 120, 120)),
    ("exact", (90, 59, 75, 90)),
)
OUTAGES = ((30, 120), (30, 89), (30, 105), (0, 90))


def rounding():
    for word, counted in K9:
        for (start, end), seconds in zip(OUTAGES, counted, strict=True):
            yield Row(
                f"K9-{word}-{start}-{end}",
                one("uptime", "99%", "1h", rounding=word),
                outage("i1", NOW - 1800 + start, NOW - 1800 + end),
                at=NOW,
                expect={"time.bad_ns": ns(seconds), "time.good_ns": ns(3600 - seconds)},
            )
    yield Row(
        "K9-open",  # an open outage has its whole minutes up to now
        one("uptime", "99%", "1h", rounding="full_minutes_elapsed"),
        [opened("i1", NOW - 150)],
        at=NOW,
        expect={"time.bad_ns": ns(120)},
    )
    yield Row(
        "K9-touched-once",  # two outages in one minute touch one minute
        one("uptime", "99%", "1h", rounding="minutes_touched"),
        outage("i1", NOW - 115, NOW - 110) + outage("i2", NOW - 80, NOW - 70),
        at=NOW,
        expect={"time.bad_ns": ns(60)},
    )
    yield Row("K9-no-such", one("uptime", "99%", "1h", rounding="minutes"), refused=True, oracle=False)
    yield Row("K9-of-requests", one("occurrences", "99%", "1h", rounding="exact"), refused=True, oracle=False)


def run(name, start, minutes):
    return outage(name, start, start + minutes * MINUTE)


def runs():
    ten = {"method": "uptime", "target": "99.9%", "over": "month", "rounding": "full_minutes_aligned", "min_run": 10}
    for name, events, minutes in (
        ("9", run("i1", JUNE, 9), 0),
        ("10", run("i1", JUNE, 10), 10),
        ("25", run("i1", JUNE, 25), 25),
        ("6-gap-6", run("i1", JUNE, 6) + run("i2", JUNE + 7 * MINUTE, 6), 0),
        ("5-5", run("i1", JUNE, 5) + run("i2", JUNE + 5 * MINUTE, 5), 10),
        ("over-month-start", run("i1", JUNE - 5 * MINUTE, 11), 6),  # a run is whole, whatever cuts the window
    ):
        yield Row(
            f"K8-{name}", [sla({"o": ten})], events, period="2026-06", expect={"time.bad_ns": ns(minutes * MINUTE)}
        )
    # A minute of maintenance is excluded, hence not bad: what is left of the outage are two runs of seven.
    for policy, minutes in (("removed", 0), ("counts_as_good", 0), ("ignored", 15)):
        yield Row(
            f"K8-maintenance-{policy}",
            [sla({"o": ten}, maintenance={"policy": policy})],
            [*run("i1", JUNE, 15), maintenance(JUNE + 7 * MINUTE, JUNE + 8 * MINUTE)],
            period="2026-06",
            expect={"time.bad_ns": ns(minutes * MINUTE)},
        )
    yield Row(
        "K8-one-minute-rule",
        [sla({"o": {**ten, "min_run": 1}})],
        run("i1", JUNE, 6) + run("i2", JUNE + 7 * MINUTE, 6),
        period="2026-06",
        expect={"time.bad_ns": ns(12 * MINUTE)},
    )
    for minutes, percent in ((35, "99.918981"), (43, "99.900463"), (44, "99.898148")):
        yield Row(
            f"K8b-{minutes}", [sla({"o": ten})], run("i1", JUNE, minutes), period="2026-06", expect={"sli.percent": percent}
        )
    for keys, seconds in (({}, 60), ({"rounding": "exact"}, 90)):
        yield Row(
            f"K9-gcp-{seconds}",
            [sla({"o": {"method": "uptime", "target": "99%", "over": "1h", **keys}}, profile="gcp")],
            outage("i1", NOW - 1800, NOW - 1800 + 90),
            at=NOW,
            expect={"time.bad_ns": ns(seconds)},
            oracle=False,
        )


ROWS = [*ratios(), *rounding(), *runs()]
