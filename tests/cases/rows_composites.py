"""Composite objectives: C1, C2, C3, C5, C6, S4, and what follows from SEMANTICS sections 4 and 14."""

from rows import DAY, HOUR, JUNE, MINUTE, NOW, Row, batch, maintenance, ns, opened, outage, pair, sla, state


def composite(combine, members, target="90%", **keys):
    return {"method": "composite", "combine": combine, "members": members, "target": target, **keys}


def mean(members, target="90%", **keys):
    return composite("weighted_mean", members, target, **keys)


def error_sum(members, target="90%", **keys):
    return composite("weighted_error_sum", members, target, **keys)


def any_bad(members, target="90%", **keys):
    return composite("any_bad", members, target, **keys)


def ratios(**keys):
    return {"method": "ratio_timeslices", "slice": "1m", "target": "90%", **keys}


def slices(**keys):
    return {"method": "timeslices", "slice": "6m", "slice_target": "95%", "target": "90%", **keys}


def agreement(name, objectives, **keys):
    return {**sla(objectives, **keys), "agreement": name, "services": [name]}


def project(objectives, **keys):
    return {"project": "p", "objectives": objectives, **keys}


def own(path, index=0):
    return f"projects.0.objectives.{index}.{path}"


SLOT = 6 * MINUTE
START = NOW - HOUR

# m1 fails by latency, m2 by 404, m3 by 500: each by itself.
MONITORS = {
    "m1": slices(over="1h", good={"latency": "<100ms"}),
    "m2": slices(over="1h", good={"status": "200-299,500-599"}),
    "m3": slices(over="1h", good={"status": "<500"}),
}
BAD = {2: {"m3"}, 4: {"m1", "m3"}, 8: {"m2"}}


def request(slot, failing=frozenset()):
    status = 404 if "m2" in failing else 500 if "m3" in failing else 200
    latency = 500 if "m1" in failing else 10
    return {"service": "s", "ts": START + slot * SLOT + 30, "status": status, "latency_ms": latency}


TEN_SLOTS = [request(slot, BAD.get(slot, set())) for slot in range(10)]


