"""Methods with a limit: `response`, `resolution` and `fulfilment`. What is answered within the limit, of what was
answered or has reached it."""

from rows import DAY, HOUR, JUNE, MINUTE, NOW, Row, maintenance, one, opened, outage, resolved, sla, state

TEN = NOW - 10 * HOUR


def incident(incident_id, ts, now, **more):
    return opened(incident_id, ts, **more) | {"state": now}


def acked(incident_id, ts, **more):
    return incident(incident_id, ts, "acknowledged", **more)


def limit(method, within, over="7d", target="90%", **keys):
    return one(method, target, over, within=within, **keys)


RESPONSE = limit("response", "15m")
RESOLUTION = limit("resolution", "4h")


def counts(good, bad, excluded=0, **more):
    return {"counts.good": good, "counts.bad": bad, "counts.excluded": excluded, **more}


def row(case, documents, events, expect, at=NOW, **more):
    return Row(f"Limit-{case}", documents, events, at=at, expect=expect, **more)


def figures():
    """Nine of ten within the limit."""
    events = []
    for i in range(10):
        start = NOW - (i + 2) * HOUR
        events += [*outage(f"i{i}", start, start + HOUR), acked(f"i{i}", start + (20 if i == 0 else 15) * MINUTE)]
    yield row("figure", RESPONSE, events, counts(9, 1, **{
        "method": "response",
        "sli.numerator": "9",
        "sli.denominator": "10",
        "sli.percent": "90.000000",
        "budget.unit": "incidents",
        "budget.total": "1",
        "budget.consumed_percent": "100.000000",
        "coverage_percent": "100.000000",
        "verdict": "at_risk",
        "time": None,
        "slices": None,
        "incidents.count": 10,
        "incidents.mtta_s": 15 * MINUTE + 30,
        "incidents.mttr_s": HOUR,
    }))  # fmt: skip
    yield row("figure-resolution", limit("resolution", "1h"), events, counts(10, 0))
    yield row("figure-resolution-bad", limit("resolution", "59m"), events,
              counts(0, 10, verdict="breached"))  # fmt: skip
    yield row("none", RESPONSE, [], {"sli": None, "verdict": "no_data", "reason": "no_valid_events"})
    yield row("none-is-good", limit("response", "15m", no_data="empty_is_good"), [],
              {"sli.percent": "100.000000", "verdict": "met"})  # fmt: skip
    yield row("too-few", limit("response", "15m", min_events=11), events, {"sli": None, "reason": "too_few_events"})


def instants():
    """An answer at the limit keeps it; a limit counts as missed from the instant at which it is reached."""
    start, end = TEN, TEN + 15 * MINUTE
    one_open = [opened("i1", start)]
    for case, at, good, bad in (
        ("before", end - 1, 0, 0), ("at", end, 0, 1), ("after", end + 1, 0, 1), ("long-after", NOW, 0, 1),
    ):  # fmt: skip
        yield row(f"reached-{case}", RESPONSE, one_open, counts(good, bad), at=at)
    for case, ack, at, good, bad in (
        ("not-yet", end - 60, end - 60, 0, 0), ("counts-then", end - 60, end - 59, 1, 0),
        ("at-the-limit", end, NOW, 1, 0), ("past-it", end + 1, NOW, 0, 1), ("at-once", start, NOW, 1, 0),
    ):  # fmt: skip
        yield row(f"acknowledged-{case}", RESPONSE, [*one_open, acked("i1", ack)], counts(good, bad), at=at)
        yield row(f"acknowledged-{case}-arrives-first", RESPONSE, [acked("i1", ack), *one_open], counts(good, bad),
                  at=at)  # fmt: skip
    for case, resolve, good, bad in (("at-the-limit", 4 * HOUR, 1, 0), ("past-it", 4 * HOUR + 1, 0, 1)):
        yield row(f"resolved-{case}", RESOLUTION, outage("i1", TEN, TEN + resolve), counts(good, bad))
    yield row("still-open", RESOLUTION, [opened("i1", NOW - 4 * HOUR + 1), acked("i1", NOW - HOUR)], counts(0, 0))
    yield row("still-open-late", RESOLUTION, [opened("i1", NOW - 4 * HOUR), acked("i1", NOW - HOUR)], counts(0, 1))
    yield row("resolved-unacknowledged", RESPONSE, outage("i1", TEN, TEN + 5 * MINUTE), counts(1, 0))
    yield row("resolved-unacknowledged-late", RESPONSE, outage("i1", TEN, TEN + HOUR), counts(0, 1))
    yield row("resolved-unknown", RESOLUTION, [resolved("i1", TEN)], counts(1, 0))
    twice = [*one_open, acked("i1", end - 60), acked("i1", end + 60)]
    yield row("acknowledged-twice", RESPONSE, twice, counts(1, 0))


