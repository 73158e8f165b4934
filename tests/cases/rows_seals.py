"""Sealed periods: what was known when the grace was over, and numbered restatements of what came in later. Files say with
`received` when a record came in; where no record does, nothing is sealed."""

from rows import DAY, HOUR, JUNE, Row, batch, epoch, maintenance, ns, one, opened, outage, sla, state

JULY = epoch("2026-07-01T00:00:00Z")
SEAL = JULY + 72 * HOUR  # an hour of receipt begins then
MID = JUNE + 14 * DAY
BASE = batch(MID, 999100, 900, received=MID + 1)
BREACHED = {"numerator": "999100", "denominator": "1000200", "percent": "99.890022"}
SEALED = {
    "sealed": True,
    "sealed_at": "2026-07-04T00:00:00Z",
    "sealed_position": 1,
    "sli.percent": "99.910000",
    "verdict": "met",
    "counts.bad": 900,
    "counts.late": 0,
}
ONE = {"restatements.*.number": [1]}
NONE = {"restatements": []}


def late(count, received, ts=MID + HOUR, **more):
    return batch(ts, 0, count, received=received, **more)


def row(case, events, expect, documents=None, period="2026-06", **more):
    documents = documents or one("occurrences", "99.9%", "month")
    return Row(f"R1-{case}", documents, events, period=period, expect=expect, oracle=False, **more)


def first(**fields):
    return ONE | {f"restatements.0.{name}": value for name, value in fields.items()}


def second(**fields):
    return {"restatements.*.number": [1, 2]} | {f"restatements.1.{name}": value for name, value in fields.items()}


def late_requests():
    half_past_ten = SEAL + 10 * HOUR + 1800
    said = first(cause="late", causes=["late"], reason=None, author=None, sli=BREACHED, verdict="breached", position=2,
                 at="2026-07-04T10:30:00Z")  # fmt: skip
    whole = {"restated.sli": BREACHED, "restated.counts.late": 200, "restated.sealed": False}
    yield row("sealed", [BASE, late(200, half_past_ten)], SEALED | said | whole)
    yield row("order-of-the-file", [late(200, half_past_ten), BASE], SEALED | said | whole)
    yield row("unknown-is-in-time", [late(200, half_past_ten), batch(MID, 999100, 900)], SEALED | said | whole)
    yield row("receipt-as-text", [BASE, late(200, "2026-07-04T10:30:00Z")], SEALED | said | whole)
    yield row("receipt-is-no-time", [BASE, late(200, "later")], {"sealed": False, "rejected": 1, "counts.bad": 900})
    yield row("nothing-came", [BASE, batch(JULY, 1, received=SEAL)], SEALED | NONE)
    yield row("grace-not-over", [BASE, late(200, SEAL - 1)],
              {"sealed": False, "sli": BREACHED, "counts.late": 200} | NONE)  # fmt: skip
    yield row("last-instant-of-grace", [BASE, late(200, SEAL - 1), batch(JULY, 1, received=SEAL)],
              {"sealed": True, "sealed_position": 2, "sli": BREACHED, "counts.late": 200} | NONE)  # fmt: skip
    yield row("first-instant-after", [BASE, late(200, SEAL)],
              SEALED | first(sli=BREACHED, at="2026-07-04T00:00:00Z"))  # fmt: skip
    yield row("last-instant-of-window", [BASE, late(200, JULY - 1), batch(JULY, 1, received=SEAL)],
              {"sealed": True, "sli": BREACHED, "counts.late": 0})  # fmt: skip
    yield row("no-receipts", [batch(MID, 999100, 900), batch(MID, 0, 200)], {"sealed": False, "sli": BREACHED} | NONE)
    excluded = late(7, SEAL, outcome="excluded")
    del excluded["good"], excluded["total"]
    yield row("excluded-counts-too", [BASE, excluded | {"count": 7}], SEALED | first(**{"sli.percent": "99.910000"}))


