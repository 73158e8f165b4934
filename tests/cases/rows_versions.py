"""Versions: L4, and what follows from SEMANTICS section 6."""

from rows import DAY, HOUR, MINUTE, Row, batch, epoch, maintenance, ns, outage, pair, sla

JUNE, TURN, JULY = (epoch(f"2026-{day}T00:00:00Z") for day in ("06-01", "06-10", "07-01"))
FROM = "2026-06-10"


def versions(before, after, effective=FROM, **keys):
    """One name, two documents: the objective "o" as it was and as it is."""
    return [sla({"o": before}, **keys), sla({"o": after}, effective=effective, **keys)]


def occurrences(target="99.9%", over="month", **keys):
    return {"method": "occurrences", "target": target, "over": over, **keys}


def uptime(target="99.9%", over="month", **keys):
    return {"method": "uptime", "target": target, "over": over, **keys}


def parts(*rows):
    """(version, verdict, budget) of every part."""
    return {
        "parts.*.version": [row[0] for row in rows],
        "parts.*.verdict": [row[1] for row in rows],
        "parts.*.budget.total": [row[2] for row in rows],
    }


def requests():
    stricter = versions(occurrences(), occurrences("99.95%"))
    history = [batch(JUNE + DAY, 9995, 5), batch(TURN + DAY, 9994, 6)]
    yield Row(
        "L4",
        stricter,
        history,
        period="2026-06",
        expect={
            "version": 2,
            "target": "99.95",
            "counts.good": 19989,
            "counts.bad": 11,
            "sli.percent": "99.945000",
            "budget.total": "15",
            "budget.consumed_percent": "73.333333",
            "budget.remaining_percent": "26.666667",
            "verdict": "breached",
            "reason": "below_target",
            **parts((1, "met", "10"), (2, "breached", "5")),
            "parts.*.start": ["2026-06-01T00:00:00Z", "2026-06-10T00:00:00Z"],
            "parts.*.end": ["2026-06-10T00:00:00Z", "2026-07-01T00:00:00Z"],
            "parts.*.target": ["99.9", "99.95"],
            "parts.*.sli.percent": ["99.950000", "99.940000"],
        },
    )
    yield Row(
        "L4-running",
        stricter,
        history,
        at=TURN + 2 * DAY,
        expect={"verdict": "behind", **parts((1, "met", "10"), (2, "behind", "5"))},
    )
    # History is not rewritten: the first part was missed for good, however well the second goes.
    yield Row(
        "L4-first-part-missed",
        stricter,
        [batch(JUNE + DAY, 9980, 20), batch(TURN + DAY, 100000)],
        at=TURN + 2 * DAY,
        expect={
            "verdict": "breached",
            "reason": "below_target",
            "sli.percent": "99.981818",
            **parts((1, "breached", "10"), (2, "met", "50")),
        },
    )
    # Looser from now on: what was good before stays judged by what held then.
    yield Row(
        "L4-looser",
        versions(occurrences("99.99%"), occurrences("99%")),
        [batch(JUNE + DAY, 9985, 15), batch(TURN + DAY, 100)],
        at=TURN + 2 * DAY,
        expect={"verdict": "breached", "sli.percent": "99.851485", **parts((1, "breached", "1"), (2, "met", "1"))},
    )
    # As of before the change there is only the first version.
    yield Row(
        "L4-before",
        stricter,
        history,
        at=TURN - 1,
        expect={"version": 1, "target": "99.9", "counts.good": 9995, "parts": [], "verdict": "met", "budget.total": "10"},
    )
    # In force from its very instant on.
    yield Row(
        "L4-edge",
        stricter,
        [batch(TURN - 1, 99, 1), batch(TURN, 95, 5)],
        at=TURN + 1,
        expect={"version": 2, "parts.*.sli.denominator": ["100", "100"], "parts.*.sli.numerator": ["99", "95"]},
    )
    yield Row(
        "L4-edge-at",
        stricter,
        [batch(TURN - 1, 1000)],
        at=TURN,
        expect={"version": 2, "counts.good": 1000, "verdict": "met", "parts.*.version": [1, 2]},
    )
    # The whole window under the second version: nothing to split.
    yield Row(
        "L4-next-month",
        stricter,
        [*history, batch(JULY + DAY, 1000, 1)],
        at=JULY + 2 * DAY,
        expect={"version": 2, "counts.good": 1000, "counts.bad": 1, "parts": [], "budget.total": "0.5005"},
    )
    yield Row(
        "L4-last-month-named",
        stricter,
        [*history, batch(JULY + DAY, 1000, 1)],
        period="2026-05",
        expect={"version": 1, "verdict": "no_data", "parts": []},
    )