def published():
    two = {"a": ratios(), "b": ratios(good={"latency": "<100ms"})}
    both_95 = [batch(NOW - HOUR, 95, 5, latency_ms=1)]
    yield Row(
        "C1",
        [sla({**two, "o": error_sum(["a", "b"])})],
        both_95,
        at=NOW,
        expect={
            "a/sli.percent": "95.000000",
            "b/sli.percent": "95.000000",
            "o/sli.percent": "90.000000",
            "o/sli.numerator": "900000000000000000",
            "o/sli.denominator": "1000000000000000000",
            "o/verdict": "at_risk",
            "o/method": "composite",
            "o/counts": None,
            "o/time": None,
            "o/slices": None,
            "o/budget.unit": "ratio",
            "o/budget.total": "0.1",
            "o/budget.consumed_percent": "100.000000",
            "o/budget.remaining_percent": "0.000000",
        },
        oracle=False,
    )
    for case, weights in (("list", [1, 0.5]), ("map", {"a": 1, "b": 0.5})):
        yield Row(
            f"C2-{case}",
            [sla({**two, "o": error_sum(["a", "b"], weights=weights)})],
            both_95,
            at=NOW,
            expect={"o/sli.percent": "92.500000"},
            oracle=False,
        )
    yield Row(
        "C3-S4",
        [sla({**MONITORS, "o": any_bad(["m1", "m2", "m3"], "69%", over="1h")})],
        TEN_SLOTS,
        at=NOW,
        expect={
            "m1/sli.percent": "90.000000",
            "m2/sli.percent": "90.000000",
            "m3/sli.percent": "80.000000",
            "o/sli.percent": "70.000000",
            "o/sli.numerator": "7",
            "o/sli.denominator": "10",
            "o/slices": {"good": 7, "bad": 3, "excluded": 0, "unknown": 0},
            "o/budget.unit": "slices",
            "o/budget.total": "3.1",
            "o/counts": None,
            "o/window.resolution_s": 360,
            "o/verdict": "at_risk",
        },
        oracle=False,
    )
    incidents = []
    for name, bad in (("a", [4]), ("b", [8]), ("c", [2, 4])):
        for slot in bad:
            start = START + slot * SLOT
            incidents += outage(f"{name}{slot}", start, start + SLOT, service=name)[:1]
            incidents += [{**outage(f"{name}{slot}", start, start + SLOT)[1], "service": name}]
    uptime = {"u": {"method": "uptime", "target": "90%", "over": "1h"}}
    yield Row(
        "S4-uptime-in-a-project",
        [project({"o": any_bad(["a/u", "b/u", "c/u"], "70%", over="1h")})]
        + [agreement(name, uptime, project="p") for name in "abc"],
        incidents,
        at=NOW,
        expect={
            "a:u/sli.percent": "90.000000",
            "b:u/sli.percent": "90.000000",
            "c:u/sli.percent": "80.000000",
            own("sli.percent"): "70.000000",
            own("time"): {"good_ns": ns(2520), "bad_ns": ns(1080), "excluded_ns": "0", "unknown_ns": "0"},
            own("verdict"): "at_risk",
            own("project"): "p",
            own("agreement"): None,
            own("objective"): "o",
            "projects.0.total": 3,
            "reports": 3,
        },
        oracle=False,
    )
    yield Row(
        "G1-own-objective-ambiguous",
        [project({"all": mean(["a"])}), agreement("a", {"o": "99.9%", "u": "99%"})],
        refused=True,
        oracle=False,
    )
    yield Row(
        "G1-own-objective",
        # Where an agreement has one objective its name alone will do.
        [
            project({"all": mean(["a", "b/o", "c"], "99.9%")}),
            *[agreement(name, {"o": "99.9%"}, project="p") for name in "abc"],
        ],
        [
            batch(NOW - HOUR, good, 10000 - good, service=name)
            for name, good in (("a", 9995), ("b", 9991), ("c", 9985))
        ],
        at=NOW,
        expect={
            "projects.0.met": 2,
            "projects.0.total": 3,
            "projects.0.verdict": "breached",
            "projects.0.worst.percent": "99.850000",
            own("sli.percent"): "99.903333",
            own("verdict"): "at_risk",
        },
        oracle=False,
    )
    for missing, percent in (("ignore", "99.720000"), ("bad", "62.325000"), ("good", "99.825000")):
        yield Row(
            f"C5-{missing}",
            [project({"o": mean(["a/o", "b/o", "c/o"], weights=[1, 4, 3], missing=missing)})]
            + [agreement(name, {"o": "99%"}) for name in "abc"],
            [batch(NOW - HOUR, 99, 1, service="a"), batch(NOW - HOUR, 999, 1, service="b")],
            at=NOW,
            expect={own("sli.percent"): percent},
            oracle=False,
        )
        yield Row(
            f"C5-{missing}-one-agreement",
            [
                sla(
                    {
                        "a": {"method": "occurrences", "target": "90%", "good": {"status": "<400"}},
                        "b": {"method": "occurrences", "target": "90%", "good": {"status": "<500"}},
                        "c": {"method": "occurrences", "target": "90%", "min_events": 1000000},
                        "o": mean(["a", "b", "c"], weights=[1, 4, 3], missing=missing),
                    }
                )
            ],
            [
                {"service": "s", "ts": NOW - HOUR, "status": 200, "count": 990},
                {"service": "s", "ts": NOW - HOUR, "status": 404, "count": 9},
                {"service": "s", "ts": NOW - HOUR, "status": 500, "count": 1},
            ],
            at=NOW,
            expect={"c/sli": None, "o/sli.percent": percent},
            oracle=False,
        )


