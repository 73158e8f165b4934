"""The table: worked examples of shared/cases/CASES.md (same ids; a letter more where one example needs several runs),
and some that follow from SEMANTICS and CONTRACT, named after their section.

A row gives documents, events, the instant and what the report must say, each expectation by its path in the report.
`run_cases.py` puts rows through `nines evaluate`; `tests/oracle/test_oracle.py` puts the same rows through the oracle.
"""

import importlib
from decimal import Decimal
from pathlib import Path

from rows import (
    DAY, HOUR, JUNE, MINUTE, NOW, Row, batch, clock, epoch, maintenance, ns, one, opened, outage, pair, resolved, sla, state,
)  # fmt: skip


def error_budgets():
    for case, target, over, seconds in (
        ("E1", "99.9%", "30d", 2592),
        ("E2-28d", "99.9%", "28d", "2419.2"),
        ("E2-7d", "99.9%", "7d", "604.8"),
        ("E2-90d", "99.9%", "90d", 7776),
        ("E2c-4nines", "99.99%", "30d", "259.2"),
        ("E2c-5nines", "99.999%", "30d", "25.92"),
        ("E2c-5nines-7d", "99.999%", "7d", "6.048"),
        ("E2d-28d", "99%", "28d", 24192),
        ("E2d-30d", "99.5%", "30d", 12960),
    ):
        yield Row(
            case,
            one("uptime", target, over),
            at=NOW,
            expect={"budget.unit": "ns", "budget.total": ns(seconds), "budget.remaining_percent": "100.000000"},
        )
    for period, seconds in (("2026-02", "2419.2"), ("2028-02", "2505.6"), ("2026-04", 2592), ("2026-07", "2678.4")):
        yield Row(
            f"E3-{period}",
            one("uptime", "99.9%", "month"),
            period=period,
            expect={"budget.total": ns(seconds), "verdict": "met"},
        )
    undefined = {
        "budget.total": "0",
        "burn": None,
        "budget.consumed_percent": None,
        "budget.remaining_percent": None,
        "budget.remaining_percent_elapsed": None,
        "budget_lasts_s": None,
        "whole_budget_lasts_s": None,
    }
    yield Row(
        "E4-clean",
        one("occurrences", "100%"),
        [batch(NOW - 60, 1000)],
        at=NOW,
        expect={"verdict": "met", "alert": "none", "sli.percent": "100.000000", **undefined},
    )
    yield Row(
        "E4-one-bad",
        one("occurrences", "100%"),
        [batch(NOW - 60, 999999, 1)],
        at=NOW,
        expect={"verdict": "breached", "alert": "page", "sli.percent": "99.999900", **undefined},
    )
    yield Row(
        "E4-uptime",
        one("uptime", "100%"),
        outage("i", NOW - 100, NOW - 99),
        at=NOW,
        expect={"verdict": "breached", "alert": "page", **undefined},
    )
    yield Row(
        "E4-near-miss",
        one("occurrences", "99.9999999%"),
        [batch(NOW - 60, 1999999999, 1)],
        at=NOW,
        expect={"verdict": "met", "sli.percent": "99.999999", "target": "99.9999999", "budget.total": "2"},
    )