def windows():
    """A case belongs to the instant of its answer, or to the last one of the time that was allowed."""
    month = limit("resolution", "4h", over="month")
    may = JUNE - HOUR
    for case, events, in_may, in_june in (
        ("answered-before", outage("i1", may, JUNE - 1), (1, 0), (0, 0)),
        ("answered-at-the-edge", outage("i1", may, JUNE), (0, 0), (1, 0)),
        ("answered-late", outage("i1", may, JUNE + 4 * HOUR), (0, 0), (0, 1)),
        ("limit-at-the-edge", outage("i1", JUNE - 4 * HOUR, JUNE + 1), (0, 1), (0, 0)),
        ("limit-behind-the-edge", outage("i1", JUNE - 4 * HOUR + 1, JUNE + 5), (0, 0), (0, 1)),
        ("never", [opened("i1", JUNE - 4 * HOUR)], (0, 1), (0, 0)),
    ):
        for period, (good, bad) in (("2026-05", in_may), ("2026-06", in_june)):
            yield row(f"window-{case}-{period}", month, events, counts(good, bad), at=None, period=period)
    rolling = limit("resolution", "1h", over="1h")
    late = outage("i1", NOW - 2 * HOUR, NOW)
    for case, at, bad in (("in", NOW - 1, 1), ("out", NOW, 0)):  # reached at NOW - 1 h
        yield row(f"window-rolls-{case}", rolling, late, counts(0, bad), at=at)
    burst = [opened(f"i{i}", NOW - HOUR - 120) for i in range(10)]
    pairs = [{"severity": "page", "long": "1h", "short": "5m", "burn": 5}]
    yield row("alert", limit("resolution", "1h", alerts=pairs), burst,
              {"alerts.*.firing": [True], "alert": "page", "burn": "10"})  # fmt: skip
    yield row("alert-over", limit("resolution", "1h", alerts=pairs), burst, {"alerts.*.firing": [False]},
              at=NOW + 3 * MINUTE)  # fmt: skip


def kinds():
    """Which incidents are cases."""
    early = outage("i1", TEN, TEN + HOUR)
    minor = outage("i2", TEN, TEN + 5 * HOUR, severity="minor")
    info = outage("i3", TEN, TEN + 5 * HOUR, severity="info")
    yield row("severity-default", RESOLUTION, [*early, *minor, *info], counts(1, 1))
    yield row("severity-major", limit("resolution", "4h", severity="major"), [*early, *minor, *info], counts(1, 0))
    yield row("severity-info", limit("resolution", "4h", severity="info"), [*early, *minor, *info], counts(1, 2))
    potential = opened("i4", TEN, nature="potential")
    yield row("potential", RESOLUTION, [potential], counts(0, 0, **{"incidents.potential_open": 1}))
    yield row("complaint", RESOLUTION, [opened("i4", TEN, complaint=True)], counts(0, 0))
    promoted = acked("i4", NOW - HOUR, nature="actual", started_at=NOW - 3 * HOUR)
    yield row("promoted", RESPONSE, [potential, promoted], counts(0, 1))
    yield row("promoted-true-start", limit("response", "2h"), [potential, promoted], counts(1, 0))
    yield row("promoted-resolution", RESOLUTION, [potential, promoted, resolved("i4", NOW - 60)], counts(1, 0))
    yield row("cancelled", RESOLUTION, [*early, incident("i1", NOW - HOUR, "cancelled")], counts(0, 0))
    yield row("down-state", RESOLUTION, [state(TEN, "down")], counts(0, 0, **{"incidents.count": 1}))
    yield row("other-service", RESOLUTION, [opened("i1", TEN, service="t")], counts(0, 0))
    yield row("two-services", [sla({"o": {"method": "resolution", "within": "4h", "target": "9%"}}, services=["s", "t"])],
              [opened("i1", TEN, service=["s", "t"])], counts(0, 1))  # fmt: skip
    acme = [sla({"o": {"method": "resolution", "within": "4h", "target": "9%"}}, customer="acme")]
    for customer, bad in (("acme", 1), ("globex", 0), (None, 1)):
        whose = {} if customer is None else {"customer": customer}
        yield row(f"customer-{customer or 'all'}", acme, [opened("i1", TEN, **whose)], counts(0, bad))
    node = {"kind": "incident", "id": "i1", "component": "db", "state": "open", "ts": TEN}
    for case, requires, bad in (("interferes", ["db"], 1), ("has-a-spare", {"any": ["db", "spare"]}, 0)):
        system = [*RESOLUTION, {"service": "s", "requires": requires}, {"component": "db", "owner": "p"},
                  {"component": "spare", "owner": "p"}]  # fmt: skip
        yield row(f"component-{case}", system, [node], counts(0, bad))