def rolling():
    yield Row(
        "L4-rolling",
        versions(occurrences(over="30d"), occurrences("99%", over="30d")),
        [batch(TURN - DAY, 999, 1), batch(TURN + DAY, 980, 20)],
        at=TURN + 2 * DAY,
        expect={
            "counts.good": 1979,
            "counts.bad": 21,
            "budget.total": "11",
            "budget.consumed_percent": "190.909091",
            "verdict": "breached",
            **parts((1, "at_risk", "1"), (2, "breached", "10")),
        },
    )
    # Only what the window still holds of the first version.
    yield Row(
        "L4-rolling-later",
        versions(occurrences(over="30d"), occurrences("99%", over="30d")),
        [batch(TURN - 5 * DAY, 999, 1), batch(TURN - DAY, 1000), batch(TURN + DAY, 1000)],
        at=TURN + 27 * DAY,
        expect={"counts.good": 2000, "counts.bad": 0, "parts.*.sli.denominator": ["1000", "1000"]},
    )
    yield Row(
        "L4-rolling-gone",
        versions(occurrences(over="30d"), occurrences("99%", over="30d")),
        [batch(TURN - DAY, 1000), batch(TURN + DAY, 1000)],
        at=TURN + 30 * DAY,
        expect={"counts.good": 1000, "parts": []},
    )
    # The window is that of the version in force.
    yield Row(
        "L4-other-window",
        versions(occurrences(over="month"), occurrences(over="7d")),
        [batch(JUNE + DAY, 500), batch(TURN - 2 * DAY, 100), batch(TURN + DAY, 10)],
        at=TURN + 2 * DAY,
        expect={"over": "7d", "counts.good": 110, "parts.*.version": [1, 2]},
    )


def burning():
    pairs = [pair("page", "1h", "5m", burn="2")]
    # Bad before the change and after it: one rate over the lookback, held against the budget of today.
    yield Row(
        "L4-burn",
        versions(occurrences(over="30d"), occurrences("99%", over="30d", alerts=pairs)),
        [batch(TURN - 30 * MINUTE, 970, 30), batch(TURN + 27 * MINUTE, 970, 30)],
        at=TURN + 28 * MINUTE,
        expect={"burn": "3", "alerts.*.long_burn": ["3"], "alerts.*.short_burn": ["3"], "alert": "page"},
    )
    yield Row(
        "L4-burn-uptime",
        versions(uptime(over="30d"), uptime("90%", over="30d", alerts=pairs)),
        outage("i", TURN - 15 * MINUTE, TURN + 15 * MINUTE),
        at=TURN + 15 * MINUTE,
        # 30 minutes of the last hour, all of the last five minutes; B = 0.1
        expect={"burn": "5", "alerts.*.short_burn": ["10"], "alert": "page", "verdict": "breached"},
    )