def hours():
    later = [BASE, late(150, SEAL + HOUR), late(50, SEAL + 2 * HOUR - 1)]
    yield row("one-hour", later, SEALED | first(sli=BREACHED, position=3, at="2026-07-04T01:59:59Z"))
    edge = [BASE, late(150, SEAL + HOUR), late(50, SEAL + 2 * HOUR)]
    yield row("two-hours", edge, SEALED | second(sli=BREACHED, position=3, at="2026-07-04T02:00:00Z"))
    other = batch(JULY, 1, received=SEAL + 3 * HOUR)
    yield row("other-months", [*edge, other], SEALED | second(sli=BREACHED, position=3))
    spoken = maintenance(MID, MID + HOUR, ts=SEAL + HOUR, received=SEAL + HOUR)
    back = {"kind": "maintenance", "id": "m1", "state": "cancelled", "ts": SEAL + HOUR + 60}
    yield row("cancels-out", [BASE, spoken, back], SEALED | NONE)
    yield row("taken-back-later", [BASE, spoken, back | {"ts": SEAL + 2 * HOUR}],
              SEALED | second(cause="maintenance", **{"sli.percent": "99.910000"}))  # fmt: skip


def exclusion(ts, said, **more):
    return {"kind": "exclusion", "id": "x1", "ts": ts, "state": said, **more}


def causes():
    failed = {"service": "s", "id": "r", "outcome": "bad", "ts": MID, "received": MID}
    words = {"kind": "outcome", "of": "r", "outcome": "good", "reason": "it was delivered", "ts": SEAL + 60}
    yield row("outcome", [failed, words],
              {"sli.percent": "0.000000", "verdict": "breached"}
              | first(cause="outcome", reason="it was delivered", verdict="met"))  # fmt: skip
    yield row("several-causes", [failed, words, late(1, SEAL + 120)],
              first(cause="outcome", causes=["late", "outcome"], **{"sli.percent": "50.000000"}))  # fmt: skip
    yield row("the-first-is-told", [failed, late(1, SEAL + 30), words],
              first(cause="late", causes=["late", "outcome"], reason=None))  # fmt: skip
    yield row("incident", [*outage("i", MID, MID + HOUR), opened("j", MID + DAY, received=SEAL)],
              {"time.bad_ns": ns(HOUR)} | first(cause="incident", verdict="breached"),
              one("uptime", "99%", "month"))  # fmt: skip
    yield row("state", [state(JUNE, "up"), state(MID, "down", received=SEAL), state(MID + 60, "up", received=SEAL)],
              {"time.bad_ns": "0"} | first(cause="late") | {"restated.time.bad_ns": ns(60)},
              one("uptime", "99%", "month"))  # fmt: skip


def exclusions():
    down = outage("i1", MID, MID + 10 * HOUR)
    known = batch(MID, 1, received=MID)
    about = exclusion(JULY + HOUR, "proposed", incident="i1", reason="customer", author="ann")
    yes = exclusion(SEAL + HOUR, "approved", author="bob")
    no = exclusion(SEAL + 2 * HOUR, "disputed", author="eve")
    uptime = one("uptime", "99%", "month")
    figure = {"time.bad_ns": ns(10 * HOUR), "time.excluded_ns": "0", "verdict": "breached"}
    yield row("X4-proposed", [known, *down, about, exclusion(SEAL, "proposed")], figure | NONE, uptime)
    yield row("X4-approved", [known, *down, about, yes],
              figure | first(cause="exclusion", reason="customer", author="bob", verdict="met", position=5)
              | {"restated.time.excluded_ns": ns(10 * HOUR)}, uptime)  # fmt: skip
    yield row("X4-disputed", [known, *down, about, yes, no],
              figure | second(cause="exclusion", reason="customer", author="eve", verdict="breached"), uptime)  # fmt: skip
    yield row("X4-in-time", [known, *down, about, exclusion(SEAL - 1, "approved"), exclusion(SEAL, "approved")],
              {"time.bad_ns": "0", "time.excluded_ns": ns(10 * HOUR), "verdict": "met", "sealed": True} | NONE,
              uptime)  # fmt: skip