def occurrences():
    yield Row(
        "O1",
        one("occurrences", "99.9%"),
        [batch(NOW - 5 * DAY, 999300, 700)],
        at=NOW,
        expect={
            "window.kind": "rolling",
            "window.start": "2026-05-11T00:00:00Z",
            "window.end": "2026-06-10T00:00:00Z",
            "window.resolution_s": 60,
            "counts.good": 999300,
            "counts.bad": 700,
            "sli.numerator": "999300",
            "sli.denominator": "1000000",
            "sli.percent": "99.930000",
            "coverage_percent": "100.000000",
            "budget.unit": "requests",
            "budget.total": "1000",
            "budget.consumed_percent": "70.000000",
            "budget.remaining_percent": "30.000000",
            "budget.remaining_percent_elapsed": "30.000000",
            "verdict": "met",
        },
    )
    yield Row(
        "O2",
        one("occurrences", "99.9%"),
        [batch(NOW - 5 * DAY, 998750, 1250)],
        at=NOW,
        expect={
            "sli.percent": "99.875000",
            "budget.consumed_percent": "125.000000",
            "budget.remaining_percent": "-25.000000",
            "verdict": "breached",
        },
    )
    yield Row(
        "O2-nothing-left",
        one("occurrences", "99.9%"),
        [batch(NOW - 60, 998750, 1250)],
        at=NOW,
        expect={"budget_lasts_s": 0, "whole_budget_lasts_s": 2073600, "burn": "1.25"},
    )
    yield Row(
        "O3",
        one("occurrences", "99.9%"),
        [
            {"service": "s", "ts": NOW - 60, "status": 200, "count": 400, "scope": "out"},
            {"service": "s", "ts": NOW - 60, "status": 200, "count": 9588},
            {"service": "s", "ts": NOW - 60, "status": 503, "count": 12},
        ],
        at=NOW,
        expect={
            "counts.good": 9588,
            "counts.bad": 12,
            "counts.out_of_scope": 400,
            "counts.excluded": 0,
            "sli.percent": "99.875000",
            "budget.total": "9.6",
        },
    )
    yield Row(
        "O4",
        one("occurrences", "99.9%"),
        at=NOW,
        expect={"verdict": "no_data", "sli": None, "counts.good": 0, "counts.bad": 0, "alert": "none"},
    )
    yield Row(
        "O4-empty-is-good",
        one("occurrences", "99.9%", no_data="empty_is_good"),
        at=NOW,
        expect={"verdict": "met", "sli.percent": "100.000000"},
    )
    yield Row(
        "O4-min-events",
        one("occurrences", "99%", min_events=100),
        [batch(NOW - 60, 99)],
        at=NOW,
        expect={"verdict": "no_data", "sli": None},
    )
    yield Row(
        "O4-min-events-reached",
        one("occurrences", "99%", min_events=100),
        [batch(NOW - 60, 100)],
        at=NOW,
        expect={"verdict": "met", "sli.percent": "100.000000"},
    )
    yield Row(
        "O6",
        one("occurrences", "99.9%"),
        [batch(NOW - 60, 100), {"service": "s", "ts": NOW - 60, "good": 150, "total": 100}],
        at=NOW,
        expect={"rejected": 1, "counts.good": 100, "sli.percent": "100.000000"},
    )
    first_second = [
        {"service": "s", "ts": NOW - DAY, "id": f"r{i}", "status": 200 if i >= 5 else 500} for i in range(1000)
    ]
    yield Row(
        "O7",
        one("occurrences", "99.9%"),
        first_second + [batch(NOW - HOUR, 998305, 695)] + first_second,
        at=NOW,
        expect={"counts.good": 999300, "counts.bad": 700, "sli.percent": "99.930000", "rejected": 0},
    )
    arrivals = [{"service": "s", "ts": NOW - DAY + i, "id": f"r{i}", "status": 200} for i in range(1000)]
    yield Row(
        "R2",
        one("occurrences", "99.9%"),
        arrivals + [arrivals[0], arrivals[500], arrivals[999]],
        at=NOW,
        expect={"sli.denominator": "1000"},
    )
    yield Row(
        "R2-id-of-another-service",
        [sla({"o": {"method": "occurrences", "target": "99%"}}, services=["s", "t"])],
        [{"service": name, "ts": NOW - 60, "id": "same", "status": 200} for name in ("s", "t", "s")],
        at=NOW,
        expect={"sli.denominator": "2"},
    )
    yield Row(
        "S3-outcome-wins",  # SEMANTICS section 3
        one("occurrences", "99%"),
        [
            {"service": "s", "ts": NOW - 60, "status": 500, "outcome": "good"},
            {"service": "s", "ts": NOW - 60, "status": 200, "outcome": "bad"},
            {"service": "s", "ts": NOW - 60, "status": 500, "outcome": "excluded"},
            {"service": "s", "ts": NOW - 60, "status": 499},
            {"service": "s", "ts": NOW - 60, "status": 500},
        ],
        at=NOW,
        expect={
            "counts.good": 2,
            "counts.bad": 2,
            "counts.excluded": 1,
            "counts.excluded_by.sender": 1,
            "sli.percent": "50.000000",
        },
    )
    yield Row(
        "S3-latency",
        [sla({"o": "99% < 300ms", "p": {"method": "occurrences", "target": "99%", "good": {"latency": "<=300ms"}}})],
        [
            {"service": "s", "ts": NOW - 60, "status": 200, "latency_ms": Decimal("299.999")},
            {"service": "s", "ts": NOW - 60, "status": 200, "latency_ms": 300},
            {"service": "s", "ts": NOW - 60, "status": 200, "latency_us": 300001},
            {"service": "s", "ts": NOW - 60, "status": 500, "latency_s": Decimal("0.1")},
        ],
        at=NOW,
        expect={"o/counts.good": 1, "o/counts.bad": 3, "p/counts.good": 3, "p/counts.bad": 1},
    )
    mixed = [
        {"service": "s", "ts": NOW - 60, "status": 200, "count": 5, "customer": "acme"},
        {"service": "s", "ts": NOW - 60, "status": 200, "count": 7, "customer": "other"},
        {"service": "s", "ts": NOW - 60, "status": 200, "count": 11},
        {"service": "t", "ts": NOW - 60, "status": 200, "count": 13, "customer": "acme"},
    ]
    yield Row(
        "Matching-customer",
        [sla({"o": "99%"}, customer="acme")],
        mixed,
        at=NOW,
        expect={"counts.good": 5, "customer": "acme"},
    )
    yield Row("Matching-pooled", [sla({"o": "99%"})], mixed, at=NOW, expect={"counts.good": 23, "customer": None})
    edge = [batch(JUNE - 1, 1), batch(JUNE, 2), batch(NOW - 1, 4), batch(NOW, 8)]
    yield Row(
        "Windows-half-open",
        one("occurrences", "99%", "9d"),
        edge,
        at=NOW,
        expect={"counts.good": 6, "window.start": "2026-06-01T00:00:00Z"},
    )
    yield Row(
        "Windows-resolution-floor",  # the start goes down to the minute, and takes what happened since then
        one("occurrences", "99%", "9d"),
        [batch(JUNE - 1, 1), batch(JUNE, 2), batch(JUNE + 29, 4), batch(NOW, 8)],
        at=NOW + 30,
        expect={"counts.good": 14, "window.start": "2026-06-01T00:00:00Z", "window.end": "2026-06-10T00:00:30Z"},
    )
    yield Row(
        "Windows-default-at",  # the first whole second after the last event
        one("occurrences", "99%", "1h"),
        [batch(JUNE, 2), batch(JUNE + 10, 4)],
        expect={"at": "2026-06-01T00:00:11Z", "counts.good": 6, "window.resolution_s": 1},
    )


def methods():
    good = (2, 10, 12, 13, 13, 12, 13, 13, 12, 11)
    total = (4, 10, 12, 13, 14, 15, 14, 13, 12, 11)
    stream = [batch(JUNE + i * MINUTE, g, t - g) for i, (g, t) in enumerate(zip(good, total, strict=True))]
    at = JUNE + 10 * MINUTE
    yield Row(
        "M1",
        one("occurrences", "95%", "1h"),
        stream,
        at=at,
        expect={
            "sli.numerator": "111",
            "sli.denominator": "118",
            "sli.percent": "94.067797",
            "budget.consumed_percent": "118.644068",
        },
    )
    yield Row(
        "M2",
        one("timeslices", "95%", "1h", slice="1m", slice_target="95%"),
        stream,
        at=at,
        expect={
            "slices.good": 6,
            "slices.bad": 4,
            "slices.unknown": 0,
            "sli.percent": "60.000000",
            "budget.unit": "slices",
            "budget.consumed_percent": "800.000000",
            "coverage_percent": "100.000000",
        },
    )
    yield Row(
        "S1",
        one("timeslices", "99%", "1h", slice="1m", slice_target="95%"),
        [batch(JUNE, 95, 5), batch(JUNE + 60, 949999, 50001)],
        at=JUNE + 120,
        expect={"slices.good": 1, "slices.bad": 1},
    )
    slices = [batch(JUNE + i * 300, 1, 0) if i != 7 else batch(JUNE + i * 300, 0, 1) for i in range(144)]
    yield Row(
        "S2",
        one("timeslices", "99%", "12h", slice="5m", slice_target="95%"),
        slices,
        at=JUNE + 12 * HOUR,
        expect={"slices.good": 143, "slices.bad": 1, "sli.percent": "99.305556", "sli.denominator": "144"},
    )
    yield Row(
        "S2-running-slice",  # counts when it ends; until then the window ends on the slice edge before
        one("timeslices", "99%", "12h", slice="5m", slice_target="95%"),
        slices,
        at=JUNE + 12 * HOUR - 1,
        expect={
            "slices.good": 142,
            "slices.bad": 1,
            "window.start": "2026-05-31T23:55:00Z",
            "window.end": "2026-06-01T11:55:00Z",
        },
    )
    for case, good, bad, percent in (("S6", 10000, 80, "99.206349"), ("S6-small", 158, 10, "94.047619")):
        events = [batch(NOW - 60, good, bad)]
        yield Row(case, one("occurrences", "99%"), events, at=NOW, expect={"sli.percent": percent})
    week = NOW - 7 * DAY
    gap = week + 8080 * MINUTE
    yield Row(
        "S7",
        one("timeslices", "99%", "7d", slice="1m", slice_target="50%"),
        [batch(week + i * MINUTE, int(i >= 80), int(i < 80)) for i in range(8080)]
        + [state(week, "up"), state(gap, "unknown"), state(NOW, "up")],
        at=NOW,
        expect={
            "slices.good": 8000,
            "slices.bad": 80,
            "slices.unknown": 2000,
            "sli.percent": "99.009901",
            "coverage_percent": "80.158730",
            "verdict": "unknown",
        },
    )
    yield Row("S8", one("timeslices", "99%", "7d", slice="11m", slice_target="95%"), refused=True)
    yield Row("S8-month", one("timeslices", "99%", "month", slice="7m", slice_target="95%"), refused=True)


