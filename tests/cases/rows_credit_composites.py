"""Credits that name a composite: it is evaluated over the last complete period (SEMANTICS section 11)."""

from rows import DAY, HOUR, MINUTE, Row, batch, epoch, maintenance, outage, sla, state

APRIL, MAY, JUNE = (epoch(f"2026-{month:02}-01T00:00:00Z") for month in (4, 5, 6))
BELOW = {99: "10%", 95: "25%"}
LATER = JUNE + 2 * DAY


def paid(members, combine="weighted_mean", period="month", below=None, agreement=None, **keys):
    """The composite "o" of these members is paid for; its own window is another than the period."""
    over = keys.pop("over", "7d")
    objective = {"method": "composite", "combine": combine, "members": list(members), "target": "99%", "over": over, **keys}
    credits = {"objective": "o", "below": below or BELOW, "charge": "100.00 USD"}
    if period:
        credits["period"] = period
    return [sla({**members, "o": objective}, credits=credits, **(agreement or {}))]


def credit(percent, below=None, sli=None):
    found = {"o/credit.percent": f"{percent}.000000", "o/credit.below": below, "o/credit.amount_minor": percent * 100}
    return {**found, **({"o/sli.percent": sli} if sli else {})}


MEAN = {"x": {"method": "occurrences", "target": "90%"}, "y": {"method": "occurrences", "target": "90%", "good": {"latency": "<100ms", "status": "<500"}}}


def row(case, documents, events, expect, at=LATER, **keys):
    at = None if "period" in keys or "span" in keys else at
    return Row(f"credits-composite-{case}", documents, events, at=at, expect=expect, oracle=False, **keys)


def slow(ts, fast, slow_ones, bad=0):
    """Requests of which some are slow (bad for y) and some fail (bad for x and y)."""
    return [batch(ts, fast, latency_ms=1), batch(ts + 1, slow_ones, latency_ms=500), batch(ts + 2, 0, bad, latency_ms=1)]


def weighted():
    # May: x 980/1000, y 940/1000: the mean is 96 %. June, in the composite's own window: all good.
    may = slow(MAY + DAY, 940, 40, 20)
    june = slow(JUNE + DAY, 100, 0)
    yield row("mean", paid(MEAN), may + june, credit(10, "99", "100.000000"))
    yield row("weights", paid(MEAN, weights=[1, 9]), may + june, credit(25, "95"))  # 94.4 %
    yield row("error-sum", paid(MEAN, "weighted_error_sum"), may + june, credit(25, "95"))  # 92 %
    yield row("named-period", paid(MEAN), may + june, credit(10, "99", "96.000000"), period="2026-05")
    yield row("span-asked", paid(MEAN), may + june, credit(10, "99", "100.000000"), span=(JUNE, JUNE + 2 * DAY))
    yield row("running-month-does-not-count", paid(MEAN), slow(MAY + DAY, 10, 0) + slow(JUNE + DAY, 0, 0, 10), credit(0))
    yield row("no-data", paid(MEAN), june, credit(0))
    yield row("late", paid(MEAN), slow(MAY + DAY, 1000, 0) + june + slow(JUNE - 5, 0, 0, 20), credit(10, "99"))
    yield row("edge-belongs-to-next", paid(MEAN), slow(MAY, 1000, 0) + slow(JUNE, 0, 0, 500), credit(0))
    yield row(
        "bound-itself", paid({"x": MEAN["x"]}, below={98: "10%"}), [batch(MAY, 98, 2)], credit(0)
    )
    corrected = [{"kind": "outcome", "of": f"r{i}", "outcome": "good", "ts": JUNE + HOUR} for i in range(20)]
    failed = [{"service": "s", "ts": MAY + DAY + i, "status": 500, "id": f"r{i}", "latency_ms": 1} for i in range(20)]
    yield row("before-a-correction", paid(MEAN), [batch(MAY, 980, latency_ms=1), *failed], credit(10, "99"))
    yield row("corrected", paid(MEAN), [batch(MAY, 980, latency_ms=1), *failed, *corrected], credit(0))
    taken_out = maintenance(MAY + DAY, MAY + DAY + 60, ts=JUNE)
    yield row("maintenance-said-afterwards", paid(MEAN), [batch(MAY, 980, latency_ms=1), *failed, taken_out], credit(0))
    # Two months on, with nothing in between: May is no longer the last complete one.
    yield row("two-months-on", paid(MEAN), may, credit(0), at=JUNE + 32 * DAY)
    yield row("quarter", paid(MEAN, period="quarter"), may, credit(10, "99"), at=JUNE + 32 * DAY)
    # Not spoken of: month, by the agreement's clocks. Midnight in Berlin is 22:00 UTC.
    berlin = paid(MEAN, period=None, agreement={"zone": "Europe/Berlin"})
    yield row("period-in-zone", berlin, slow(MAY, 1000, 0) + slow(JUNE - HOUR, 0, 0, 500), credit(0))
    yield row("period-in-zone-first-hour", berlin, slow(MAY - HOUR, 0, 0, 50) + slow(MAY, 1000, 0), credit(10, "99"))
    missing = {**MEAN, "z": {"method": "occurrences", "target": "90%", "total": {"class": "standing"}}}
    yield row("missing-ignored", paid(missing), may, credit(10, "99"))
    yield row("missing-bad", paid(missing, missing="bad"), may, credit(25, "95"))
    each = paid(MEAN, agreement={"customer": "each"})
    yield Row(
        "credits-composite-each",
        each,
        [batch(MAY + DAY, 99, 1, customer="c", latency_ms=1), batch(MAY + DAY, 97, 3, customer="d", latency_ms=1)],
        at=LATER,
        expect={"o@c/credit.below": None, "o@d/credit.below": "99"},
        oracle=False,
    )
    steps = [{"kind": "request", "service": "s", "id": f"f{i}", "state": "opened", "ts": MAY + DAY} for i in range(10)]
    steps += [{"kind": "request", "service": "s", "id": f"f{i}", "state": "fulfilled", "ts": MAY + DAY + 60} for i in range(9)]
    done = {"f": {"method": "fulfilment", "within": "1h", "target": "90%"}}
    yield row("fulfilment", paid(done), steps, credit(25, "95"))
    answered = {"r": {"method": "resolution", "within": "1h", "target": "90%"}}
    kept = outage("i", MAY + DAY, MAY + DAY + 60) + outage("j", MAY + 2 * DAY, MAY + 2 * DAY + 2 * HOUR)
    yield row("resolution", paid(answered), kept, credit(25, "95"))