def methods():
    slices = sla({"o": {"method": "timeslices", "slice": "1h", "slice_target": "50%", "target": "99%", "over": "month"}})
    ratios = sla({"o": {"method": "ratio_timeslices", "slice": "1h", "target": "99%", "over": "month"}})
    events = [batch(MID, 8, 2, received=MID), batch(MID + HOUR, 1, received=MID), late(20, SEAL, ts=MID)]
    yield row("timeslices", events,
              {"slices.good": 2, "slices.bad": 0, "counts.late": 0, "restated.slices.bad": 1, "restated.counts.late": 20}
              | first(cause="late", **{"sli.percent": "50.000000"}), [slices])  # fmt: skip
    yield row("ratio-timeslices", events,
              {"sli.percent": "90.000000", "restated.sli.percent": "63.333333"} | ONE, [ratios])  # fmt: skip
    tokyo = [sla({"o": {"method": "occurrences", "target": "99.9%", "over": "month"}}, zone="Asia/Tokyo")]
    yield row("zone", [BASE, late(200, SEAL - 9 * HOUR)],
              SEALED | {"sealed_at": "2026-07-03T15:00:00Z"} | first(sli=BREACHED), tokyo)  # fmt: skip
    paid = [
        sla(
            {"o": {"method": "occurrences", "target": "99.9%", "over": "month"}},
            credits={"objective": "o", "period": "month", "below": {99.9: "10%"}, "charge": "100.00 USD"},
        )
    ]
    yield row("credits", [BASE, late(200, SEAL)],
              SEALED | {"credit.amount_minor": 0, "restated.credit.amount_minor": 1000}, paid)  # fmt: skip
    yield row("quarter", [BASE, late(200, SEAL)], SEALED | first(sli=BREACHED), period="2026-Q2")
    yield row("year-not-over", [BASE, late(200, SEAL)], {"sealed": False, "sli": BREACHED, "counts.late": 0} | NONE,
              period="2026")  # fmt: skip


def versions_and_composites():
    two = [
        sla({"o": {"method": "occurrences", "target": "99.9%", "over": "month"}}),
        sla({"o": {"method": "occurrences", "target": "99%", "over": "month"}}, effective="2026-06-21T00:00:00Z"),
    ]
    yield row("versions", [BASE, late(200, SEAL)],
              SEALED | first(verdict="breached") | {"parts.0.verdict": "met", "restated.parts.0.verdict": "breached"},
              two)  # fmt: skip
    members = {
        "fast": {"method": "ratio_timeslices", "slice": "1h", "target": "99%", "over": "month"},
        "up": {"method": "uptime", "target": "99%", "over": "month"},
        "both": {"method": "composite", "combine": "weighted_mean", "members": ["fast", "up"], "target": "99%",
                 "over": "month"},
    }  # fmt: skip
    known = batch(MID, 8, received=MID)
    sealed = {"both/sealed": True, "both/sli.percent": "100.000000", "both/restatements.*.cause": ["late"]}
    yield row("composite", [known, late(8, SEAL, ts=MID)],
              sealed | {"both/restatements.0.sli.percent": "75.000000", "up/restatements": []}, [sla(members)])  # fmt: skip


def lateness():
    """Late is what was received at the window's end or after it, whatever the window."""
    rolling = one("occurrences", "99.9%", "30d")
    two = [batch(MID, 7, received=MID + HOUR), batch(MID, 5, received=MID + 2 * HOUR)]

    def told(case, expect, documents, **when):
        return Row(f"late-{case}", documents, two, expect=expect, oracle=False, **when)

    yield told("rolling", {"counts.good": 12, "counts.late": 5}, rolling, at=MID + 2 * HOUR)
    yield told("rolling-later", {"counts.good": 12, "counts.late": 0}, rolling, at=MID + 2 * HOUR + 1)
    yield told("span", {"counts.good": 12, "counts.late": 12}, rolling, span=(MID, MID + HOUR))
    yield told("running-month", {"counts.late": 0}, one("occurrences", "99%", "month"), at=MID + HOUR)
    ended = sla({"o": {"method": "occurrences", "target": "99%", "over": "term"}},
                term={"from": "2026-06-01T00:00:00Z", "to": "2026-06-15T02:00:00Z"})  # fmt: skip
    yield told("ended-term", {"counts.late": 5}, [ended], at=MID + DAY)
    around = maintenance(MID - 60, MID + 60, incident_id="m", ts=MID)
    yield Row("late-only-valid-ones", rolling, [*two, around], at=MID + 1, expect={"counts.good": 0, "counts.late": 0},
              oracle=False)  # fmt: skip


ROWS = [*late_requests(), *hours(), *causes(), *exclusions(), *methods(), *versions_and_composites(), *lateness()]