def time():
    yield Row(
        "L4-uptime",
        versions(uptime(), uptime("99.95%")),
        [*outage("i", TURN - DAY, TURN - DAY + 600), *outage("j", TURN + DAY, TURN + DAY + 600)],
        period="2026-06",
        expect={
            "sli.percent": "99.953704",
            "budget.total": ns("1684.8"),
            "budget.consumed_percent": "71.225071",
            "time.bad_ns": ns(1200),
            "verdict": "met",
            "incidents.count": 2,
            **parts((1, "met", ns("777.6")), (2, "met", ns("907.2"))),
        },
    )
    # An outage over the change is cut there, and counts as one.
    yield Row(
        "L4-uptime-cut",
        versions(uptime(), uptime("99.95%")),
        outage("i", TURN - 300, TURN + 900),
        period="2026-06",
        expect={
            "time.bad_ns": ns(1200),
            "incidents.count": 1,
            "parts.*.sli.numerator": [ns(9 * DAY - 300), ns(21 * DAY - 900)],
            "verdict": "at_risk",
        },
    )
    yield Row(
        "L4-uptime-rolling",
        versions(uptime(over="30d"), uptime("99%", over="30d")),
        outage("i", TURN - 300, TURN + 900),
        at=TURN + 10 * DAY,
        expect={"budget.total": ns(20 * 86.4 + 10 * 864), "time.bad_ns": ns(1200), "parts.*.version": [1, 2]},
    )
    # Each part by its own severity and its own maintenance policy.
    yield Row(
        "L4-severity",
        versions(uptime(severity="critical"), uptime(severity="minor")),
        [*outage("i", TURN - DAY, TURN - DAY + 60), *outage("j", TURN + DAY, TURN + DAY + 60)],
        at=TURN + 2 * DAY,
        expect={"time.bad_ns": ns(60), "parts.*.sli.numerator": [ns(9 * DAY), ns(2 * DAY - 60)]},
    )
    yield Row(
        "L4-policy",
        [
            sla({"o": uptime()}, maintenance={"policy": "ignored"}),
            sla({"o": uptime()}, maintenance={"policy": "removed"}, effective=FROM),
        ],
        [
            *outage("i", TURN - HOUR, TURN + HOUR),
            maintenance(TURN - HOUR, TURN + HOUR),
        ],
        at=TURN + DAY,
        expect={"time.bad_ns": ns(HOUR), "time.excluded_ns": ns(HOUR), "parts.*.version": [1, 2]},
    )
    slices = {"method": "timeslices", "slice": "1h", "slice_target": "95%", "over": "month"}
    yield Row(
        "L4-timeslices",
        versions({**slices, "target": "90%"}, {**slices, "target": "99%"}),
        [batch(TURN - 2 * HOUR, 9, 1), batch(TURN - HOUR, 10), batch(TURN, 10), batch(TURN + HOUR, 9, 1)],
        at=TURN + 2 * HOUR,
        expect={
            "slices.good": 2,
            "slices.bad": 2,
            "sli.percent": "50.000000",
            # nine days of 24 slices at 10 %, 21 days at 1 %
            "budget.total": "26.64",
            **parts((1, "breached", "21.6"), (2, "behind", "5.04")),
        },
    )
    means = {"method": "ratio_timeslices", "slice": "1h", "over": "month", "target": "90%"}
    yield Row(
        "L4-means",
        versions(means, {**means, "target": "95%"}),
        [batch(TURN - 2 * HOUR, 8, 2), batch(TURN - HOUR, 10), batch(TURN, 9, 1)],
        at=TURN + 2 * HOUR,
        expect={"sli.percent": "90.000000", "parts.*.sli.percent": ["90.000000", "90.000000"]},
    )