def burns():
    thresholds = {"30d": ("14.4", "6", "3", "1"), "28d": ("13.44", "5.6", "2.8", "0.933333333")}
    for over, values in thresholds.items():
        yield Row(
            "B1" if over == "30d" else "B1b",
            one("occurrences", "99.9%", over),
            [batch(NOW - 60, 10)],
            at=NOW,
            expect={f"alerts.{i}.threshold": value for i, value in enumerate(values)}
            | {
                "alerts.0.severity": "page",
                "alerts.0.long": "1h",
                "alerts.0.short": "5m",
                "alerts.1.severity": "page",
                "alerts.1.long": "6h",
                "alerts.1.short": "30m",
                "alerts.2.severity": "ticket",
                "alerts.2.long": "1d",
                "alerts.2.short": "2h",
                "alerts.3.severity": "ticket",
                "alerts.3.long": "3d",
                "alerts.3.short": "6h",
            },
        )
    for over, listed in (
        ("7d", (("10%", "1h", "16.8"), ("20%", "6h", "5.6"), ("40%", "1d", "2.8"))),
        ("90d", (("1%", "1h", "21.6"), ("3%", "6h", "10.8"), ("5%", "1d", "4.5"))),
    ):
        shares = [pair("page", long, "5m", share=share) for share, long, _ in listed]
        yield Row(
            f"B1c-{over}",
            one("occurrences", "99.9%", over, alerts=shares),
            [batch(NOW - 60, 10)],
            at=NOW,
            expect={f"alerts.{i}.threshold": value for i, (_, _, value) in enumerate(listed)},
        )
    # Calendar windows: a month counts as 30 d; quarter, year and term use those of 30 d; short windows derive theirs.
    for over, values in (
        ("month", ["14.4", "6", "3", "1"]),
        ("quarter", ["14.4", "6", "3", "1"]),
        ("year", ["14.4", "6", "3", "1"]),
        ("week", ["3.36", "1.4", "0.7", "0.233333333"]),
        ("day", ["0.48", "0.2"]),
    ):
        yield Row(
            f"B1-{over}",
            one("occurrences", "99.9%", over),
            [batch(NOW - 60, 10)],
            at=NOW,
            expect={"alerts.*.threshold": values},
        )
    for burn, bad, whole in ((Decimal("14.4"), 144, 180000), (6, 60, 432000), (10, 100, 259200), (1000, 10000, 2592)):
        yield Row(
            f"B2-{burn}",
            one("occurrences", "99.9%"),
            [batch(NOW - 2 * DAY, 10**9), batch(NOW - 60, 10000 - bad, bad)],
            at=NOW,
            expect={"burn": str(burn), "whole_budget_lasts_s": whole},
        )
    for target, burn in (("99.9%", "1000"), ("94%", "16.666666667"), ("90%", "10"), ("96%", "25")):
        yield Row(
            f"B3-{target}",
            one("occurrences", target, alerts=[pair("page", "1h", "5m", burn=1)]),
            [batch(NOW - 60, 0, 100)],
            at=NOW,
            expect={"burn": burn, "alerts.0.long_burn": burn, "alerts.0.firing": True},
        )
    for target, too_much in (("99.9%", "1000.1"), ("94%", "16.67"), ("90%", "10.1"), ("96%", "26")):
        yield Row(
            f"B3-{target}-refused",
            one("occurrences", target, alerts=[pair("page", "1h", "5m", burn=too_much)]),
            refused=True,
            oracle=False,
        )
    yield Row(
        "B3-lookback-refused",
        one("occurrences", "99%", "1d", alerts=[pair("page", "1d", "5m", burn=2)]),
        refused=True,
        oracle=False,
    )
    yield Row(
        "B3b",
        one("occurrences", "90%"),
        [batch(NOW - i * HOUR, 1000) for i in range(2, 721)] + [batch(NOW - HOUR, 0, 1000)],
        at=NOW,
        expect={
            "budget.consumed_percent": "1.388889",
            "alerts.*.threshold": ["6", "3", "1"],  # 14.4 can never be exceeded: left out
            "alerts.0.long": "6h",
        },
    )
    steady = [batch(JUNE + i, 85 if 0 <= i < 600 else 100, 15 if 0 <= i < 600 else 0) for i in range(-3600, 4000)]
    page = one("occurrences", "99.9%", alerts=[pair("page", "1h", "5m", burn="14.4")])
    for second, firing in (
        (28, False), (29, False), (345, False), (346, True), (347, True), (500, True), (600, True), (601, True),
        (870, True), (871, True), (872, False), (900, False), (1200, False), (3854, False),
    ):  # fmt: skip
        yield Row(
            f"B4-{second}",
            page,
            steady,
            at=JUNE + second,
            expect={"alerts.0.firing": firing, "alert": "page" if firing else "none"},
        )
    # The long window alone stays over for 54 m 14.4 s after the stop: 900 bad a minute leave it from second 3600 on.
    yield Row("B4-long-over", page, steady, at=JUNE + 3854, expect={"alerts.0.long_burn": "14.416666667"})
    yield Row("B4-long-back", page, steady, at=JUNE + 3855, expect={"alerts.0.long_burn": "14.375"})
    total_outage = [batch(JUNE + i, 0 if i >= 0 else 100, 100 if i >= 0 else 0) for i in range(-3600, 120)]
    for second, firing in ((5, False), (51, False), (52, True), (53, True)):
        yield Row(f"B5-{second}", page, total_outage, at=JUNE + second, expect={"alerts.0.firing": firing})
    down = [opened("i", JUNE)]
    page_uptime = one("uptime", "99.9%", alerts=[pair("page", "1h", "5m", burn="14.4")])
    for offset, firing in (("51.84", False), ("51.840000001", True)):
        yield Row(
            f"B5-uptime-{offset}",
            page_uptime,
            down,
            at=clock.text_of((JUNE * clock.NS) + int(Decimal(offset) * clock.NS)),
            expect={"alerts.0.firing": firing},
        )
    yield Row(
        "B6",
        one("occurrences", "99.9%"),
        [batch(NOW - i * HOUR, 10) for i in range(2, 721)] + [batch(NOW - HOUR, 9, 1)],
        at=NOW,
        expect={
            "burn": "100",
            "sli.denominator": "7200",
            "budget.total": "7.2",
            "budget.consumed_percent": "13.888889",
        },
    )
    yield Row(
        "B10",
        one("occurrences", "99.9%"),
        [batch(NOW - 2 * DAY, 89990, 10), batch(NOW - 60, 9940, 60)],
        at=NOW,
        expect={
            "burn": "6",
            "budget.remaining_percent": "30.000000",
            "whole_budget_lasts_s": 5 * DAY,
            "budget_lasts_s": 129600,
        },
    )
    yield Row(
        "B11",
        one("occurrences", "99.9%", alerts=[pair("page", "1h", "0s", burn=2)]),
        refused=True,
        oracle=False,
    )
    both = [pair("ticket", "1d", "2h", burn=2), pair("page", "1h", "5m", burn=2)]
    yield Row(
        "B13",
        one("occurrences", "99.9%", alerts=both),
        [batch(NOW - 60, 900, 100)],
        at=NOW,
        expect={"alerts.*.firing": [True, True], "alert": "page"},
    )
    # The gap (from `gap` on) takes coverage of the day under 90 % after 2.4 h: then the alert's level stands still.
    gap = NOW - 3 * HOUR
    crossing = gap + 8640
    frozen = one("occurrences", "99.9%", "1d", alerts=[pair("page", "1h", "5m", burn=2)])
    unseen = [state(NOW - 3 * DAY, "up"), state(gap, "unknown")]
    yield Row(
        "B14-keeps-firing",
        frozen,
        unseen + [batch(crossing - 30, 50, 50), batch(NOW - 60, 10**6)],
        at=NOW,
        expect={"alert": "page", "alerts.0.firing": True, "verdict": "unknown", "coverage_percent": "87.500000"},
    )
    yield Row(
        "B14-stays-quiet",
        frozen,
        unseen + [batch(crossing - 30, 10**6), batch(NOW - 60, 0, 10**6)],
        at=NOW,
        expect={"alert": "none", "alerts.0.firing": False, "verdict": "unknown"},
    )
    guarded = one("occurrences", "99%", alerts=[pair("page", "1h", "5m", burn=2)])
    yield Row(
        "Guard-holds",  # 9 bad of 2,000,000: under ten, and under 1 % of a budget of 20,000
        guarded,
        [batch(NOW - 2 * DAY, 1999891), batch(NOW - 60, 91, 9)],
        at=NOW,
        expect={"alerts.0.long_burn": "9", "alerts.0.firing": False},
    )
    yield Row(
        "Guard-ten-events",
        guarded,
        [batch(NOW - 2 * DAY, 1999900), batch(NOW - 60, 90, 10)],
        at=NOW,
        expect={"alerts.0.long_burn": "10", "alerts.0.firing": True},
    )
    yield Row(
        "Guard-one-percent",  # 9 bad are 1 % of a budget of 900
        guarded,
        [batch(NOW - 2 * DAY, 89900), batch(NOW - 60, 91, 9)],
        at=NOW,
        expect={"alerts.0.firing": True},
    )
    exactly = [batch(NOW - 60, 980, 20)]
    for compare, firing in ((">", False), (">=", True)):
        yield Row(
            f"Alert-compare-{compare}",
            one("occurrences", "99%", alert_compare=compare, alerts=[pair("page", "1h", "5m", burn=2)]),
            exactly,
            at=NOW,
            expect={"alerts.0.firing": firing, "burn": "2"},
        )
    yield Row(
        "Alert-none",
        one("occurrences", "99%", alerts="none"),
        exactly,
        at=NOW,
        expect={"alerts": [], "alert": "none", "burn": "2"},
    )