def out_of_order():
    """A stretch that is told later may have begun earlier: the first answer is the first in time."""
    events = [resolved("i", NOW - HOUR), opened("i", NOW - HOUR, started_at=NOW - 3 * HOUR)]
    yield row("begun-before-its-end", RESPONSE, events, counts(0, 1))
    yield row("begun-before-its-end-at", RESPONSE, events, counts(0, 1), at=NOW - 2 * HOUR)
    yield row("begun-before-its-end-resolution", RESOLUTION, events, counts(0, 0))
    yield row("begun-before-its-end-limit", limit("resolution", "2h"), events, counts(0, 1))


def reopened():
    """One case however often it is opened; the clock of a resolution stands between."""
    for case, second, good, bad in (
        ("within", (TEN + 5 * HOUR, TEN + 8 * HOUR), 1, 0),
        ("past", (TEN + 5 * HOUR, TEN + 8 * HOUR + 1), 0, 1),
    ):
        events = [*outage("i1", TEN, TEN + HOUR), *outage("i1", *second)]
        yield row(f"reopened-{case}", RESOLUTION, events, counts(good, bad))
        yield row(f"reopened-{case}-backwards", RESOLUTION, events[::-1], counts(good, bad))
        yield row(f"reopened-{case}-response", limit("response", "1h"), events, counts(1, 0))
    again = [*outage("i1", TEN, TEN + HOUR), opened("i1", TEN + 5 * HOUR)]
    for case, at, good, bad in (
        ("before", TEN + 5 * HOUR, 1, 0), ("open-again", TEN + 5 * HOUR + 1, 0, 0),
        ("not-reached", TEN + 8 * HOUR - 1, 0, 0), ("reached", TEN + 8 * HOUR, 0, 1),
    ):  # fmt: skip
        yield row(f"reopened-{case}", RESOLUTION, again, counts(good, bad), at=at)


def aside():
    """What is excluded, and in which of the three policies."""
    late = outage("i1", TEN, TEN + 5 * HOUR)
    approved = {"kind": "exclusion", "id": "x", "ts": NOW - 60, "state": "approved", "incident": "i1", "reason": "other"}
    yield row("excluded", RESOLUTION, [*late, approved], counts(0, 0, 1, **{"counts.excluded_by.exclusion": 1}))
    yield row("excluded-proposed", RESOLUTION, [*late, approved | {"state": "proposed"}], counts(0, 1))
    span = {"kind": "exclusion", "id": "x", "ts": NOW, "state": "approved", "service": "s", "reason": "other"}
    for case, start, excluded in (("holds-the-start", TEN, 1), ("begins-later", TEN + 1, 0)):
        yield row(f"excluded-span-{case}", RESOLUTION, [*late, span | {"start": start, "end": TEN + 2}],
                  counts(0, 1 - excluded, excluded))  # fmt: skip
    # A component's incident has to do with the services that it makes fail, whatever the others are under.
    system = [{"component": "c"}, {"component": "d"}, {"service": "s", "requires": {"all": ["c", "d"]}}]
    both = [sla({"o": {"method": "response", "within": "4h", "target": "9%", "over": "7d"}}, services=["s", "t"]), *system]
    begun = {"kind": "incident", "component": "d", "id": "i1", "ts": TEN - HOUR, "state": "open"}
    case = {"kind": "incident", "component": "c", "id": "i2", "ts": TEN, "state": "acknowledged"}
    yield row("excluded-component", both, [begun, case, approved], counts(0, 0, 2))
    work = maintenance(TEN - HOUR, TEN + 1)
    for policy, bad, excluded in (("removed", 0, 1), ("counts_as_good", 0, 0), ("ignored", 1, 0)):
        document = [sla({"o": {"method": "resolution", "within": "4h", "target": "9%", "over": "7d"}},
                        maintenance={"policy": policy})]  # fmt: skip
        for order, events in (("before", [work, *late]), ("after", [*late, work])):
            yield row(f"maintenance-{policy}-{order}", document, events, {
                "counts.good": 1 if policy == "counts_as_good" else 0,
                "counts.bad": bad,
                "counts.excluded_by.maintenance": excluded,
                "maintenance.removed": None,
                "maintenance.counts_as_good": "100.000000",
                "maintenance.ignored": "0.000000",
            })  # fmt: skip
    yield row("maintenance-ended", RESOLUTION, [maintenance(TEN - HOUR, TEN), *late], counts(0, 1))
    for case, term, bad, excluded in (
        ("start-before", {"from": TEN + 1}, 0, 1), ("start-in", {"from": TEN}, 1, 0),
        ("limit-in", {"from": TEN - DAY, "to": TEN + 4 * HOUR}, 1, 0),
        ("limit-behind", {"from": TEN - DAY, "to": TEN + 4 * HOUR - 1}, 0, 1),
    ):  # fmt: skip
        written = {key: stamp(value) for key, value in term.items()}
        document = [sla({"o": {"method": "resolution", "within": "4h", "target": "9%", "over": "7d"}}, term=written)]
        yield row(f"term-{case}", document, late, counts(0, bad, excluded, **{"counts.excluded_by.term": excluded}))