def documents():
    # What began under a version is held to its limit, whenever that passes.
    for within, good in (("1h", 2), ("20m", 1)):
        yield Row(
            f"L4-response-{within}",
            versions(
                {"method": "response", "target": "90%", "within": within, "over": "month"},
                {"method": "response", "target": "90%", "within": "20m", "over": "month"},
            ),
            [
                *outage("i", TURN - 600, TURN + 1800),
                *outage("j", TURN + 600, TURN + 1200),
            ],
            at=TURN + DAY,
            expect={"counts.good": good, "counts.bad": 2 - good, "parts.*.sli.denominator": ["1", "1"]},
        )
    yield Row(
        "L4-latency",
        versions(occurrences(), occurrences("99.95%")),
        [{**batch(TURN - DAY, 1), "latency_ms": 10}, {**batch(TURN + DAY, 3), "latency_ms": 20}],
        at=TURN + 2 * DAY,
        expect={"latency_ms.p50": "20.0", "latency_window.requests": 4},
    )
    # What is new, renamed or gone: the objectives of the version in force are shown.
    yield Row(
        "L4-objectives",
        [
            sla({"old": occurrences(), "o": occurrences()}),
            sla({"o": occurrences(), "new": occurrences()}, effective=FROM),
        ],
        [batch(TURN - DAY, 100), batch(TURN + DAY, 50)],
        at=TURN + 2 * DAY,
        # ... and a new one is computed from all stored history.
        expect={"reports": 2, "o/counts.good": 150, "new/counts.good": 150, "o/parts.*.version": [1, 2], "new/parts": []},
    )
    # Other services: each version counts its own.
    yield Row(
        "L4-services",
        [
            sla({"o": occurrences()}),
            {**sla({"o": occurrences()}, effective=FROM), "services": ["t"]},
        ],
        [
            batch(TURN - DAY, 1),
            {**batch(TURN - DAY, 2), "service": "t"},
            batch(TURN + DAY, 4),
            {**batch(TURN + DAY, 8), "service": "t"},
        ],
        at=TURN + 2 * DAY,
        expect={"counts.good": 9},
    )
    # Another method: nothing to add up, and both verdicts hold.
    yield Row(
        "L4-method",
        versions(occurrences(), uptime()),
        [batch(TURN - DAY, 90, 10), batch(TURN + DAY, 90, 10)],
        at=TURN + 2 * DAY,
        expect={
            "method": "uptime",
            "counts": None,
            "parts.*.budget.unit": ["requests", "ns"],
            "parts.*.verdict": ["breached", "met"],
            "verdict": "breached",
        },
    )
    third = sla({"o": occurrences("99%")}, effective="2026-06-20T12:00:00Z")
    yield Row(
        "L4-three",
        [third, *versions(occurrences(), occurrences("99.5%"))],  # in any order in the file
        [batch(TURN - DAY, 1000), batch(TURN + DAY, 1000), batch(TURN + 11 * DAY, 1000)],
        period="2026-06",
        expect={
            "version": 3,
            "budget.total": "16",
            **parts((1, "met", "1"), (2, "met", "5"), (3, "met", "10")),
        },
    )
    # Nothing holds before the first version.
    yield Row(
        "L4-first-effective",
        [sla({"o": occurrences()}, effective=FROM)],
        [batch(TURN - 1, 7), batch(TURN, 5)],
        at=TURN + DAY,
        expect={"version": 1, "counts.good": 5, "counts.excluded_by.term": 7, "parts": []},
    )
    yield Row(
        "L4-term",
        [
            sla({"o": uptime(over="term")}, term={"from": "2026-06-01", "to": "2026-07-01"}),
            sla({"o": uptime("99%", over="term")}, term={"from": "2026-06-01", "to": "2026-07-01"}, effective=FROM),
        ],
        outage("i", TURN - HOUR, TURN + HOUR),
        at=TURN + DAY,
        expect={"budget.total": ns("18921.6"), "parts.*.verdict": ["breached", "behind"], "verdict": "breached"},
    )
    credit = {"objective": "o", "period": "month", "charge": "100.00 USD"}
    yield Row(
        "L4-credit",
        [
            sla({"o": occurrences()}, credits={**credit, "below": {99.9: "10%"}}),
            sla({"o": occurrences()}, credits={**credit, "below": {99.9: "50%"}}, effective="2026-07-10"),
        ],
        [batch(TURN, 990, 10)],
        at=JULY + 15 * DAY,
        # June was over before the change: it is paid for as agreed then.
        expect={"version": 2, "credit.percent": "10.000000", "credit.amount_minor": 1000},
    )
    yield Row(
        "L4-credit-in-the-period",
        [
            sla({"o": occurrences()}, credits={**credit, "below": {99.9: "10%"}}),
            sla({"o": occurrences()}, credits={**credit, "below": {99.9: "50%"}}, effective=FROM),
        ],
        [batch(TURN - DAY, 980, 20), batch(TURN + DAY, 1000)],
        at=JULY + DAY,
        expect={"credit.percent": "50.000000", "credit.below": "99.9"},
    )
    twice = versions(occurrences(), occurrences(), effective=FROM)
    yield Row("L4-same-time", [*twice, twice[1]], refused=True)
    yield Row("L4-undated-twice", [twice[0], twice[0]], refused=True)
    yield Row(
        "L4-after-the-term",
        [twice[0], sla({"o": occurrences()}, term={"to": "2026-06-10"}, effective=FROM)],
        refused=True,
    )