def long_lost():
    """Coverage that has been lost for most of a year of slices keeps the level of the hour before, and is found at once."""
    lost = NOW - 300 * DAY
    events = [state(NOW - 700 * DAY, "up"), batch(lost - 3 * MINUTE, 0, 100), state(lost, "unknown")]
    year = one("timeslices", "99%", "365d", slice="1m", slice_target="95%", alerts=[pair("page", "1h", "5m", burn=2)], alert_guard=False,
               coverage_floor="100%")  # fmt: skip
    for case, more, level in (("", [], "page"), ("-calm", [batch(lost - 2 * MINUTE - i * MINUTE, 100) for i in range(60)], "none")):
        yield Row(f"B14-lost-for-long{case}", year, events + more, at=NOW, expect={"verdict": "unknown", "alert": level}, oracle=False)


def incidents():
    ten = epoch("2026-06-09T10:00:00Z")
    day = one("uptime", "99%", "1d")
    yield Row(
        "I1",
        day,
        outage("i1", ten, ten + HOUR) + outage("i2", ten + 1800, ten + 2 * HOUR),
        at=NOW,
        expect={"time.bad_ns": ns(7200), "incidents.count": 2, "incidents.open": 0},
    )
    yield Row(
        "I2",
        day,
        outage("i1", ten, ten + HOUR) + outage("i2", ten + HOUR, ten + 2 * HOUR),
        at=NOW,
        expect={"time.bad_ns": ns(7200), "incidents.count": 2},
    )
    yield Row(
        "I3",
        one("uptime", "99%", "7d"),
        outage("i1", NOW - 8 * DAY, NOW),
        at=NOW,
        expect={"time.bad_ns": ns(7 * DAY), "time.good_ns": "0", "sli.percent": "0.000000", "verdict": "breached"},
    )
    yield Row(
        "I4",
        day,
        [event for name in ("i1", "i2", "i3") for event in outage(name, NOW - DAY, NOW)],
        at=NOW,
        expect={"time.bad_ns": ns(DAY), "sli.percent": "0.000000", "incidents.count": 3},
    )
    noon = epoch("2026-06-09T12:00:00Z")
    probes = [state(noon + i * 900, now) for i, now in enumerate(("up", "down", "down", "down", "up"))]
    yield Row("I6", day, probes, at=noon + HOUR, expect={"time.bad_ns": ns(2700), "incidents.count": 1})
    yield Row(
        "I7",
        day,
        [opened("i1", ten)],
        at=NOW,
        expect={"time.bad_ns": ns(14 * HOUR), "incidents.open": 1, "incidents.count": 1},
    )
    quiet = {"time.bad_ns": "0", "sli.percent": "100.000000", "incidents.count": 0, "incidents.potential_open": 1}
    yield Row("I8-potential", day, [opened("i1", ten, nature="potential")], at=NOW, expect=quiet)
    yield Row("I8-complaint", day, [opened("i1", ten, complaint=True)], at=NOW, expect=quiet)
    promotion = opened("i1", ten + 2 * HOUR, nature="actual", started_at=clock.text_of((ten - 600) * clock.NS))
    yield Row(
        "I8-promoted",
        day,
        [opened("i1", ten, nature="potential"), promotion, resolved("i1", ten + 3 * HOUR)],
        at=NOW,
        expect={"time.bad_ns": ns(3 * HOUR + 600), "incidents.count": 1, "incidents.potential_open": 0},
    )
    backwards = "end must be greater than start"
    yield Row("I9-negative", day, [opened("i1", ten)], span=(2000, 1000), fails=backwards)
    yield Row("I9-zero", day, [opened("i1", ten)], span=(1000, 1000), fails=backwards)
    late = [state(ten - HOUR, "up"), state(ten + 420, "up"), state(ten, "down")]
    yield Row("I10", day, late, at=ten + HOUR, expect={"time.bad_ns": ns(420)})
    yield Row(
        "I10-incident",
        day,
        [resolved("i1", ten + HOUR), opened("i1", ten)],
        at=NOW,
        expect={"time.bad_ns": ns(HOUR), "incidents.count": 1, "incidents.open": 0},
    )
    yield Row(
        "Incident-reopened",  # open after resolved is the same incident with another interval
        day,
        outage("i1", ten, ten + HOUR) + outage("i1", ten + 2 * HOUR, ten + 3 * HOUR),
        at=NOW,
        expect={"time.bad_ns": ns(2 * HOUR), "incidents.count": 1, "incidents.mttr_s": 2 * HOUR},
    )
    yield Row(
        "Incident-cancelled",
        day,
        outage("i1", ten, ten + HOUR)
        + [{"kind": "incident", "id": "i1", "service": "s", "state": "cancelled", "ts": ten + 2 * HOUR}],
        at=NOW,
        expect={"time.bad_ns": "0", "incidents.count": 0},
    )
    yield Row(
        "Incident-resolved-unknown",  # "resolved" of an unknown incident makes a closed one
        day,
        [resolved("i1", ten + HOUR, started_at=clock.text_of(ten * clock.NS))],
        at=NOW,
        expect={"time.bad_ns": ns(HOUR), "incidents.count": 1, "incidents.open": 0},
    )
    for severity, bad in (("critical", 0), ("major", HOUR), ("minor", HOUR), (None, HOUR)):
        keys = {"severity": severity} if severity else {}
        yield Row(
            f"Incident-severity-{severity or 'default'}",  # one without severity is major; objectives default to minor
            one("uptime", "99%", "1d", **keys),
            outage("i1", ten, ten + HOUR) + outage("i2", ten, ten + 2 * HOUR, severity="info"),
            at=NOW,
            expect={"time.bad_ns": ns(bad), "incidents.count": 1 if bad else 0},
        )
    yield Row(
        "Incident-customer",  # one customer's incident concerns that customer and the pooled agreements
        [
            sla({"mine": {"method": "uptime", "target": "99%", "over": "1d"}}, customer="acme"),
            sla({"theirs": {"method": "uptime", "target": "99%", "over": "1d"}}, customer="other") | {"agreement": "b"},
            sla({"pooled": {"method": "uptime", "target": "99%", "over": "1d"}}) | {"agreement": "c"},
        ],
        outage("i1", ten, ten + HOUR, customer="acme") + outage("i2", ten + HOUR, ten + 2 * HOUR),
        at=NOW,
        expect={
            "mine/time.bad_ns": ns(2 * HOUR),
            "theirs/time.bad_ns": ns(HOUR),
            "pooled/time.bad_ns": ns(2 * HOUR),
            "reports": 3,
        },
    )
    yield Row(
        "State-unknown-before-first",
        one("uptime", "99%", "1h"),
        [state(NOW - 1800, "up")],
        at=NOW,
        expect={
            "time.good_ns": ns(1800),
            "time.unknown_ns": ns(1800),
            "coverage_percent": "50.000000",
            "verdict": "unknown",
        },
    )
    yield Row(
        "State-previous-before-first",
        one("uptime", "99%", "1h"),
        [state(NOW - 1800, "up", previous="down")],
        at=NOW,
        expect={"time.good_ns": ns(1800), "time.bad_ns": ns(1800), "coverage_percent": "100.000000"},
    )
    yield Row(
        "State-known-before-window",
        one("uptime", "99%", "1h"),
        [state(NOW - DAY, "down"), state(NOW - 900, "up", previous="down")],
        at=NOW,
        expect={"time.good_ns": ns(900), "time.bad_ns": ns(2700), "incidents.count": 1},
    )
    yield Row(
        "State-reporter-was-away",  # previous: unknown makes the time since the event before unknown
        one("uptime", "99%", "1h"),
        [state(NOW - DAY, "up"), state(NOW - 2400, "down"), state(NOW - 600, "down", previous="unknown")],
        at=NOW,
        expect={"time.good_ns": ns(1200), "time.unknown_ns": ns(1800), "time.bad_ns": ns(600)},
    )
    yield Row(
        "V1",
        one("uptime", "99%", "1h"),
        [state(500, "up"), state(1500, "unknown"), state(1650, "up")],
        span=(1000, 2000),
        expect={"coverage_percent": "85.000000", "verdict": "unknown", "time.unknown_ns": ns(150)},
    )
    month = one("uptime", "99.9%")
    three = [(3, 30), (10, 60), (20, 90)]
    yield Row(
        "T1",
        month,
        [
            event
            for days, minutes in three
            for event in outage(f"i{days}", NOW - days * DAY, NOW - days * DAY + minutes * 60)
        ],
        at=NOW,
        expect={
            "sli.percent": "99.583333",
            "incidents.count": 3,
            "incidents.mttr_s": 3600,
            "incidents.mtbf_s": 860400,
            "incidents.mtbsi_s": 864000,
        },
    )
    yield Row(
        "T3",
        month,
        at=NOW,
        expect={"incidents.count": 0, "incidents.mttr_s": None, "incidents.mtbf_s": None, "incidents.mtbsi_s": None},
    )
    yield Row(
        "T4",
        day,
        outage("i1", ten, ten + HOUR) + outage("i2", ten + 1800, ten + 2 * HOUR),
        at=NOW,
        expect={"incidents.mttr_s": 4500, "time.bad_ns": ns(7200), "sli.percent": "91.666667"},
    )
    acknowledged = {"kind": "incident", "id": "i1", "service": "s", "state": "acknowledged", "ts": ten + 301}
    yield Row(
        "MTTA",
        day,
        outage("i1", ten, ten + HOUR) + [acknowledged, acknowledged | {"ts": ten + 900}],
        at=NOW,
        expect={"incidents.mtta_s": 301, "incidents.count": 1},
    )


