"""The engine's own downtime (SEMANTICS sections 8 and 10), as a data directory keeps it: a gap for what counts requests,
unknown time for `uptime` where nothing else is known."""

from rows import HOUR, MINUTE, NOW, Row, batch, maintenance, ns, one, opened, outage, sla, state


def down(start, end):
    return {"kind": "engine_down", "start": start, "end": end}


def row(name, documents, events, expect, **more):
    return Row(f"EngineDown-{name}", documents, events, at=NOW, expect=expect, oracle=False, **more)


# One hour of ten, in the middle.
FROM, TO = NOW - 6 * HOUR, NOW - 5 * HOUR
GAP = down(FROM, TO)


def of_requests():
    requests = one("occurrences", "99%", "10h")
    steady = [batch(NOW - 8 * HOUR, 99, 1)]
    yield row("requests", requests, [*steady, GAP], {"coverage_percent": "90.000000", "sli.percent": "99.000000"})
    # It is no event: no position, not received, and the default instant does not move.
    one_event = [{"service": "s", "status": 200, "ts": NOW - 1}]
    yield Row(
        "EngineDown-no-event", requests, [*one_event, down(NOW + HOUR, NOW + 2 * HOUR)],
        expect={"rejected": 0, "at": "2026-06-10T00:00:00Z", "coverage_percent": "100.000000"}, oracle=False,
    )  # fmt: skip
    # The floor is reached and not passed at 90 %; one nanosecond more and nobody knows.
    yield row("at-the-floor", requests, [*steady, GAP], {"verdict": "at_risk"})
    more = {**GAP, "end": "2026-06-09T19:00:00.000000001Z"}
    yield row("below-the-floor", requests, [*steady, more], {"verdict": "unknown"})
    # Requests that came late are counted, and the gap stays one.
    yield row(
        "late-requests", requests, [*steady, GAP, batch(FROM + MINUTE, 100)],
        {"coverage_percent": "90.000000", "counts.good": 199},
    )  # fmt: skip
    # Several: united, each exact to the nanosecond, only what lies in the window.
    tiny = {"kind": "engine_down", "start": "2026-06-09T20:00:00.5Z", "end": "2026-06-09T20:00:00.700000001Z"}
    yield row("tiny", one("uptime", "99%", "10h"), [tiny], {"time.unknown_ns": "200000001"})
    twice = [down(FROM, FROM + 40 * MINUTE), down(FROM + 30 * MINUTE, TO), down(NOW - 11 * HOUR, NOW - 9 * HOUR)]
    yield row("several", requests, [*steady, *twice], {"coverage_percent": "80.000000"})
    # Maintenance leaves the window, gap or not.
    yield row(
        "in-maintenance", requests, [*steady, GAP, maintenance(FROM, FROM + 30 * MINUTE)],
        {"coverage_percent": "94.736842"},
    )  # fmt: skip


def of_slices():
    slices = one("timeslices", "99%", "10h", slice="30m", slice_target="95%")
    # The half hours that lie in it are unknown, unless requests came late; one that only touches it is empty.
    yield row(
        "slices", slices, [batch(NOW - 8 * HOUR, 10), GAP],
        {"slices.unknown": 2, "slices.good": 1, "coverage_percent": "90.000000"},
    )  # fmt: skip
    yield row("slices-late", slices, [GAP, batch(FROM, 10)], {"slices.unknown": 1, "slices.good": 1})
    yield row("slices-touched", slices, [batch(FROM, 10), down(FROM + 1, TO - 1)], {"slices.unknown": 0})
    good = one("ratio_timeslices", "99%", "10h", slice="1h", no_data="empty_is_good")
    yield row("empty-is-good", good, [batch(NOW - 8 * HOUR, 1, 1), GAP], {"sli.percent": "94.444444"})


def of_limits():
    within = one("resolution", "99%", "10h", within="4h")
    yield row("resolution", within, [*outage("i", NOW - 9 * HOUR, NOW - 8 * HOUR), GAP], {"coverage_percent": "90.000000"})


def of_time():
    uptime = one("uptime", "99%", "10h")
    hour = {"time.unknown_ns": ns(HOUR), "coverage_percent": "90.000000"}
    yield row("uptime", uptime, [GAP], {**hour, "time.good_ns": ns(9 * HOUR), "sli.percent": "100.000000"})
    # What is known to have been bad is not unknown.
    yield row(
        "incident", uptime, outage("i", FROM - 30 * MINUTE, FROM + 30 * MINUTE) + [GAP],
        {"time.bad_ns": ns(HOUR), "time.unknown_ns": ns(30 * MINUTE), "sli.percent": "89.473684"},
    )  # fmt: skip
    yield row("open-incident", uptime, [opened("i", FROM - HOUR), GAP], {"time.unknown_ns": "0", "time.bad_ns": ns(7 * HOUR)})
    yield row(
        "down", uptime, [state(FROM - HOUR, "down"), state(TO + HOUR, "up"), GAP],
        {"time.bad_ns": ns(3 * HOUR), "time.unknown_ns": ns(3 * HOUR)},  # before the first state
    )  # fmt: skip
    # An `up` that was said before does not tell what followed; one that was said meanwhile does, from then on.
    before = state(NOW - 20 * HOUR, "up")
    yield row("up-before", uptime, [before, GAP], hour)
    yield row("up-before-and-after", uptime, [before, state(TO, "up"), GAP], hour)
    inside = state(FROM + 20 * MINUTE, "up")
    yield row("up-inside", uptime, [before, inside, GAP], {"time.unknown_ns": ns(20 * MINUTE)})
    yield row("up-at-its-start", uptime, [before, state(FROM, "up"), GAP], {"time.unknown_ns": "0"})
    yield row(
        "unknown-inside", uptime, [before, state(FROM + MINUTE, "unknown"), inside, GAP], {"time.unknown_ns": ns(20 * MINUTE)}
    )
    # Of two services both must be known.
    two = [sla({"o": {"method": "uptime", "target": "99%", "over": "10h"}}, services=["s", "t"])]
    other = {**inside, "service": "t", "ts": FROM + 50 * MINUTE}
    yield row("two-services", two, [before, inside, GAP], hour)
    yield row(
        "two-services-known", two, [before, {**before, "service": "t"}, inside, other, GAP],
        {"time.unknown_ns": ns(50 * MINUTE)},
    )  # fmt: skip
    yield row("out-of-term", [{**uptime[0], "term": {"from": "2026-06-09T18:30:00Z"}}], [GAP], {"time.unknown_ns": ns(30 * MINUTE)})
    yield row("outside-hours", [{**uptime[0], "hours": ["Mon-Sun 19:00-24:00"]}], [GAP], {"time.unknown_ns": "0"})
    ignored = [{**uptime[0], "maintenance": {"policy": "ignored"}}]
    yield row("maintenance-ignored", ignored, [maintenance(FROM, TO), GAP], {"time.unknown_ns": ns(HOUR)})
    yield row("maintenance", uptime, [maintenance(FROM, TO), GAP], {"time.unknown_ns": "0", "time.excluded_ns": ns(HOUR)})


def of_files():
    requests = one("occurrences", "99%", "10h")
    yield row("no-start", requests, [{"kind": "engine_down", "end": TO}], {"rejected": 1})
    yield row("no-end", requests, [{"kind": "engine_down", "start": FROM}], {"rejected": 1})
    yield row("backwards", requests, [down(TO, FROM)], {"rejected": 1})


ROWS = [*of_requests(), *of_slices(), *of_limits(), *of_time(), *of_files()]