def arithmetic():
    yield Row(
        "composite-mean-of-rounded-ratios",
        # 2/3 and 1/3 are rounded to 18 digits each before they are averaged; weights are exact decimals.
        [
            project({"o": mean(["a/o", "b/o"], "1%", weights=["0.1", "0.2"])}),
            agreement("a", {"o": "1%"}),
            agreement("b", {"o": "1%"}),
        ],
        [batch(NOW - HOUR, 2, 1, service="a"), batch(NOW - HOUR, 1, 2, service="b")],
        at=NOW,
        expect={own("sli.numerator"): "444444444444444444", own("sli.percent"): "44.444444"},
        oracle=False,
    )
    yield Row(
        "composite-error-sum-never-below-zero",
        [sla({"a": "50%", "b": "60%", "o": error_sum(["a", "b"], "50%", weights=[1, 1])})],
        [batch(NOW - HOUR, 1, 9)],
        at=NOW,
        expect={"o/sli.percent": "0.000000", "o/budget.consumed_percent": "200.000000", "o/verdict": "breached"},
        oracle=False,
    )
    yield Row(
        "composite-target-met-exactly",
        [
            project({"o": mean(["a/o", "b/o"], "97.5%")}),
            agreement("a", {"o": "90%"}),
            agreement("b", {"o": "90%"}),
        ],
        [batch(NOW - HOUR, 96, 4, service="a"), batch(NOW - HOUR, 99, 1, service="b")],
        at=NOW,
        expect={own("sli.percent"): "97.500000", own("verdict"): "at_risk", own("reason"): "less_than_a_tenth_of_the_budget_left"},
        oracle=False,
    )
    yield Row(
        "composite-own-window",
        # The member's own window is a month, the composite's is an hour.
        [sla({"a": {"method": "occurrences", "target": "90%", "over": "30d"}, "o": mean(["a"], "50%", over="1h")})],
        [batch(NOW - DAY, 900, 0), batch(NOW - MINUTE, 60, 40)],
        at=NOW,
        expect={"a/sli.percent": "96.000000", "o/sli.percent": "60.000000", "o/over": "1h"},
        oracle=False,
    )
    yield Row(
        "composite-own-target-of-members-does-not-count",
        [sla({"a": "99.9%", "b": {"method": "occurrences", "target": "10%"}, "o": mean(["a", "b"], "95%")})],
        [batch(NOW - HOUR, 99, 1)],
        at=NOW,
        expect={"a/verdict": "breached", "o/sli.percent": "99.000000", "o/budget.consumed_percent": "20.000000"},
        oracle=False,
    )
    yield Row(
        "composite-all-missing",
        [sla({"a": "99%", "o": mean(["a"]), "g": mean(["a"], no_data="empty_is_good")})],
        [batch(NOW - 60 * DAY, 1)],
        at=NOW,
        expect={"o/sli": None, "o/verdict": "no_data", "g/sli.percent": "100.000000", "g/verdict": "met"},
        oracle=False,
    )
    yield Row(
        "composite-all-missing-is-bad",
        [sla({"a": "99%", "o": mean(["a"], missing="bad"), "g": error_sum(["a"], missing="good")})],
        [batch(NOW - 60 * DAY, 1)],
        at=NOW,
        expect={
            "o/sli.percent": "0.000000",
            "o/verdict": "breached",
            "g/sli.percent": "100.000000",
            "g/verdict": "met",
        },
        oracle=False,
    )
    yield Row(
        "composite-target-100",
        [sla({"a": "99%", "o": mean(["a"], "100%")})],
        [batch(NOW - HOUR, 999999, 1)],
        at=NOW,
        expect={"o/sli.percent": "99.999900", "o/verdict": "breached", "o/burn": None, "o/alert": "page"},
        oracle=False,
    )
    yield Row(
        "composite-of-composites",
        [
            sla(
                {
                    "a": {"method": "occurrences", "target": "90%", "good": {"status": "<400"}},
                    "b": {"method": "occurrences", "target": "90%", "good": {"status": "<500"}},
                    "sum": error_sum(["a", "b"]),
                    "o": mean(["sum", "b"], weights=[1, 3]),
                }
            )
        ],
        [
            {"service": "s", "ts": NOW - HOUR, "status": 200, "count": 90},
            {"service": "s", "ts": NOW - HOUR, "status": 404, "count": 6},
            {"service": "s", "ts": NOW - HOUR, "status": 500, "count": 4},
        ],
        at=NOW,
        expect={"sum/sli.percent": "86.000000", "o/sli.percent": "93.500000"},
        oracle=False,
    )