def exclusions():
    week = NOW - 7 * DAY
    hour_down = outage("i1", NOW - HOUR, NOW)
    day_off = [maintenance(week + DAY, week + 2 * DAY)]
    three = {
        "maintenance.removed": "99.305556",
        "maintenance.counts_as_good": "99.404762",
        "maintenance.ignored": "99.404762",
    }
    for policy in ("removed", "counts_as_good", "ignored"):
        document = one("uptime", "99%", "7d")
        document[0]["maintenance"] = {"policy": policy}
        base = 6 if policy == "removed" else 7
        yield Row(
            f"X1-{policy}",
            document,
            hour_down + day_off,
            at=NOW,
            expect=three
            | {
                "sli.percent": three[f"maintenance.{policy}"],
                "sli.denominator": ns(base * DAY),
                "time.excluded_ns": ns((7 - base) * DAY),
                "time.bad_ns": ns(HOUR),
            },
        )
    windows = [maintenance(1100, 1300, "m1"), maintenance(1400, 1600, "m2")]
    vector = {
        "maintenance.removed": "83.333333",
        "maintenance.counts_as_good": "90.000000",
        "maintenance.ignored": "70.000000",
    }
    for policy in ("removed", "counts_as_good", "ignored"):
        document = one("uptime", "99%", "1h")
        document[0]["maintenance"] = {"policy": policy}
        yield Row(
            f"X2-{policy}",
            document,
            outage("i1", 1200, 1500) + windows,
            span=(1000, 2000),
            expect=vector | {"sli.percent": vector[f"maintenance.{policy}"]},
        )
    yield Row(
        "X3",
        one("uptime", "99%", "7d"),
        [maintenance(NOW - 10000, NOW - 5000, "m1"), maintenance(NOW - 8000, NOW - 3000, "m2")],
        at=NOW,
        expect={"time.excluded_ns": ns(7000)},
    )
    yield Row(
        "X3-document-and-event",
        one("uptime", "99%", "7d")
        + [
            {
                "maintenance": "m-2026-06",
                "services": ["s"],
                "start": clock.text_of((NOW - 10000) * clock.NS),
                "end": clock.text_of((NOW - 5000) * clock.NS),
            }
        ],
        [maintenance(NOW - 8000, NOW - 3000, "m2")],
        at=NOW,
        expect={"time.excluded_ns": ns(7000)},
    )
    yield Row(
        "X3-cancelled",
        one("uptime", "99%", "7d"),
        [
            maintenance(NOW - 10000, NOW - 5000, "m1"),
            maintenance(NOW - 10000, NOW - 5000, "m1", state="cancelled") | {"ts": NOW - 9000},
        ],
        at=NOW,
        expect={"time.excluded_ns": "0"},
    )
    # Half-open: the request at the end of the maintenance counts, the one at its start does not.
    edges = [batch(NOW - 2000, 0, 1), batch(NOW - 1001, 0, 2), batch(NOW - 1000, 0, 4), batch(NOW - 500, 93)]
    for policy, expect in (
        ("removed", {"counts.good": 93, "counts.bad": 4, "counts.excluded_by.maintenance": 3, "counts.excluded": 3}),
        ("counts_as_good", {"counts.good": 96, "counts.bad": 4, "counts.excluded": 0}),
        ("ignored", {"counts.good": 93, "counts.bad": 7, "counts.excluded": 0}),
    ):
        yield Row(
            f"X-requests-{policy}",
            [sla({"o": "99%"}, maintenance={"policy": policy})],
            [*edges, maintenance(NOW - 2000, NOW - 1000)],
            at=NOW,
            expect=expect
            | {
                "maintenance.removed": "95.876289",
                "maintenance.counts_as_good": "96.000000",
                "maintenance.ignored": "93.000000",
            },
        )


