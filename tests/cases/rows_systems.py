"""Service systems (SEMANTICS section 1): components, what services require of them, and when an incident interferes."""

from rows import HOUR, MINUTE, NOW, Row, sla


def service(requires, **more):
    return {"service": "s", "requires": requires, **more}


def component(name, **more):
    return {"component": name, **more}


def uptime(**keys):
    return sla({"o": {"method": "uptime", "target": "99.9%", "over": "1d", "severity": "minor", **keys}})


def on(incident_id, name, start, end=None, **more):
    """An incident on a component: the hour of the day and the minutes it lasts."""
    common = {"kind": "incident", "id": incident_id, "component": name, **more}
    events = [{**common, "ts": start, "state": "open"}]
    return events if end is None else [*events, {**common, "ts": end, "state": "resolved"}]


def status(name, ts, now, **more):
    return {"kind": "state", "component": name, "ts": ts, "state": now, **more}


def row(name, requires, components, events, **expect):
    documents = [service(requires), *(component(c) if isinstance(c, str) else c for c in components), uptime()]
    return Row(f"System-{name}", documents, events, at=NOW, expect=expect)


def down(seconds):
    return {"time.bad_ns": str(seconds * 10**9)}


def rows():
    a, b = NOW - 10 * HOUR, NOW - 9 * HOUR  # an hour, and within it
    m = a + 20 * MINUTE
    n = a + 30 * MINUTE
    both = on("i1", "x", a, n) + on("i2", "y", m, b)
    yield row("one", "x", ["x"], on("i", "x", a, b), **down(3600), **{"incidents.count": 1, "incidents.mttr_s": 3600})
    yield row("bare-list-is-all", ["x", "y"], ["x", "y"], both, **down(3600), **{"incidents.count": 2})
    yield row("all", {"all": ["x", "y"]}, ["x", "y"], both, **down(3600), **{"incidents.mttr_s": 2100})
    # Both are down for ten minutes only; each incident's own length is what of it interferes.
    yield row(
        "any", {"any": ["x", "y"]}, ["x", "y"], both, **down(600), **{"incidents.count": 2, "incidents.mttr_s": 600}
    )
    yield row("any-one-left", {"any": ["x", "y"]}, ["x", "y"], on("i", "x", a, b), **down(0), **{"incidents.count": 0})
    three = both + on("i3", "z", m, m + MINUTE)
    pool = ["x", "y", "z"]
    yield row("at-least-2", {"at_least": 2, "of": pool}, pool, three, **down(600), **{"incidents.count": 3})
    yield row("at-least-1", {"at_least": 1, "of": pool}, pool, three, **down(60))
    yield row("at-least-3", {"at_least": 3, "of": pool}, pool, three, **down(3600))
    nested = {"all": ["w", {"any": ["x", "y"]}]}
    yield row("nested", nested, ["w", "x", "y"], both + on("i4", "w", b, b + MINUTE), **down(660))
    # What is down beside the failing part interferes with nothing.
    yield row(
        "innocent", nested, ["w", "x", "y"], on("i1", "w", a, b) + on("i2", "x", a, b),
        **down(3600), **{"incidents.count": 1},
    )  # fmt: skip
    rack = [component("x", requires=["rack"]), component("y", requires=["rack"]), "rack"]
    yield row("transitive", {"any": ["x", "y"]}, rack, on("i", "rack", a, b), **down(3600), **{"incidents.count": 1})
    yield row("not-required", "x", ["x", "y"], on("i", "y", a, b), **down(0), **{"incidents.count": 0})
    yield row("open", "x", ["x"], on("i", "x", a), **down(36000), **{"incidents.open": 1})
    yield row(
        "potential", "x", ["x"], on("i", "x", a, nature="potential"), **down(0), **{"incidents.potential_open": 1}
    )
    # Touching failures of two components are one outage, and never overlap.
    yield row("touching", {"any": ["x", "y"]}, ["x", "y"], on("i", "x", a, m) + on("j", "y", m, b), **down(0))
    yield row("touching-all", ["x", "y"], ["x", "y"], on("i", "x", a, m) + on("j", "y", m, b), **down(3600))
    # Validity: no part of the system before `from` and from `to` on.
    gone = component("y", to="2026-06-09T14:20:00Z")
    yield row("validity-all", ["x", "y"], ["x", gone], on("i", "y", a, b), **down(1200))
    yield row("validity-any", {"any": ["x", "y"]}, ["x", gone], on("i", "x", a, b), **down(2400))
    yield row("validity-alone", {"any": ["y"]}, [gone], [], **down(0))
    # States: down is down, unknown is unknown only where the requirement may fail by it.
    yield row("state-down", "x", ["x"], [status("x", a, "down", previous="up"), status("x", b, "up")], **down(3600))
    unknown = [status("x", a, "unknown", previous="up"), status("x", b, "up")]
    yield row("state-unknown", "x", ["x"], unknown, **down(0), **{"time.unknown_ns": str(3600 * 10**9)})
    yield row("state-unknown-any", {"any": ["x", "y"]}, ["x", "y"], unknown, **{"time.unknown_ns": "0"})
    yield row(
        "state-unknown-or-down", {"any": ["x", "y"]}, ["x", "y"], unknown + on("i", "y", m, b),
        **down(0), **{"time.unknown_ns": str(2400 * 10**9)},
    )  # fmt: skip
    # An excluded incident takes out the time in which it interferes, whatever else was down then.
    taken = [{"kind": "exclusion", "id": "e", "incident": "i1", "state": "approved", "reason": "other", "ts": NOW - HOUR}]
    left_out = {"time.excluded_ns": str(1800 * 10**9)}
    yield row("excluded", "x", ["x"], on("i1", "x", a, n) + taken, **down(0), **left_out, **{"incidents.count": 0})
    yield row("excluded-first", "x", ["x"], taken + on("i1", "x", a, n), **down(0), **left_out)
    yield row("excluded-all", ["x", "y"], ["x", "y"], both + taken, **down(1800), **left_out, **{"incidents.count": 1})
    yield row(
        "excluded-any", {"any": ["x", "y"]}, ["x", "y"], both[:2] + taken + both[2:],
        **down(0), **{"time.excluded_ns": str(600 * 10**9)},
    )  # fmt: skip
    yield row(
        "excluded-any-state", {"any": ["x", "y"]}, ["x", "y"],
        [*on("i1", "x", a, n), *taken, status("y", m, "down", previous="up"), status("y", b, "up")],
        **down(0), **{"time.excluded_ns": str(600 * 10**9)},
    )  # fmt: skip
    # A component and a service may have one name.
    yield row("same-name", "s", ["s"], on("i", "s", a, b), **down(3600), **{"incidents.count": 1})
    yield row(
        "same-name-not-required", "x", ["x", "s"], on("i", "s", a, b), **down(0), **{"incidents.count": 0}
    )
    for severity, seconds in (("minor", 3600), ("critical", 0)):
        yield Row(
            f"System-severity-{severity}",
            [service("x"), component("x"), uptime(severity=severity)],
            on("i", "x", a, b),
            at=NOW,
            expect=down(seconds),
        )
    refused = {
        "unknown": [service("x")],
        "circle": [service("x"), component("x", requires=["y"]), component("y", requires={"any": ["x"]})],
        "own-circle": [component("x", requires=["x"])],
        "twice": [service({"any": ["x", "x"]}), component("x")],
        "too-many": [service({"at_least": 2, "of": ["x"]}), component("x")],
        "none": [service({"at_least": 0, "of": ["x"]}), component("x")],
        "empty": [service({"all": []})],
        "both": [service({"all": ["x"], "any": ["x"]}), component("x")],
        "no-of": [service({"at_least": 1})],
        "validity": [component("x", **{"from": "2026-02-01", "to": "2026-01-01"})],
    }
    for name, documents in refused.items():
        yield Row(f"System-refused-{name}", [*documents, uptime()], refused=True, oracle=False)


ROWS = list(rows())