def slices_and_time():
    ab = [agreement("a", {"o": slices()}), agreement("b", {"o": slices()})]
    good_a = [batch(START + slot * SLOT, 10, service="a") for slot in range(10)]
    some_b = [batch(START + slot * SLOT, 10, service="b") for slot in (0, 1, 2)]
    for missing, counts in (("ignore", (10, 0)), ("bad", (3, 7)), ("good", (10, 0))):
        yield Row(
            f"any-bad-slices-missing-{missing}",
            [project({"o": any_bad(["a/o", "b/o"], "10%", over="1h", missing=missing)}), *ab],
            [*good_a, *some_b],
            at=NOW,
            expect={own("slices.good"): counts[0], own("slices.bad"): counts[1]},
            oracle=False,
        )
    gap = [
        state(START, "up", service="a", previous="up"),
        state(START, "up", service="b", previous="up"),
        state(START + 6 * SLOT, "unknown", service="b"),
    ]
    yield Row(
        "any-bad-slices-unknown-for-all",
        [project({"o": any_bad(["a/o", "b/o"], over="1h")}), *ab],
        [*good_a[:6], *gap, state(START + 8 * SLOT, "unknown", service="a")],
        at=NOW,
        expect={
            # a is empty and not in a gap in two slices, in which b is unknown.
            own("slices"): {"good": 6, "bad": 0, "excluded": 0, "unknown": 4},
            own("coverage_percent"): "60.000000",
            own("verdict"): "unknown",
        },
        oracle=False,
    )
    yield Row(
        "any-bad-slices-maintenance-of-one",
        [project({"o": any_bad(["a/o", "b/o"], over="1h")}), *ab],
        [
            *good_a[:5],
            batch(START + 5 * SLOT, 0, 10, service="a"),
            *[batch(START + slot * SLOT, 0, 10, service="b") for slot in (5, 6, 7)],
            {**maintenance(START + 5 * SLOT, START + 7 * SLOT), "service": "b"},
        ],
        at=NOW,
        expect={
            own("slices"): {"good": 5, "bad": 2, "excluded": 1, "unknown": 0},
            own("maintenance.removed"): "71.428571",
            own("maintenance.counts_as_good"): "75.000000",
            own("maintenance.ignored"): "62.500000",
        },
        oracle=False,
    )
    up = {"method": "uptime", "target": "90%", "over": "1h"}
    two = [agreement("a", {"u": up}), agreement("b", {"u": up}, maintenance={"policy": "ignored"})]
    down = [
        {**event, "service": service}
        for service, start, end in (("a", 0, 600), ("b", 300, 900), ("b", 1800, 2100))
        for event in outage(f"{service}{start}", START + start, START + end)
    ]
    yield Row(
        "any-bad-time-union-and-maintenance",
        # a's maintenance is removed, b's is ignored: each member goes by its own agreement.
        [project({"o": any_bad(["a/u", "b/u"], over="1h")}), *two],
        [
            *down,
            {**maintenance(START, START + 60), "service": "a"},
            {**maintenance(START + 1800, START + 1860, "m2"), "service": "b"},
        ],
        at=NOW,
        expect={
            own("time"): {
                # From 0 to 60 a is excluded and b good.
                "good_ns": ns(3600 - 840 - 300),
                "bad_ns": ns(840 + 300),
                "excluded_ns": "0",
                "unknown_ns": "0",
            },
            own("maintenance.removed"): "70.000000",
            own("maintenance.counts_as_good"): "70.000000",
            own("maintenance.ignored"): "66.666667",
        },
        oracle=False,
    )
    hole = [
        state(START - 60, "up", service="b"),
        state(START + 600, "unknown", service="b"),
        state(START + 1200, "up", service="b"),
        *[{**event, "service": "a"} for event in outage("a", START + 900, START + 1500)],
    ]
    for missing, time, coverage in (
        ("ignore", (3000, 600, 0), "100.000000"),
        ("bad", (2700, 900, 0), "100.000000"),
        ("good", (3000, 600, 0), "100.000000"),
    ):
        yield Row(
            f"any-bad-time-missing-{missing}",
            [project({"o": any_bad(["a/u", "b/u"], "50%", over="1h", missing=missing)}), *two],
            hole,
            at=NOW,
            expect={
                own("time.good_ns"): ns(time[0]),
                own("time.bad_ns"): ns(time[1]),
                own("time.unknown_ns"): ns(time[2]),
                own("coverage_percent"): coverage,
            },
            oracle=False,
        )
    yield Row(
        "any-bad-time-unknown-for-all",
        [project({"o": any_bad(["a/u", "b/u"], "50%", over="1h")}), *two],
        [*hole, state(START - 60, "up", service="a"), state(START + 300, "unknown", service="a"),
         state(START + 1000, "up", service="a")],
        at=NOW,
        expect={
            own("time"): {
                "good_ns": ns(3600 - 600 - 300),
                "bad_ns": ns(600),
                "excluded_ns": "0",
                "unknown_ns": ns(300),
            },
            own("coverage_percent"): "91.666667",
        },
        oracle=False,
    )
    yield Row(
        "any-bad-time-severities-and-rounding",
        [
            sla(
                {
                    "major": {"method": "uptime", "target": "90%", "severity": "major"},
                    "minutes": {"method": "uptime", "target": "90%", "rounding": "full_minutes_aligned"},
                    "o": any_bad(["major", "minutes"], over="1h"),
                }
            )
        ],
        [
            *outage("minor", START + 30, START + 150, severity="minor"),
            *outage("major", START + 600, START + 690, severity="major"),
        ],
        at=NOW,
        expect={"o/time.bad_ns": ns(60 + 90), "o/incidents.count": 2},
        oracle=False,
    )
    yield Row(
        "any-bad-inside-a-mean",
        [
            sla(
                {
                    **MONITORS,
                    "any": any_bad(["m1", "m2"], over="1h"),
                    "o": mean(["any", "m3"], over="1h", weights=[3, 1]),
                }
            )
        ],
        TEN_SLOTS,
        at=NOW,
        expect={"any/sli.percent": "80.000000", "o/sli.percent": "80.000000"},
        oracle=False,
    )
    yield Row(
        "any-bad-inside-any-bad",
        [sla({**MONITORS, "any": any_bad(["m1", "m2"], over="1h"), "o": any_bad(["any", "m3"], over="1h")})],
        TEN_SLOTS,
        at=NOW,
        expect={"o/sli.percent": "70.000000"},
        oracle=False,
    )