def calendar():
    for period, days, following in (
        ("2026-02", 28, "2026-03-01"),
        ("2028-02", 29, "2028-03-01"),
        ("2026-04", 30, "2026-05-01"),
        ("2026-07", 31, "2026-08-01"),
        ("2100-02", 28, "2100-03-01"),
    ):
        yield Row(
            f"D1-{period}",
            one("uptime", "99%", "month"),
            period=period,
            expect={
                "window.start": f"{period}-01T00:00:00Z",
                "window.end": f"{following}T00:00:00Z",
                "at": f"{following}T00:00:00Z",
                "time.good_ns": ns(days * DAY),
                "verdict": "met",
            },
        )
    for period, start, end in (
        ("2026", "2026-01-01", "2027-01-01"),
        ("2026-Q2", "2026-04-01", "2026-07-01"),
        ("2026-W23", "2026-06-01", "2026-06-08"),
        ("2026-W01", "2025-12-29", "2026-01-05"),
        ("2026-06-15", "2026-06-15", "2026-06-16"),
    ):
        yield Row(
            f"D-period-{period}",
            one("uptime", "99%"),
            period=period,
            expect={"window.start": f"{start}T00:00:00Z", "window.end": f"{end}T00:00:00Z"},
        )
    for over, start, end in (
        ("day", "2026-06-10", "2026-06-11"),
        ("week", "2026-06-08", "2026-06-15"),
        ("month", "2026-06-01", "2026-07-01"),
        ("quarter", "2026-04-01", "2026-07-01"),
        ("year", "2026-01-01", "2027-01-01"),
    ):
        yield Row(
            f"D2-{over}-utc",
            one("uptime", "99%", over),
            at=NOW + HOUR,
            expect={"window.kind": "calendar", "window.start": f"{start}T00:00:00Z", "window.end": f"{end}T00:00:00Z"},
        )
    yield Row(
        "D7",
        one("uptime", "99.9%", "month"),
        outage("i1", JUNE + 5 * DAY, JUNE + 5 * DAY + 1200),
        at=JUNE + 10 * DAY,
        expect={
            "sli.percent": "99.861111",
            "budget.total": ns(2592),
            "budget.remaining_percent": "53.703704",
            "budget.remaining_percent_elapsed": "-38.888889",
            "verdict": "behind",
        },
    )
    spent = outage("i1", JUNE + 5 * DAY, JUNE + 5 * DAY + 2592)
    yield Row(
        "D7-just-recoverable",
        one("uptime", "99.9%", "month"),
        spent,
        at=JUNE + 10 * DAY,
        expect={"verdict": "behind"},
    )
    yield Row(
        "D7-lost",
        one("uptime", "99.9%", "month"),
        outage("i1", JUNE + 5 * DAY, JUNE + 5 * DAY + 2593),
        at=JUNE + 10 * DAY,
        expect={"verdict": "breached"},
    )
    yield Row(
        "D7-exactly-met",  # exactly the target is met; nothing remains, so it is at risk
        one("uptime", "99.9%", "month"),
        spent,
        period="2026-06",
        expect={"verdict": "at_risk", "sli.percent": "99.900000", "budget.remaining_percent": "0.000000"},
    )
    boundary = [batch(epoch("2026-07-01"), 5), batch(epoch("2026-07-01") - 1, 3), batch(JUNE, 2)]
    yield Row("D10", one("occurrences", "99%", "month"), boundary, period="2026-06", expect={"counts.good": 5})
    yield Row(
        "D10-next",
        one("occurrences", "99%", "month"),
        boundary,
        at=epoch("2026-07-01") + 1,
        expect={"counts.good": 5, "window.start": "2026-07-01T00:00:00Z"},
    )
    yield Row("D9-minute-window", one("occurrences", "99%", "1m"), refused=True, oracle=False)
    yield Row("D9-short-window", one("occurrences", "99%", "59m"), refused=True, oracle=False)
    yield Row("D9-rolling-month", one("occurrences", "99%", "1M"), refused=True, oracle=False)
    middle = JUNE + 15 * DAY
    pre = [sla({"o": {"method": "uptime", "target": "99.9%", "over": "month"}}, term={"from": "2026-06-16"})]
    yield Row(
        "L1",
        pre,
        outage("i1", JUNE + 19 * DAY, JUNE + 19 * DAY + 1800),
        period="2026-06",
        expect={
            "budget.total": ns(1296),
            "sli.percent": "99.861111",
            "sli.denominator": ns(1296000),
            "verdict": "breached",
        },
    )
    ended = [
        sla(
            {"o": {"method": "uptime", "target": "99.9%", "over": "month"}},
            term={"from": "2026-01-01", "to": "2026-06-16"},
        )
    ]
    yield Row("L5", ended, outage("i1", middle - 600, middle + 600), period="2026-06", expect={"time.bad_ns": ns(600)})
    term = [sla({"o": "99%"}, term={"from": "2026-06-02", "to": "2026-06-09"})]
    yield Row(
        "L1-requests",
        term,
        [
            batch(JUNE + DAY - 1, 1),
            batch(JUNE + DAY, 2),
            batch(JUNE + 8 * DAY - 1, 4),
            batch(JUNE + 8 * DAY, 8),
        ],
        at=NOW,
        expect={"counts.good": 6, "counts.excluded": 9, "counts.excluded_by.term": 9},
    )
    yield Row(
        "Term-window",
        [sla({"o": {"method": "uptime", "target": "99%", "over": "term"}}, term={"from": "2026-06-01"})],
        outage("i1", JUNE + DAY, JUNE + DAY + 864),
        at=JUNE + 10 * DAY,
        expect={
            "window.kind": "term",
            "window.start": "2026-06-01T00:00:00Z",
            "sli.percent": "99.900000",
            "verdict": "met",
        },
    )


