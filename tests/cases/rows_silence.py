"""Silence (SEMANTICS section 8): `expect` of a service, what is unknown by it, and the potential incident it is."""

from rows import HOUR, MINUTE, NOW, Row, batch, one, state


def silent(name, objective, events, expect, **times):
    documents = [{"service": "s", "expect": {"every": "10m", **times}}, *objective]
    return Row(f"Silence-{name}", documents, events, at=NOW, expect=expect, oracle=False)


def nanoseconds(minutes):
    return str(minutes * MINUTE * 10**9)


def steady(first, last):
    return [batch(ts, 1) for ts in range(first, last + 1, 10 * MINUTE)]


def rows():
    start = NOW - 5 * HOUR
    requests = one("occurrences", "99%", "1d")
    uptime = one("uptime", "99%", "1d", severity="minor")
    going = {"coverage_percent": "100.000000", "incidents.potential_open": 0}
    yield silent("none", requests, steady(start, NOW - 10 * MINUTE), going)
    # One second more than is expected: the whole time since the last sign is unknown.
    late = {"coverage_percent": "99.304398", "silent": True, "incidents.potential_open": 1, "verdict": "met"}
    yield silent("begins", requests, steady(start, NOW - 10 * MINUTE - 1) + [batch(NOW - 601, 1)], late)
    # Silence that is over stays unknown; late signs end it where they occurred.
    hole = steady(start, start + HOUR) + steady(start + 2 * HOUR, NOW - 10 * MINUTE)
    yield silent("over", requests, hole, {"coverage_percent": "95.833333"})
    filled = hole + list(reversed(steady(start + HOUR, start + 2 * HOUR)))
    yield silent("filled-late", requests, filled, {"coverage_percent": "100.000000"})
    half = hole + [batch(start + HOUR + 10 * MINUTE, 1), batch(start + 2 * HOUR - 10 * MINUTE, 1)]
    yield silent("filled-in-part", requests, half, {"coverage_percent": "97.222222"})
    yield silent("uptime", uptime, hole, {"time.unknown_ns": nanoseconds(60), "time.bad_ns": "0"})
    yield silent("no-sign-ever", requests, [], {"verdict": "no_data"})
    # States hold for five times as long, or for what is said; then they are unknown, whatever they were.
    before = [state(NOW - 30 * HOUR, "up"), state(NOW - 24 * HOUR, "up")]
    gone = 24 * 60 - 50
    yield silent(
        "states", uptime, before,
        {"time.unknown_ns": nanoseconds(gone), "silent": True, "verdict": "unknown", "incidents.potential_open": 2},
    )  # fmt: skip
    yield silent("states-stale-after", uptime, before, {"time.unknown_ns": nanoseconds(24 * 60 - 5)}, stale_after="5m")
    down = [state(NOW - 24 * HOUR, "up"), state(NOW - 2 * HOUR, "down"), state(NOW - HOUR, "up")]
    yield silent("down-is-stale-too", uptime, down, {"time.bad_ns": nanoseconds(50)})
    yield silent("severity", one("uptime", "99%", "1d", severity="critical"), before, {"incidents.potential_open": 0})


ROWS = list(rows())