def windows_and_alerts():
    june = {"over": "month"}
    yield Row(
        "composite-month-so-far",
        # 20 and 40 minutes of 10 days are down; of the whole month that is a third as much.
        [
            project({"o": mean(["a/u", "b/u"], "99.9%", **june)}),
            agreement("a", {"u": {"method": "uptime", "target": "99%"}}),
            agreement("b", {"u": {"method": "uptime", "target": "99%"}}),
        ],
        [
            {**event, "service": service}
            for service, minutes in (("a", 20), ("b", 40))
            for event in outage(service, JUNE + DAY, JUNE + DAY + minutes * MINUTE)
        ],
        at=JUNE + 10 * DAY,
        expect={
            own("sli.percent"): "99.791667",
            own("verdict"): "behind",
            own("budget.consumed_percent"): "69.444444",
            own("budget.remaining_percent"): "30.555556",
            own("budget.remaining_percent_elapsed"): "-108.333333",
        },
        oracle=False,
    )
    yield Row(
        "composite-month-cannot-recover",
        [
            project({"o": mean(["a/u", "b/o"], "99.9%", **june)}),
            agreement("a", {"u": {"method": "uptime", "target": "99%"}}),
            agreement("b", {"o": "99%"}),
        ],
        # Of a 90 minutes: half of that is 1.04 of the month's budget, even if b becomes perfect.
        [{**event, "service": "a"} for event in outage("a", JUNE + DAY, JUNE + DAY + 90 * MINUTE)]
        + [batch(JUNE + DAY, 1000, service="b")],
        at=JUNE + 10 * DAY,
        expect={own("verdict"): "breached", own("reason"): "cannot_recover_in_window"},
        oracle=False,
    )
    yield Row(
        "composite-month-requests-may-recover",
        [sla({"a": "99%", "o": mean(["a"], "99.9%", **june)})],
        [batch(JUNE + DAY, 500, 500)],
        at=JUNE + 10 * DAY,
        expect={"o/verdict": "behind"},
        oracle=False,
    )
    fast = {"alerts": [pair("page", "1h", "5m", burn="14.4")]}
    steady = [batch(NOW - 7200 + second, 100, service=name) for second in range(0, 7200, 60) for name in "ab"]
    for bad, target, burn, firing in ((60, "99.99%", "49.504950495", True), (50, "99.9%", "4.132231405", False)):
        # The error of the last hour is the mean of bad / (6,000 + bad) and 0.
        yield Row(
            f"composite-burn-{'over' if firing else 'under'}",
            [
                project({"o": mean(["a/o", "b/o"], target, **fast)}),
                agreement("a", {"o": "99%"}),
                agreement("b", {"o": "99%"}),
            ],
            [*steady, batch(NOW - 30, 0, bad, service="a")],
            at=NOW,
            expect={own("alerts.0.long_burn"): burn, own("alerts.0.firing"): firing},
            oracle=False,
        )
    yield Row(
        "composite-open-outage-pages",
        [
            sla(
                {
                    "u": {"method": "uptime", "target": "99%"},
                    "o": any_bad(["u"], "99.9%", over="30d", alerts=fast["alerts"]),
                    "w": mean(["u"], "99.9%", over="30d", alerts=fast["alerts"]),
                }
            )
        ],
        [opened("i", NOW - 60)],
        at=NOW,
        expect={
            "o/alerts.0.long_burn": "16.666666667",
            "o/alert": "page",
            "w/alerts.0.long_burn": "16.666666667",
            "w/alert": "page",
            "w/incidents.open": 1,
        },
        oracle=False,
    )
    yield Row(
        "composite-guard-by-events",
        # One bad of two requests burns fast, but nine bad ones are no news yet, and ten are.
        [
            sla(
                {
                    "a": "99%",
                    "o": mean(["a"], "99%", over="30d", alerts=fast["alerts"]),
                }
            )
        ],
        [batch(NOW - 10 * DAY, 1000000), batch(NOW - 60, 9, 9)],
        at=NOW,
        expect={"o/alerts.0.long_burn": "50", "o/alert": "none"},
        oracle=False,
    )
    yield Row(
        "composite-guard-ten-events-of-two-members",
        [
            project({"o": mean(["a/o", "b/o"], "99%", over="30d", **fast)}),
            agreement("a", {"o": "99%"}),
            agreement("b", {"o": "99%"}),
        ],
        [batch(NOW - 10 * DAY, 1000000, service=name) for name in "ab"]
        + [batch(NOW - 60, 5, 5, service=name) for name in "ab"],
        at=NOW,
        expect={own("alert"): "page"},
        oracle=False,
    )
    yield Row(
        "composite-coverage-of-the-least-covered",
        [
            project({"o": mean(["a/u", "b/u", "c/u"], "50%", over="1h")}),
            *[agreement(name, {"u": {"method": "uptime", "target": "90%"}}) for name in "abc"],
        ],
        [
            state(NOW - 2 * HOUR, "up", service="a"),
            state(NOW - 900, "unknown", service="a"),
            state(NOW - 2 * HOUR, "up", service="b"),
            state(NOW - 360, "unknown", service="b"),
            state(NOW - 2 * HOUR, "unknown", service="c"),  # without data: left out
        ],
        at=NOW,
        expect={
            own("coverage_percent"): "75.000000",
            own("verdict"): "unknown",
            own("sli.percent"): "100.000000",
        },
        oracle=False,
    )
    yield Row(
        "composite-named-period",
        [sla({"a": "99%", "o": mean(["a"], "90%")})],
        [batch(JUNE + DAY, 95, 5), batch(JUNE + 31 * DAY, 0, 100)],
        period="2026-06",
        expect={"o/sli.percent": "95.000000", "o/window.kind": "calendar", "o/verdict": "met"},
        oracle=False,
    )


