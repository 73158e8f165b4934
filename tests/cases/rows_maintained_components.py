"""Maintenance of a component: its services are under maintenance exactly while their requirement fails without it."""

from rows import HOUR, MINUTE, NOW, Row, batch, ns, sla

A, B = NOW - 10 * HOUR, NOW - 9 * HOUR  # an hour
M = A + 20 * MINUTE


def work(name, start, end, work_id="m", **more):
    return {"kind": "maintenance", "id": work_id, "component": name, "ts": start, "start": start, "end": end, **more}


def on(incident_id, name, start, end):
    common = {"kind": "incident", "id": incident_id, "component": name}
    return [{**common, "ts": start, "state": "open"}, {**common, "ts": end, "state": "resolved"}]


def documents(requires, components, **keys):
    objectives = {"o": {"method": "uptime", "target": "99.9%", "over": "1d"}}
    named = [c if isinstance(c, dict) else {"component": c} for c in components]
    return [{"service": "s", "requires": requires}, *named, sla(objectives, **keys)]


def row(name, requires, components, events, expect, at=NOW, **keys):
    return Row(f"Maintained-{name}", documents(requires, components, **keys), events, at=at, expect=expect, oracle=False)


def excluded(minutes, bad=0):
    return {"time.excluded_ns": ns(minutes * MINUTE), "time.bad_ns": ns(bad * MINUTE)}


def of_events():
    any_of = {"any": ["x", "y"]}
    yield row("required", "x", ["x"], [work("x", A, B)], excluded(60))
    yield row("not-required", "x", ["x", "y"], [work("y", A, B)], excluded(0))
    yield row("failing", "x", ["x"], [work("x", A, B), *on("i", "x", M, B + MINUTE)], excluded(60, 1))
    # One of two that do for each other, both, and both for a while.
    yield row("one-of-two", any_of, ["x", "y"], [work("x", A, B)], excluded(0))
    yield row("list", any_of, ["x", "y"], [work(["x", "y"], A, B)], excluded(60))
    yield row("two-overlap", any_of, ["x", "y"], [work("x", A, M), work("y", A + 10 * MINUTE, B, "n")], excluded(10))
    # With what fails meanwhile; not by it alone.
    yield row("other-fails", any_of, ["x", "y"], [work("x", A, B), *on("i", "y", M, B + MINUTE)], excluded(40))
    yield row("other-down", any_of, ["x", "y"], [work("x", A, B), state_of("y", M, "down"), state_of("y", B, "up")], excluded(40))
    yield row("before-it-is-known", any_of, ["x", "y"], [*on("i", "y", M, B + MINUTE), work("x", A, B)], excluded(40))
    beside = {"all": ["w", any_of]}
    yield row("innocent", beside, ["w", "x", "y"], [work("x", A, B), *on("i", "w", M, B)], excluded(0, 40))
    two_of = {"at_least": 2, "of": ["x", "y", "z"]}
    yield row("at-least", two_of, ["x", "y", "z"], [work(["x", "z"], A, B)], excluded(60))
    rack = [{"component": "x", "requires": ["rack"]}, {"component": "y", "requires": ["rack"]}, "rack"]
    yield row("below", any_of, rack, [work("rack", A, B)], excluded(60))
    gone = {"component": "x", "to": "2026-06-09T14:20:00Z"}
    yield row("validity", ["x"], [gone], [work("x", A, B)], excluded(20))
    # Taken back, moved, recurring, for one customer.
    yield row("cancelled", "x", ["x"], [work("x", A, B), work("x", A, B, ts=A + 1, state="cancelled")], excluded(0))
    yield row("moved", "x", ["x"], [work("x", A, B), work("x", M, B, ts=A + 1)], excluded(40))
    hourly = work("x", A, A + MINUTE, rrule="FREQ=DAILY;COUNT=3", ts=A)
    yield row("recurring", "x", ["x"], [{**hourly, "start": A - 48 * HOUR, "end": A - 48 * HOUR + MINUTE}], excluded(1))
    yield row("customer", "x", ["x"], [work("x", A, B, customer="c")], excluded(60), customer="c")
    yield row("other-customer", "x", ["x"], [work("x", A, B, customer="d")], excluded(0), customer="c")
    yield row("service-and-component", "x", ["x"], [work("x", A, B, service="s")], excluded(60))
    yield row(
        "allowance", "x", ["x"], [work("x", A, B), *on("i", "x", A, B)], excluded(30, 30),
        maintenance={"policy": "removed", "allowance": "30m per month"},
    )  # fmt: skip
    yield row(
        "counts-as-good", "x", ["x"], [work("x", A, B), *on("i", "x", A, B)],
        {"sli.percent": "100.000000", "maintenance.ignored": "95.833333"}, maintenance={"policy": "counts_as_good"},
    )  # fmt: skip


def state_of(name, ts, now):
    return {"kind": "state", "component": name, "ts": ts, "state": now, "previous": "up"}


def of_requests():
    system = [{"service": "s", "requires": {"any": ["x", "y"]}}, {"component": "x"}, {"component": "y"}]
    counted = [*system, sla({"o": {"method": "occurrences", "target": "99%", "over": "1d"}})]
    requests = [batch(A + MINUTE, 10), batch(M + MINUTE, 5, 5), batch(B + MINUTE, 10)]
    alone = {"counts.good": 25, "counts.bad": 5, "counts.excluded": 0}
    both = {"counts.good": 20, "counts.bad": 0, "counts.excluded": 10, "counts.excluded_by.maintenance": 10}
    fails = on("i", "y", M, B)
    for name, events, expect in (
        ("alone", [*requests, work("x", A, B)], alone),
        ("and-a-failure", [work("x", A, B), *fails, *requests], both),
        ("after-the-fact", [*requests, *fails, work("x", A, B)], both),
        ("failure-comes-late", [*requests, work("x", A, B), *fails], both),
        ("failure-taken-back", [work("x", A, B), *fails, *requests, {**fails[1], "state": "cancelled", "ts": B + 1}], alone),
    ):
        yield Row(f"Maintained-requests-{name}", counted, events, at=NOW, expect=expect, oracle=False)


def of_documents():
    announced = {"maintenance": "m", "start": "2026-06-09T14:00:00Z", "end": "2026-06-09T15:00:00Z"}
    for name, key in (("component", {"component": "x"}), ("components", {"components": ["x", "y"]}), ("one-in-list", {"component": ["x"]})):
        system = documents(["x"], ["x", "y"])
        yield Row(f"Maintained-document-{name}", [*system, {**announced, **key}], [], at=NOW, expect=excluded(60), oracle=False)
    # Known before anybody spoke of the component; with a failure that comes later.
    system = documents({"any": ["x", "y"]}, ["x", "y"])
    yield Row("Maintained-document-any", [*system, {**announced, "component": "x"}], on("i", "y", M, B), at=NOW, expect=excluded(40), oracle=False)
    for name, key in (
        ("unknown", {"component": "z"}), ("both", {"component": "x", "components": ["y"]}), ("nothing", {}),
        ("empty", {"components": []}),
    ):  # fmt: skip
        yield Row(f"Maintained-refused-{name}", [*system, {**announced, **key}], refused=True, oracle=False)


ROWS = [*of_events(), *of_requests(), *of_documents()]