def numbers():
    yield Row(
        "N1",
        one("occurrences", "99.9%"),
        [batch(NOW - 60, 999, 1)],
        at=NOW,
        expect={"verdict": "at_risk", "budget.total": "1", "budget.remaining_percent": "0.000000", "burn": "1"},
    )
    yield Row("N2", one("uptime", "90%", "12h"), at=NOW, expect={"budget.total": ns(4320)})
    # One record holds at most 2^32 - 1 requests, hence several.
    big = [batch(NOW - 60, 3_960_000_000, 40_000_000) for _ in range(9)]
    yield Row(
        "N4",  # -2.5e-7 % remain, and nothing prints a negative zero
        one("occurrences", "99%"),
        [*big, batch(NOW - 60, 3_959_999_999, 40_000_001)],
        at=NOW,
        expect={"budget.remaining_percent": "0.000000", "sli.percent": "98.999999", "verdict": "breached"},
    )
    yield Row(
        "N4-never-100",  # one bad of many is truncated, not rounded up to 100
        one("occurrences", "50%"),
        [batch(NOW - 60, 3_999_999_999, 1)],
        at=NOW,
        expect={"sli.percent": "99.999999", "budget.remaining_percent": "99.999999"},
    )
    yield Row(
        "N4-half-even",  # 98.4375 % of 64, and 1/3
        one("occurrences", "50%"),
        [batch(NOW - 60, 2, 1)],
        at=NOW,
        expect={"sli.percent": "66.666667", "budget.consumed_percent": "66.666667"},
    )
    yield Row("N6", one("occurrences", "99.99999999%"), refused=True, oracle=False)
    yield Row("N6-over-100", one("occurrences", "100.1%"), refused=True, oracle=False)
    yield Row(
        "N6-percent-left-out",
        one("occurrences", "99.9"),
        [batch(NOW - 60, 1000)],
        at=NOW,
        expect={"target": "99.9", "budget.total": "1"},
    )


def coverage():
    """SEMANTICS section 8: what is unknown, for methods that count requests and for uptime."""
    steady = [batch(1000 + second, 1) for second in range(1000)]
    yield Row(
        "V1-requests",  # only a declared gap lowers the coverage of requests, not the time before the first state
        one("occurrences", "99%", "1h"),
        [*steady, state(1500, "unknown"), state(1650, "up")],
        span=(1000, 2000),
        expect={"coverage_percent": "85.000000", "verdict": "unknown", "counts.good": 1000},
    )
    yield Row(
        "V1-a-hair-below-the-floor",  # half-even would print the floor and contradict the verdict
        one("occurrences", "99%", "1h"),
        [*steady, state("1970-01-01T00:30:00Z", "unknown"), state("1970-01-01T00:31:40.000000001Z", "up")],
        span=(1000, 2000),
        expect={"coverage_percent": "89.999999", "verdict": "unknown"},
    )
    yield Row(
        "V1-up-is-no-gap",
        one("occurrences", "99%", "1h"),
        [*steady, state(1500, "up")],
        span=(1000, 2000),
        expect={"coverage_percent": "100.000000", "verdict": "met"},
    )
    yield Row(
        "V1-incident-in-gap",  # that an incident is open does not make anybody see the requests
        one("occurrences", "99%", "1h"),
        [*steady, state(900, "up"), state(1500, "unknown"), state(1650, "up"), *outage("i1", 1400, 1800)],
        span=(1000, 2000),
        expect={"coverage_percent": "85.000000", "incidents.count": 1},
    )
    yield Row(
        "V1-incident-is-known",  # but for uptime an incident is knowledge: bad, not unknown
        one("uptime", "99%", "1h"),
        [state(900, "up"), state(1500, "unknown"), state(1650, "up"), *outage("i1", 1600, 1800)],
        span=(1000, 2000),
        expect={"time.bad_ns": ns(200), "time.unknown_ns": ns(100), "coverage_percent": "90.000000"},
    )
    for policy, percent in (("removed", "80.000000"), ("counts_as_good", "90.000000"), ("ignored", "80.000000")):
        for method in ("uptime", "occurrences"):
            document = one(method, "99%", "1h")
            document[0]["maintenance"] = {"policy": policy}
            percent_here = "87.500000" if policy == "removed" else percent
            gap_from = 1400 if policy != "removed" else 1500
            yield Row(
                f"V1-maintenance-{policy}-{method}",
                document,
                # removed: 100 of 800 s; counts_as_good: half of the gap is granted; ignored: 200 of 1,000 s.
                [*steady, state(900, "up"), state(gap_from, "unknown"), state(1600, "up"), maintenance(1300, 1500)],
                span=(1000, 2000),
                expect={"coverage_percent": percent_here},
            )
    hours = one("timeslices", "99%", "6h", slice="1h", slice_target="95%", no_data="empty_is_good")
    yield Row(
        "Slices-in-maintenance",  # removed time leaves numerator and denominator, also where empty slices are good
        hours,
        [maintenance(NOW - 4 * HOUR, NOW - HOUR), batch(NOW - 5 * HOUR, 0, 1)],
        at=NOW,
        expect={"slices.good": 2, "slices.bad": 1, "slices.excluded": 3, "slices.unknown": 0},
    )