def frozen():
    # b is bad from 40 to 30 minutes ago, a is unknown from 35 minutes ago: below the floor from 23 minutes ago, when
    # both lookbacks still held what was bad.
    alerts = {"alerts": [pair("page", "1h", "30m", burn="2")]}
    lost = [state(NOW - 3 * HOUR, "up", service="a"), state(NOW - 35 * MINUTE, "unknown", service="a")]
    outage_of_b = [
        {**event, "service": "b"} for event in outage("i", NOW - 40 * MINUTE, NOW - 30 * MINUTE)
    ]
    uptime = {"u": {"method": "uptime", "target": "90%"}}
    keys = {"over": "2h", **alerts}
    yield Row(
        "composite-freezes-time",
        [project({"o": mean(["a/u", "b/u"], "99%", **keys)}), *[agreement(name, uptime) for name in "ab"]],
        [*lost, *outage_of_b],
        at=NOW,
        expect={
            own("verdict"): "unknown",
            own("coverage_percent"): "70.833333",
            own("alerts.0.short_burn"): "0",
            own("alerts.0.firing"): True,
            own("alert"): "page",
        },
        oracle=False,
    )
    minutes = range(180)
    requests = [batch(NOW - minute * MINUTE - 30, 10, service="a") for minute in minutes] + [
        batch(NOW - minute * MINUTE - 30, 0 if 30 <= minute < 40 else 10, 10 if 30 <= minute < 40 else 0, service="b")
        for minute in minutes
    ]
    plain = {"o": "90%"}
    yield Row(
        "composite-freezes-requests",
        [project({"o": mean(["a/o", "b/o"], "99%", **keys)}), *[agreement(name, plain) for name in "ab"]],
        [*lost, *requests],
        at=NOW,
        expect={own("verdict"): "unknown", own("alerts.0.short_burn"): "0", own("alerts.0.firing"): True},
        oracle=False,
    )
    yield Row(
        "composite-freezes-in-peace",
        # The outage came when a was not covered any more.
        [project({"o": mean(["a/u", "b/u"], "99%", **keys)}), *[agreement(name, uptime) for name in "ab"]],
        [*lost, *[{**event, "service": "b"} for event in outage("i", NOW - 20 * MINUTE, NOW - 10 * MINUTE)]],
        at=NOW,
        expect={
            own("verdict"): "unknown",
            own("alerts.0.short_burn"): "33.333333333",
            own("alerts.0.firing"): False,
            own("alert"): "none",
        },
        oracle=False,
    )
    yield Row(
        "composite-freezes-united-time",
        [
            project({"o": any_bad(["a/u", "b/u"], "99%", missing="ignore", **keys)}),
            *[agreement(name, uptime) for name in "ab"],
        ],
        [*lost, state(NOW - 3 * HOUR, "up", service="b"), *outage_of_b, state(NOW - 29 * MINUTE, "unknown", service="b")],
        at=NOW,
        expect={own("verdict"): "unknown", own("alerts.0.short_burn"): "0", own("alerts.0.firing"): True},
        oracle=False,
    )
    yield Row(
        "composite-never-covered",
        [project({"o": mean(["a/u", "b/u"], "99%", **keys)}), *[agreement(name, uptime) for name in "ab"]],
        [
            state(NOW - HOUR, "unknown", service="a"),
            state(NOW - HOUR, "unknown", service="b"),
            *outage_of_b,
        ],
        at=NOW,
        expect={own("verdict"): "unknown", own("alert"): "none"},
        oracle=False,
    )
    yield Row(
        "composite-nothing-to-know-beside-unknown",
        # Nothing was ever known of b, and there is nothing to know of a since its term is over.
        [
            project({"o": mean(["a/u", "b/u"], "99%", **keys)}),
            agreement("a", uptime, term={"to": "2026-06-01"}),
            agreement("b", uptime),
        ],
        [state(NOW - 5 * HOUR, "unknown", service="b")],
        at=NOW,
        expect={own("verdict"): "unknown", own("alert"): "none"},
        oracle=False,
    )