def stamp(seconds):
    from datetime import UTC, datetime

    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def hours():
    """The clock runs in service hours only. 2026-06-05 is a Friday."""
    friday = JUNE + 4 * DAY
    document = [sla({"o": {"method": "resolution", "within": "4h", "target": "9%", "over": "7d"}},
                    hours=["Mon-Fri 08:00-20:00"], zone="Europe/Berlin")]  # fmt: skip
    open_at, close_at = friday + 6 * HOUR, friday + 18 * HOUR  # of Friday, in UTC
    monday = open_at + 3 * DAY
    for case, start, end, good in (
        ("over-the-weekend", close_at - HOUR, monday + 3 * HOUR, 1),
        ("over-the-weekend-late", close_at - HOUR, monday + 3 * HOUR + 1, 0),
        ("begun-on-saturday", close_at + DAY, monday + 4 * HOUR, 1),
        ("begun-on-saturday-late", close_at + DAY, monday + 4 * HOUR + 1, 0),
        ("used-up-at-closing", close_at - 4 * HOUR, close_at, 1),
        ("used-up-at-closing-late", close_at - 4 * HOUR, close_at + 1, 0),
        ("whole-day", friday + 6 * HOUR, friday + 10 * HOUR, 1),
    ):
        yield row(f"hours-{case}", document, outage("i1", start, end), counts(good, 1 - good))
    still = [opened("i1", close_at - HOUR)]
    for case, at, bad in (("not-reached", monday + 3 * HOUR - 1, 0), ("reached", monday + 3 * HOUR, 1)):
        yield row(f"hours-{case}", document, still, counts(0, bad), at=at)


def coverage():
    """Only declared gaps lower it."""
    gap = [state(NOW - 7 * DAY - 1, "up"), state(NOW - 2 * DAY, "unknown"), state(NOW - DAY, "up")]
    yield row("coverage", limit("resolution", "4h", coverage_floor="0.8"), [*outage("i1", TEN, TEN + 1), *gap],
              counts(1, 0, **{"coverage_percent": "85.714286", "verdict": "met"}))  # fmt: skip
    yield row("coverage-floor", RESOLUTION, [*outage("i1", TEN, TEN + 1), *gap], counts(1, 0, verdict="unknown"))
    pairs = [{"severity": "page", "long": "1h", "short": "5m", "burn": 5}]
    lost = [state(NOW - DAY, "up"), state(NOW, "unknown")]
    burst = [opened(f"i{i}", NOW - HOUR + 3 * MINUTE) for i in range(10)]
    frozen = limit("resolution", "1h", over="1h", alerts=[pairs[0] | {"long": "30m"}])
    yield row("alert-freezes", frozen, [*burst, *lost], {"verdict": "unknown", "alerts.*.firing": [True]},
              at=NOW + HOUR)  # fmt: skip


def credits():
    document = [sla({"o": {"method": "resolution", "within": "4h", "target": "90%", "over": "7d"}},
                    credits={"objective": "o", "period": "month", "below": {"90": "10%"}, "charge": "10.00 USD"})]  # fmt: skip
    late = [*outage("i1", JUNE - DAY, JUNE - 12 * HOUR), *outage("i2", NOW - DAY, NOW - DAY + HOUR)]
    yield row("credit", document, late, counts(1, 0, **{"credit.amount_minor": 100}))
    yield row("credit-none", document, late[2:], counts(1, 0, **{"credit.amount_minor": 0}))


def documents():
    for case, keys in (
        ("no-within", {"method": "response"}),
        ("within-zero", {"method": "response", "within": "0s"}),
        ("within-words", {"method": "response", "within": "soon"}),
        ("within-long", {"method": "response", "within": "367d"}),
        ("within-parts", {"method": "response", "within": "1500ms"}),
        ("good", {"method": "resolution", "within": "4h", "good": {"status": "<500"}}),
        ("slice", {"method": "resolution", "within": "4h", "slice": "1m"}),
        ("rounding", {"method": "resolution", "within": "4h", "rounding": "exact"}),
        ("within-of-uptime", {"method": "uptime", "within": "4h"}),
        ("within-of-requests", {"within": "4h"}),
    ):
        yield Row(f"Limit-refused-{case}", [sla({"o": {"target": "90%", **keys}})], refused=True, oracle=False)


ROWS = [
    row
    for group in (figures, instants, windows, kinds, out_of_order, reopened, aside, hours, coverage, credits, documents)
    for row in group()
]
