"""Interference by a component of the customer's is a proposed exclusion: it changes no figure until it is approved."""

from rows import HOUR, MINUTE, NOW, Row, ns, outage, sla

A, B = NOW - 10 * HOUR, NOW - 9 * HOUR


def on(name, start, end, incident_id="i", **more):
    common = {"kind": "incident", "id": incident_id, "component": name, **more}
    return [{**common, "ts": start}, {**common, "ts": end, "state": "resolved"}]


def word(state, ts=NOW - HOUR, exclusion_id="i", **more):
    return {"kind": "exclusion", "id": exclusion_id, "state": state, "ts": ts, **more}


def row(name, events, bad, excluded, requires="x", owner="c", **more):
    documents = [
        {"service": "s", "requires": requires}, {"component": "x", "owner": owner}, {"component": "y", "owner": "p"},
        sla({"o": {"method": "uptime", "target": "99%", "over": "1d"}}, customer="c"),
    ]  # fmt: skip
    expect = {"time.bad_ns": ns(bad * MINUTE), "time.excluded_ns": ns(excluded * MINUTE), **more}
    return Row(f"Proposal-{name}", documents, events, at=NOW, expect=expect, oracle=False)


def rows():
    down = on("x", A, B)
    yield row("undecided", down, 60, 0, **{"incidents.count": 1})
    yield row("approved", [*down, word("approved")], 0, 60, **{"incidents.count": 0})
    # Whatever comes first.
    yield row("approved-first", [word("approved"), *down], 0, 60)
    yield row("rejected", [*down, word("rejected")], 60, 0)
    yield row("approved-and-disputed", [*down, word("approved"), word("disputed", NOW - MINUTE)], 60, 0)
    yield row("of-somebody-else", [*down, word("approved", exclusion_id="other")], 60, 0)
    yield row("for-another-customer", [*down, word("approved", customer="d")], 60, 0)
    yield row("for-the-customer", [*down, word("approved", customer="c")], 0, 60)
    named = word("approved", exclusion_id="e", incident="i", reason="customer")
    yield row("by-another-id", [*down, named], 0, 60)
    # A subject of its own is what it is about, whatever its id.
    span = {"service": "s", "start": A, "end": A + 30 * MINUTE, "reason": "customer"}
    yield row("with-a-subject", [*down, word("approved", **span)], 30, 30)
    # Only what interferes, with what else has failed; as an exclusion of that incident says.
    both = [*down, *on("y", A + 20 * MINUTE, B + MINUTE, "j")]
    yield row("any", [*both, word("approved")], 0, 40, requires={"any": ["x", "y"]})
    yield row("all", [*both, word("approved")], 1, 60, requires=["x", "y"])
    yield row("of-a-service", [*outage("i", A, B), word("approved")], 0, 60)


ROWS = list(rows())