def versions_and_customers():
    def version(status, severity, **keys):
        return sla(
            {
                "a": {"method": "occurrences", "target": "90%", "good": {"status": status}},
                "u": {"method": "uptime", "target": "99%", "severity": severity},
                "t": {"method": "timeslices", "slice": "1m", "slice_target": "90%", "target": "90%"},
                "mean": mean(["a", "u"], over="1d"),
                "time": any_bad(["u"], over="1d"),
                "slices": any_bad(["t"], over="1d"),
            },
            **keys,
        )

    requests = [
        {"service": "s", "ts": NOW - minutes * MINUTE, "status": status, "count": count}
        for minutes, status, count in ((50, 404, 10), (50, 200, 90), (20, 404, 20), (20, 200, 80))
    ]
    yield Row(
        "composite-of-versions",
        # What a member was is judged by its own versions: first 404 is bad and minor incidents do not count.
        [version("<400", "major"), version("<500", "minor", effective="2026-06-09T23:30:00Z")],
        [*requests, *outage("i", NOW - 40 * MINUTE, NOW - 20 * MINUTE, severity="minor")],
        at=NOW,
        expect={
            "a/sli.percent": "95.000000",
            "mean/sli.percent": "97.152778",
            "time/time.bad_ns": ns(600),
            "time/time.good_ns": ns(DAY - 600),
            "slices/slices": {"good": 2, "bad": 0, "excluded": 0, "unknown": 0},
        },
        oracle=False,
    )
    yield Row(
        "composite-of-each-customer",
        [
            sla(
                {
                    "a": {"method": "occurrences", "target": "90%", "good": {"status": "<400"}},
                    "b": {"method": "occurrences", "target": "90%", "good": {"status": "<500"}},
                    "o": mean(["a", "b"]),
                },
                customer="each",
            )
        ],
        [{**request, "customer": name} for request, name in zip(requests, "xxyy", strict=True)],
        at=NOW,
        expect={"o@x/sli.percent": "95.000000", "o@y/sli.percent": "90.000000"},
        oracle=False,
    )