def whole_windows():
    """In a window that is over, consumed = (1 - SLI) / B: what is breached has less than nothing left."""
    good = (2, 10, 12, 13, 13, 12, 13, 13, 12, 11)
    total = (4, 10, 12, 13, 14, 15, 14, 13, 12, 11)
    yield Row(
        "Over-slices",  # M2 in a day of which only ten minutes had requests
        one("timeslices", "95%", "day", slice="1m", slice_target="95%"),
        [batch(JUNE + i * MINUTE, g, t - g) for i, (g, t) in enumerate(zip(good, total, strict=True))],
        period="2026-06-01",
        expect={
            "sli.percent": "60.000000",
            "verdict": "breached",
            "budget.consumed_percent": "800.000000",
            "budget.remaining_percent": "-700.000000",
            "budget.remaining_percent_elapsed": "-700.000000",
        },
    )
    yield Row(
        "Over-unknown",  # 84 s down of 80,000 s known
        one("uptime", "99.9%", "day"),
        [state(JUNE - 1, "up"), state(JUNE + 80000, "unknown"), state(JUNE + DAY, "up")]
        + outage("i1", JUNE, JUNE + 84),
        period="2026-06-01",
        expect={
            "sli.percent": "99.895000",
            "verdict": "breached",
            "budget.consumed_percent": "105.000000",
            "budget.remaining_percent": "-5.000000",
        },
    )
    endless = {"from": "2026-06-01"}
    yield Row(
        "Term-endless",  # from its start to now
        [sla({"o": {"method": "uptime", "target": "99%", "over": "term"}}, term=endless)],
        [state(JUNE, "unknown"), state(JUNE + DAY, "up")],
        at=JUNE + 20 * DAY,
        expect={
            "window.start": "2026-06-01T00:00:00Z",
            "window.end": "2026-06-21T00:00:00Z",
            "budget.total": ns(17280),
            "verdict": "met",
        },
    )
    yield Row(
        "Term-endless-slices",
        [
            sla(
                {"o": {"method": "timeslices", "target": "99%", "over": "term", "slice": "1d", "slice_target": "99%"}},
                term=endless,
            )
        ],
        [batch(JUNE, 1)],
        at=JUNE + 20 * DAY,
        expect={"window.end": "2026-06-21T00:00:00Z", "budget.total": "0.2"},
    )
    yield Row(
        "Term-slices-requests",  # requests before the term are counted as such, with slices as without
        [
            sla(
                {"o": {"method": "timeslices", "target": "99%", "over": "month", "slice": "1d", "slice_target": "99%"}},
                term=endless | {"from": "2026-06-05"},
            )
        ],
        [batch(JUNE, 3), batch(JUNE + 5 * DAY, 4)],
        at=NOW,
        expect={"counts.good": 4, "counts.excluded": 3, "counts.excluded_by.term": 3},
    )


def incident_figures():
    """SEMANTICS section 12, at the instant that is asked about."""
    ten = epoch("2026-06-09T10:00:00Z")
    day = one("uptime", "99%", "1d")
    yield Row(
        "MTTR-in-maintenance",  # downtime is not what maintenance took out: MTBSI = MTBF + MTTR
        day,
        [*outage("i1", ten, ten + 2 * HOUR), maintenance(ten, ten + HOUR)],
        at=NOW,
        expect={
            "time.bad_ns": ns(HOUR),
            "incidents.mttr_s": HOUR,
            "incidents.mtbf_s": 22 * HOUR,
            "incidents.mtbsi_s": 23 * HOUR,
        },
    )
    yield Row(
        "Open-at-the-instant",  # closed before it, opened again after it
        day,
        outage("i1", ten, ten + HOUR) + [opened("i1", NOW + HOUR)],
        at=NOW,
        expect={"incidents.count": 1, "incidents.open": 0},
    )
    yield Row(
        "Open-past-the-last-slice",  # the window ends on a slice edge; the outage was over at the instant itself
        one("timeslices", "99%", "1d", slice="1h", slice_target="99%"),
        [state(NOW - 2 * HOUR, "up"), state(NOW - HOUR, "down"), state(NOW + 600, "up")],
        at=NOW + 1200,
        expect={"incidents.count": 1, "incidents.open": 0},
    )
    yield Row(
        "Before-the-term",  # what happens before an agreement begins is none of its incidents
        [sla({"o": {"method": "uptime", "target": "99%", "over": "1d"}}, term={"from": "2026-06-11"})],
        [opened("i1", ten), opened("i2", ten, complaint=True)],
        at=NOW,
        expect={"incidents.count": 0, "incidents.open": 0, "incidents.potential_open": 0, "verdict": "no_data"},
    )
    late = {"kind": "incident", "id": "i1", "service": "s", "state": "acknowledged", "ts": NOW + 60}
    yield Row(
        "MTTA-not-yet",  # nobody has acknowledged it by then
        day,
        [opened("i1", NOW - HOUR), late],
        at=NOW,
        expect={"incidents.count": 1, "incidents.open": 1, "incidents.mtta_s": None},
    )
    yield Row(
        "Severity-of-requests",  # an objective's severity says which incidents count, whatever its method
        one("occurrences", "99%", "1d", severity="critical"),
        outage("i1", ten, ten + HOUR) + outage("i2", ten, ten + HOUR, severity="critical"),
        at=NOW,
        expect={"incidents.count": 1},
    )


def documents():
    """What the parser must refuse, with the place."""
    plain = "agreement: a\nprovider: p\nservices: [s]\nobjectives:\n  o: 99%\n"
    yield Row("Refused-unknown-key", [plain + "colour: red\n"], refused=True, oracle=False)
    yield Row("Refused-duplicate-key", [plain + "provider: q\n"], refused=True, oracle=False)
    yield Row("Refused-no-provider", [plain.replace("provider: p\n", "")], refused=True, oracle=False)
    yield Row("Refused-twice", [plain, plain], refused=True, oracle=False)
    yield Row("Refused-not-yaml", [plain + "objectives: [\n"], refused=True, oracle=False)


def all_rows():
    groups = (
        error_budgets, occurrences, methods, burns, long_lost, incidents, exclusions, calendar, numbers, coverage,
        whole_windows, incident_figures, documents,
    )  # fmt: skip
    rows = [row for group in groups for row in group()]
    for path in sorted(Path(__file__).parent.glob("rows_*.py")):  # one file a part of SEMANTICS
        rows += importlib.import_module(path.stem).ROWS
    names = [row.id for row in rows]
    assert len(set(names)) == len(names), "row ids must differ"
    for row in rows:
        if row.refused:
            row.at = NOW  # so that nothing but the documents can be at fault
    return rows


ROWS = all_rows()