UP = {
    "a": {"method": "uptime", "target": "99%"},
    "b": {"method": "uptime", "target": "99%", "severity": "critical"},
}
SLICED = {
    "a": {"method": "timeslices", "slice": "6h", "slice_target": "95%", "target": "99%"},
    "b": {"method": "timeslices", "slice": "6h", "slice_target": "95%", "target": "99%", "good": {"latency": "<100ms"}},
}


def any_bad():
    # 31 days have 744 hours: 7.44 are 1 %.
    day = MAY + DAY
    yield row("any-bad-time", paid(UP, "any_bad"), outage("i", day, day + 7 * HOUR + 27 * MINUTE), credit(10, "99"))
    yield row("any-bad-time-less", paid(UP, "any_bad"), outage("i", day, day + 7 * HOUR + 26 * MINUTE), credit(0))
    yield row("any-bad-time-across", paid(UP, "any_bad"), outage("i", JUNE - 7 * HOUR, JUNE + DAY), credit(0))
    yield row("any-bad-time-named", paid(UP, "any_bad"), outage("i", day, day + 8 * HOUR), credit(10, "99"), period="2026-05")
    hours = paid(UP, "any_bad", agreement={"hours": ["Mon-Fri 08:00-20:00"]})
    # 21 weekdays of 12 hours: 252 hours, of which 2.52 are 1 %. 2026-05-04 is a Monday.
    monday = MAY + 3 * DAY + 8 * HOUR
    yield row("any-bad-time-hours", hours, outage("i", monday, monday + 2 * HOUR + 32 * MINUTE), credit(10, "99"))
    yield row("any-bad-time-hours-less", hours, outage("i", monday - 5 * HOUR, monday + 2 * HOUR + 31 * MINUTE), credit(0))
    told = [batch(MAY + i * 6 * HOUR, 100, latency_ms=1) for i in range(124)]
    # One slice of 124, then two.
    bad, also = batch(MAY + 10 * DAY, 0, 50), batch(MAY + 11 * DAY, 50, latency_ms=500)
    yield row("any-bad-slices-1", paid(SLICED, "any_bad"), [*told, bad], credit(0))
    yield row("any-bad-slices-2", paid(SLICED, "any_bad"), [*told, bad, also], credit(10, "99"))
    yield row("any-bad-slices-late", paid(SLICED, "any_bad"), [*told, bad, batch(JUNE, 1), also], credit(10, "99"))
    yield row("any-bad-slices-running", paid(SLICED, "any_bad"), [*told, bad, batch(JUNE, 0, 99)], credit(0))
    gap = [state(MAY, "up"), state(MAY + 20 * DAY, "unknown"), state(JUNE, "up")]
    yield row("any-bad-unknown-leaves", paid({"a": UP["a"]}, "any_bad"), [*gap, *outage("i", day, day + 5 * HOUR)], credit(10, "99"))


def versions():
    # The composite is that of the version in force, its members keep theirs; paid by the terms of then.
    first = paid(MEAN)[0]
    second = {**paid({**MEAN, "x": {**MEAN["x"], "good": {"status": "<600"}}})[0], "effective": "2026-05-10"}
    second["credits"] = {**second["credits"], "below": {99: "50%"}}
    early = slow(MAY + DAY, 960, 0, 40)  # before the turn, bad for both
    late = slow(MAY + 20 * DAY, 960, 0, 40)
    yield row("version-before", [first, second], early + slow(MAY + 20 * DAY, 1000, 0), credit(50, "99"))  # x 98 %, y 98 %
    yield row("version-after", [first, second], slow(MAY + DAY, 2800, 0) + late, credit(50, "99"), at=LATER)
    third = {**first, "effective": "2026-06-01T12:00:00Z", "credits": {**first["credits"], "below": {99: "77%"}}}
    yield row("version-since", [first, third], slow(MAY + DAY, 960, 0, 40), credit(10, "99"))


def refused():
    def refuse(case, documents):
        return Row(f"credits-composite-refused-{case}", documents, refused=True, oracle=False)

    odd = {"a": {**SLICED["a"], "slice": "7h"}}
    yield refuse("slices", paid(odd, "any_bad", over="7d"))
    yield refuse("slices-of-the-default-period", paid(odd, "any_bad", over="7d", period=None))
    plain = {"x": {**SLICED["a"], "slice": "7h", "over": "7d"}}
    yield refuse("slices-without-composite", [sla(plain, credits={"objective": "x", "below": BELOW})])


ROWS = [one for group in (weighted, any_bad, versions, refused) for one in group()]