def refused():
    def row(case, objectives, *others):
        return Row(f"C6-{case}", [sla({"a": "99%", "b": "98%", **objectives}), *others], refused=True, oracle=False)

    yield row("weight-zero", {"o": mean(["a", "b"], weights=[0, 1])})
    yield row("weights-all-zero", {"o": mean(["a", "b"], weights=[0, 0])})
    yield row("weight-negative", {"o": mean(["a", "b"], weights=[-1, 2])})
    yield row("weight-missing", {"o": mean(["a", "b"], weights=[1])})
    yield row("weight-too-many", {"o": mean(["a", "b"], weights=[1, 2, 3])})
    yield row("weight-of-no-member", {"o": mean(["a"], weights={"a": 1, "b": 1})})
    yield row("weight-missing-in-map", {"o": mean(["a", "b"], weights={"a": 1})})
    yield row("weight-of-any-bad", {"u": {"method": "uptime", "target": "9%"}, "o": any_bad(["u"], weights=[1])})
    yield row("member-unknown", {"o": mean(["a", "c"])})
    yield row("member-twice", {"o": mean(["a", "a"])})
    yield row("member-itself", {"o": mean(["a", "o"])})
    yield row("circle", {"o": mean(["p"]), "p": mean(["o"])})
    yield row("no-members", {"o": mean([])})
    yield row("no-combine", {"o": {"method": "composite", "members": ["a"], "target": "99%"}})
    yield row("combine-without-method", {"o": {"combine": "any_bad", "members": ["a"], "target": "99%"}})
    yield row("any-bad-of-occurrences", {"o": any_bad(["a", "b"])})
    yield row(
        "any-bad-mixed",
        {"u": {"method": "uptime", "target": "99%"}, "t": slices(), "o": any_bad(["u", "t"])},
    )
    yield row("any-bad-two-slices", {"t": slices(), "v": slices(slice="1m"), "o": any_bad(["t", "v"])})
    yield row("slice-does-not-divide", {"t": slices(slice="7m", over="7h"), "o": mean(["t"], over="1h")})
    yield row("project-unknown-agreement", {}, project({"o": mean(["x/a"])}))
    yield row("project-unknown-objective", {}, project({"o": mean(["a/x"])}))
    yield row("project-plain-objective", {}, project({"o": "99%"}))
    yield row("project-other-method", {}, project({"o": {"method": "uptime", "target": "99%"}}))
    yield row("project-term", {}, project({"o": mean(["a/a"], over="term")}))
    yield row(
        "project-member-of-each-customer",
        {},
        {**agreement("e", {"o": "99%"}), "customer": "each"},
        project({"o": mean(["e/o"])}),
    )


ROWS = [
    row
    for group in (published, arithmetic, slices_and_time, windows_and_alerts, frozen, versions_and_customers, refused)
    for row in group()
]
