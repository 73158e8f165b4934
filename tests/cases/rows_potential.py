"""Potential incidents (SEMANTICS section 1): their ages, how many turned actual, and those that what is reported opens
by itself; silence as an alert (section 8)."""

from rows import HOUR, MINUTE, NOW, Row, batch, one, opened, sla, state

ALERTS = [{"severity": "page", "long": "1h", "short": "5m", "burn": 10}]


def uptime(**keys):
    return one("uptime", "99%", "1d", alerts="none", **keys)


def ages():
    old = opened("i1", NOW - 5 * HOUR, nature="potential")
    young = opened("i2", NOW - 90, complaint=True)
    told = {"incidents.potential_open": 2, "incidents.potential_oldest_s": 5 * HOUR, "incidents.promoted": 0}
    yield Row("Potential-ages", uptime(), [young, old], at=NOW, expect=told)
    turned = {**old, "ts": NOW - HOUR, "nature": "actual", "started_at": NOW - 2 * HOUR}
    yield Row(
        "Potential-promoted", uptime(), [young, old, turned], at=NOW,
        expect={"incidents.potential_open": 1, "incidents.potential_oldest_s": 90, "incidents.promoted": 1, "incidents.count": 1},
    )  # fmt: skip
    closed = {**old, "ts": NOW - HOUR, "state": "resolved"}
    none = {"incidents.potential_open": 0, "incidents.potential_oldest_s": None}
    yield Row("Potential-closed", uptime(), [old, closed], at=NOW, expect=none)


def opened_by_figures():
    bad = [batch(NOW - 120, 80, 20)]
    burning = {"alert": "page", "incidents.potential_open": 1, "incidents.potential_oldest_s": None}
    yield Row("Potential-burn-alert", one("occurrences", "99%", "1d", alerts=ALERTS), bad, at=NOW, expect=burning)
    severe = {"alert": "page", "incidents.potential_open": 0}
    yield Row(
        "Potential-burn-alert-severe", one("occurrences", "99%", "1d", alerts=ALERTS, severity="critical"), bad, at=NOW,
        expect=severe,
    )  # fmt: skip
    lost = [state(NOW - 30 * HOUR, "up"), state(NOW - 4 * HOUR, "unknown")]
    yield Row("Potential-coverage", uptime(), lost, at=NOW, expect={"verdict": "unknown", "incidents.potential_open": 1,
              "incidents.potential_oldest_s": 4 * HOUR - int(2.4 * HOUR)})  # fmt: skip
    # Of one hour a tenth is gone six minutes after the last sign; of a month that runs, when it is a tenth of it.
    hour = one("uptime", "99%", "1h", alerts="none")
    gone = [state(NOW - 30 * HOUR, "up"), state(NOW - 600, "unknown")]
    for name, events, age in (
        ("rolling", gone, 240),
        ("back-again", [*gone, state(NOW - 60, "up")], 240),
        ("before-the-floor", [state(NOW - 30 * HOUR, "up"), state(NOW - 361, "unknown")], 1),
        ("at-the-floor", [state(NOW - 30 * HOUR, "up"), state(NOW - 360, "unknown")], None),
        ("older-than-a-potential-incident", [*gone, opened("i1", NOW - 100, nature="potential")], 240),
        ("never-there", [state(NOW - 600, "unknown")], None),
    ):
        expect = {"incidents.potential_oldest_s": age}
        yield Row(f"Potential-coverage-{name}", hour, events, at=NOW, expect=expect)
    ours = sla({"o": {"target": "99%", "over": "1d", "alerts": "none"}})
    ola = {
        "agreement": "b", "provider": "q", "type": "OLA", "services": ["t"], "supports": ["a"],
        "objectives": {"p": {"target": "99%", "over": "1d", "alerts": "none"}},
    }  # fmt: skip
    for name, good, expected in (("endangers", 0, 1), ("is-fine", 1, 0)):
        events = [batch(NOW - 60, 100), batch(NOW - 60, 99 * good, 1 - good, service="t")]
        yield Row(
            f"Potential-ola-{name}", [ours, ola], events, at=NOW,
            expect={"o/incidents.potential_open": expected, "p/incidents.potential_open": 0}, oracle=False,
        )  # fmt: skip


def silence():
    """An alert of its own: it shows where no burn alert fires, and coverage does not hold it."""
    expecting = {"service": "s", "expect": {"every": "10m"}}
    requests = one("occurrences", "99%", "1d", alerts=ALERTS)
    for name, events, alert, firing in (
        ("alert", [batch(NOW - 11 * MINUTE, 1)], "silent", True),
        ("alert-not-yet", [batch(NOW - 10 * MINUTE, 1)], "none", False),
        ("alert-ends", [batch(NOW - 30 * MINUTE, 1), batch(NOW - 1, 1)], "none", False),
        ("alert-of-one-second-ago", [batch(NOW - 601, 1)], "silent", True),
    ):
        yield Row(
            f"Silence-{name}", [expecting, *requests], events, at=NOW, oracle=False,
            expect={"alert": alert, "alerts.*.severity": ["page", "silent"], "alerts.*.firing": [False, firing]},
        )  # fmt: skip
    down = [state(NOW - 20 * HOUR, "up"), state(NOW - 11 * MINUTE, "down")]
    documents = [expecting, *one("uptime", "99%", "1d", alerts=ALERTS, coverage_floor="0")]
    yield Row(
        "Silence-alert-below-a-page", documents, down, at=NOW, oracle=False,
        expect={"alert": "page", "alerts.*.firing": [True, True], "incidents.potential_open": 2},
    )  # fmt: skip
    yield Row(
        "Silence-alert-never-freezes", [expecting, *one("uptime", "99%", "1d", alerts=ALERTS)],
        [state(NOW - 20 * HOUR, "up")], at=NOW, oracle=False,
        expect={"verdict": "unknown", "alert": "silent", "alerts.*.firing": [False, True], "incidents.potential_oldest_s": 20 * HOUR},
    )  # fmt: skip
    yield Row("Silence-not-expected", requests, [batch(NOW - 11 * MINUTE, 1)], at=NOW, expect={"alerts.*.severity": ["page"]})
    # Where a calendar window begins it is empty, and nothing is missed yet. NOW is nine days into June.
    yield Row(
        "Potential-coverage-since-the-month-began", one("uptime", "99%", "month", alerts="none"),
        [state(NOW - 3 * HOUR, "up", previous="unknown")], at=NOW,
        expect={"verdict": "unknown", "incidents.potential_open": 1, "incidents.potential_oldest_s": 9 * 24 * HOUR},
    )  # fmt: skip


ROWS = [*ages(), *opened_by_figures(), *silence()]