def parts_in_detail():
    slices = {"method": "timeslices", "slice": "1h", "slice_target": "95%", "over": "1d"}
    # The slices of a rolling window are those that have ended; each part has its own of them.
    yield Row(
        "L4-rolling-slices",
        versions({**slices, "target": "90%"}, {**slices, "target": "50%"}),
        [batch(TURN - HOUR, 10), batch(TURN, 10)],
        at=TURN + 4 * HOUR + 1800,
        expect={"budget.total": "4", **parts((1, "met", "2"), (2, "met", "2"))},
    )
    # The first version's part of a rolling window reaches back as far as the window, like a term's.
    yield Row(
        "L4-rolling-first",
        [sla({"o": uptime(over="30d")}, effective=FROM)],
        at=TURN + DAY,
        expect={"budget.total": ns(2592), "time.good_ns": ns(DAY)},
    )
    # Before the first version nothing was agreed, so nothing lasted.
    yield Row(
        "L4-incidents-first",
        [sla({"o": uptime()}, effective=FROM)],
        outage("i", TURN - HOUR, TURN + HOUR),
        at=TURN + DAY,
        expect={"incidents.count": 1, "incidents.mttr_s": HOUR, "incidents.mtbsi_s": DAY},
    )
    empty = occurrences(no_data="empty_is_good")
    yield Row(
        "L4-empty-is-good",
        versions(empty, empty),
        at=TURN + DAY,
        expect={"parts.*.sli.percent": ["100.000000", "100.000000"], "parts.*.verdict": ["met", "met"]},
    )
    # A term without an end never runs out, whatever versions it has had.
    pairs = [pair("page", "1h", "5m", burn="2")]
    term = {"from": "2026-06-01"}
    yield Row(
        "L4-endless",
        versions(uptime(over="term"), uptime("50%", over="term", alerts=pairs), term=term),
        outage("i", TURN - DAY, TURN + HOUR),
        at=TURN + HOUR,
        expect={"burn": "2", "budget_lasts_s": None, "whole_budget_lasts_s": None},
    )
    # Without alerts the burn is that of what each part has measured: what was bad before is no risk of today.
    yield Row(
        "L4-no-alerts",
        versions(uptime("50%"), uptime("99%", alerts="none")),
        outage("i", TURN - 4 * DAY, TURN - DAY),
        at=TURN + DAY,
        expect={"verdict": "met", "parts.*.verdict": ["met", "met"]},
    )
    # The guard of an alert looks at the budget of all versions: a minute is little of it.
    page = [pair("page", "1h", "5m", burn="14.4")]
    yield Row(
        "L4-guard",
        versions(uptime("99%", over="30d"), uptime("99.9%", over="30d", alerts=page)),
        outage("i", TURN + DAY - MINUTE, TURN + DAY),
        at=TURN + DAY,
        expect={"alert": "none", "verdict": "met", "parts.*.verdict": ["met", "met"]},
    )
    # What began under a version is set aside by it, whenever that is decided.
    answered = {"method": "fulfilment", "target": "90%", "within": "4h", "over": "day"}
    yield Row(
        "L4-fulfilment-aside",
        [sla({"o": answered}, term={"from": "2026-06-01"}), sla({"o": answered}, effective=FROM)],
        [
            {"service": "s", "id": "r", "ts": JUNE - 1, "state": "pending"},
            {"service": "s", "id": "r", "ts": TURN + DAY, "state": "fulfilled"},
        ],
        at=TURN + DAY + HOUR,
        expect={"counts.excluded_by.term": 1, "counts.good": 0, "parts.*.version": [1, 2], "verdict": "no_data"},
    )


ROWS = [*requests(), *rolling(), *burning(), *time(), *documents(), *parts_in_detail()]
