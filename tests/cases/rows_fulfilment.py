"""Requests with a life: opened, pending, fulfilled, failed, withdrawn, by id; how many were fulfilled within the
limit, of those fulfilled or due."""

from itertools import permutations

from rows import DAY, HOUR, JUNE, MINUTE, NOW, Row, batch, maintenance, one, sla, state

TEN = NOW - 10 * HOUR


def request(request_id, ts, now, **more):
    return {"service": "s", "id": request_id, "ts": ts, "state": now, **more}


def life(request_id, start, end=None, how="fulfilled", **more):
    events = [request(request_id, start, "opened", **more)]
    return events if end is None else [*events, request(request_id, end, how)]


def limit(within="4h", over="7d", target="90%", **keys):
    return one("fulfilment", target, over, within=within, **keys)


PLAIN = limit()


def counts(good, bad, excluded=0, **more):
    return {"counts.good": good, "counts.bad": bad, "counts.excluded": excluded, **more}


def row(case, documents, events, expect, at=NOW, **more):
    more = {"oracle": "expect" not in documents[-1], **more}
    return Row(f"Fulfilment-{case}", documents, events, at=at, expect=expect, **more)


def figures():
    events = [event for i in range(10) for event in life(f"r{i}", TEN, TEN + (5 if i == 3 else 3) * HOUR)]
    events += life("waiting", NOW - HOUR)
    yield row("figure", PLAIN, events, counts(9, 1, **{
        "method": "fulfilment",
        "sli.numerator": "9",
        "sli.denominator": "10",
        "budget.unit": "requests",
        "budget.consumed_percent": "100.000000",
        "coverage_percent": "100.000000",
        "verdict": "at_risk",
        "time": None,
        "slices": None,
    }))  # fmt: skip
    yield row("none", PLAIN, [batch(TEN, 5, 5)], {"sli": None, "verdict": "no_data"})
    yield row("apart", [sla({"f": {"method": "fulfilment", "within": "4h", "target": "9%"}, "o": "9%",
                             "m": {"method": "timeslices", "slice": "1h", "slice_target": "9%", "target": "9%"}})],
              [*events, batch(TEN, 3, 4)],
              {"f/counts.good": 9, "f/counts.bad": 1, "o/counts.good": 3, "o/counts.bad": 4, "m/counts.good": 3})  # fmt: skip
    yield row("weight", PLAIN, life("r", TEN, TEN + HOUR, count=5), counts(5, 0))


def instants():
    for case, end, good, bad in (("at-the-limit", 4 * HOUR, 1, 0), ("past-it", 4 * HOUR + 1, 0, 1), ("at-once", 0, 1, 0)):
        yield row(case, PLAIN, life("r", TEN, TEN + end), counts(good, bad))
    for case, at, bad in (("before", -1, 0), ("at", 0, 1), ("after", 1, 1)):
        yield row(f"reached-{case}", PLAIN, life("r", TEN), counts(0, bad), at=TEN + 4 * HOUR + at)
    for case, at, good in (("before", -1, 0), ("at", 0, 0), ("after", 1, 1)):  # answered at the very limit
        yield row(f"answered-{case}", PLAIN, life("r", TEN, TEN + 4 * HOUR), counts(good, 0), at=TEN + 4 * HOUR + at)
    for case, end, at, bad in (("not-yet", HOUR, HOUR, 0), ("at-once", HOUR, HOUR + 1, 1), ("late", 5 * HOUR, 10 * HOUR, 1)):
        yield row(f"failed-{case}", PLAIN, life("r", TEN, TEN + end, "failed"), counts(0, bad), at=TEN + at)
    for case, end in (("early", HOUR), ("late", 5 * HOUR)):
        gone = life("r", TEN, TEN + end, "withdrawn")
        yield row(f"withdrawn-{case}", PLAIN, gone, counts(0, 0, 1, **{"counts.excluded_by.sender": 1}))
    # Until then it counts as what it was.
    yield row("withdrawn-until-then", PLAIN, gone, counts(0, 1), at=TEN + 5 * HOUR)
    yield row("withdrawn-from-then", PLAIN, gone, counts(0, 0, 1), at=TEN + 5 * HOUR + 1)
    for how, good, bad in (("fulfilled", 1, 0), ("failed", 0, 1), ("pending", 0, 0)):
        yield row(f"unknown-{how}", PLAIN, [request("r", TEN, how)], counts(good, bad))


def clocks():
    paused = [*life("r", TEN), request("r", TEN + HOUR, "pending"), request("r", TEN + 6 * HOUR, "opened")]
    for case, end, good in (("within", 9 * HOUR, 1), ("late", 9 * HOUR + 1, 0)):
        events = [*paused, request("r", TEN + end, "fulfilled")]
        yield row(f"pending-{case}", PLAIN, events, counts(good, 1 - good))
        yield row(f"pending-{case}-backwards", PLAIN, events[::-1], counts(good, 1 - good))
    for case, at, bad in (("not-reached", 9 * HOUR - 1, 0), ("reached", 9 * HOUR, 1)):
        yield row(f"pending-{case}", PLAIN, paused, counts(0, bad), at=TEN + at)
    yield row("pending-for-ever", PLAIN, paused[:2], counts(0, 0), at=TEN + DAY)
    yield row("pending-fulfilled", PLAIN, [*paused[:2], request("r", TEN + 9 * HOUR, "fulfilled")], counts(1, 0))
    yield row("pending-too-late", PLAIN, [*life("r", TEN), request("r", TEN + 4 * HOUR, "pending")], counts(0, 1))
    events = [*paused, request("r", TEN + 8 * HOUR, "fulfilled")]
    for i, order in enumerate(permutations(events)):
        yield row(f"any-order-{i}", PLAIN, list(order), counts(1, 0))
    friday = JUNE + 4 * DAY
    office = [sla({"o": {"method": "fulfilment", "within": "4h", "target": "9%", "over": "7d"}},
                  hours=["Mon-Fri 08:00-20:00"])]  # fmt: skip
    evening, monday = friday + 19 * HOUR, friday + 3 * DAY + 8 * HOUR
    for case, end, good in (("within", 3 * HOUR, 1), ("late", 3 * HOUR + 1, 0)):
        yield row(f"hours-{case}", office, life("r", evening, monday + end), counts(good, 1 - good))
    # Pending from Friday 19:30 to Monday 09:00: half an hour is used up by then.
    asked = [*life("r", evening), request("r", evening + 30 * MINUTE, "pending"), request("r", monday + HOUR, "opened")]
    for case, at, bad in (("not-reached", 4 * HOUR + 30 * MINUTE - 1, 0), ("reached", 4 * HOUR + 30 * MINUTE, 1)):
        yield row(f"hours-and-pending-{case}", office, asked, counts(0, bad), at=monday + at)


def ends():
    """What has ended stays ended until it is opened again."""
    done = life("r", TEN, TEN + HOUR)
    yield row("twice", PLAIN, [*done, request("r", TEN + 6 * HOUR, "fulfilled")], counts(1, 0))
    yield row("repeated", PLAIN, [*done, *done], counts(1, 0))
    yield row("failed-behind", PLAIN, [*done, request("r", TEN + 2 * HOUR, "failed")], counts(1, 0))
    yield row("withdrawn-behind", PLAIN, [*done, request("r", TEN + 2 * HOUR, "withdrawn")], counts(0, 0, 1))
    yield row("fulfilled-behind", PLAIN, [*life("r", TEN, TEN + HOUR, "failed"), request("r", TEN + 2 * HOUR, "fulfilled")],
              counts(0, 1))  # fmt: skip
    again = [*done, request("r", TEN + 5 * HOUR, "opened")]
    for case, at, good, bad in (
        ("before", 5 * HOUR, 1, 0), ("open", 5 * HOUR + 1, 0, 0), ("not-reached", 8 * HOUR - 1, 0, 0),
        ("reached", 8 * HOUR, 0, 1),
    ):  # fmt: skip
        yield row(f"again-{case}", PLAIN, again, counts(good, bad), at=TEN + at)
    for case, end, good in (("within", 8 * HOUR, 1), ("late", 8 * HOUR + 1, 0)):
        yield row(f"again-{case}", PLAIN, [*again, request("r", TEN + end, "fulfilled")], counts(good, 1 - good))
    back = [*life("r", TEN, TEN + HOUR, "withdrawn"), request("r", TEN + 2 * HOUR, "opened")]
    yield row("withdrawn-and-back", PLAIN, [*back, request("r", TEN + 3 * HOUR, "fulfilled")], counts(1, 0))


def windows():
    month = limit(over="month")
    for case, events, may, june in (
        ("answered-before", life("r", JUNE - HOUR, JUNE - 1), (1, 0), (0, 0)),
        ("answered-at-the-edge", life("r", JUNE - HOUR, JUNE), (0, 0), (1, 0)),
        ("answered-late", life("r", JUNE - HOUR, JUNE + 4 * HOUR), (0, 0), (0, 1)),
        ("limit-at-the-edge", life("r", JUNE - 4 * HOUR, JUNE + 1), (0, 1), (0, 0)),
        ("failed", life("r", JUNE - HOUR, JUNE + 1, "failed"), (0, 0), (0, 1)),
    ):
        for period, (good, bad) in (("2026-05", may), ("2026-06", june)):
            yield row(f"window-{case}-{period}", month, events, counts(good, bad), at=None, period=period)
    rolling = limit("1h", over="1h")
    for case, at, bad in (("in", -1, 1), ("out", 0, 0)):
        yield row(f"window-rolls-{case}", rolling, life("r", NOW - 2 * HOUR), counts(0, bad), at=NOW + at)
    pairs = [{"severity": "page", "long": "1h", "short": "5m", "burn": 5}]
    burst = [event for i in range(10) for event in life(f"r{i}", NOW - HOUR - 120)]
    yield row("alert", limit("1h", alerts=pairs), burst, {"alerts.*.firing": [True], "alert": "page", "burn": "10"})
    lost = [state(NOW - DAY, "up"), state(NOW, "unknown")]
    late = [event for i in range(10) for event in life(f"r{i}", NOW - HOUR + 3 * MINUTE)]
    frozen = limit("1h", over="1h", alerts=[pairs[0] | {"long": "30m"}])
    yield row("alert-freezes", frozen, [*late, *lost], {"verdict": "unknown", "alerts.*.firing": [True]}, at=NOW + HOUR)
    document = [sla({"o": {"method": "fulfilment", "within": "4h", "target": "90%", "over": "7d"}},
                    credits={"objective": "o", "period": "month", "below": {"90": "10%"}, "charge": "10.00 USD"})]  # fmt: skip
    bad = [*life("r1", JUNE - DAY, JUNE - 12 * HOUR), *life("r2", NOW - DAY, NOW - DAY + HOUR)]
    yield row("credit", document, bad, counts(1, 0, **{"credit.amount_minor": 100}))
    yield row("credit-corrected", document, [*bad, request("r1", JUNE - 23 * HOUR, "pending")],
              counts(1, 0, **{"credit.amount_minor": 0}))  # fmt: skip


def whose():
    late = life("r", TEN)
    acme = [sla({"o": {"method": "fulfilment", "within": "4h", "target": "9%"}}, customer="acme")]
    for customer, bad in (("acme", 1), ("globex", 0), (None, 0)):
        said = {} if customer is None else {"customer": customer}
        yield row(f"customer-{customer}", acme, life("r", TEN, **said), counts(0, bad))
        yield row(f"customer-{customer}-pooled", PLAIN, life("r", TEN, **said), counts(0, 1))
    yield row("customer-said-later", acme, [*late, request("r", TEN + HOUR, "pending", customer="acme"),
                                            request("r", TEN + HOUR, "fulfilled")], counts(1, 0))  # fmt: skip
    yield row("other-service", PLAIN, [event | {"service": "t"} for event in late], counts(0, 0))
    pooled = [sla({"o": {"method": "fulfilment", "within": "4h", "target": "9%"}}, services=["s", "t"])]
    both = [*life("r", TEN + 1, TEN + 2), *[event | {"service": "t"} for event in late]]
    yield row("same-id-of-two-services", pooled, both, counts(1, 1))
    yield row("out-of-scope", PLAIN, life("r", TEN, scope="out"), counts(0, 0, **{"counts.out_of_scope": 1}))
    yield row("excluded-by-sender", PLAIN, [*late, request("r", NOW - HOUR, "fulfilled", outcome="excluded")],
              counts(0, 0, 1, **{"counts.excluded_by.sender": 1}))  # fmt: skip
    two = [*life("r", TEN, TEN + 1), *life("q", TEN, **{"class": "standing"})]
    yield row("only-standing", limit(total={"class": "standing"}), two, counts(0, 1))
    yield row("only-adhoc", limit(total={"class": "adhoc"}), two, counts(1, 0))


def aside():
    late = life("r", TEN)
    span = {"kind": "exclusion", "id": "x", "ts": NOW, "state": "approved", "service": "s", "reason": "other"}
    work = maintenance(TEN - HOUR, TEN + 1)
    for order, add in (("before", lambda more: [more, *late]), ("after", lambda more: [*late, more])):
        for case, start, excluded in (("holds-the-start", TEN, 1), ("begins-later", TEN + 1, 0)):
            yield row(f"excluded-{case}-{order}", PLAIN, add(span | {"start": start, "end": TEN + 2}),
                      counts(0, 1 - excluded, excluded))  # fmt: skip
        for policy, bad, excluded in (("removed", 0, 1), ("counts_as_good", 0, 0), ("ignored", 1, 0)):
            document = [sla({"o": {"method": "fulfilment", "within": "4h", "target": "9%", "over": "7d"}},
                            maintenance={"policy": policy})]  # fmt: skip
            yield row(f"maintenance-{policy}-{order}", document, add(work), {
                "counts.good": 1 if policy == "counts_as_good" else 0,
                "counts.bad": bad,
                "counts.excluded_by.maintenance": excluded,
                "maintenance.removed": None,
                "maintenance.counts_as_good": "100.000000",
                "maintenance.ignored": "0.000000",
            })  # fmt: skip
    taken_back = span | {"start": TEN, "end": TEN + 2}
    yield row("excluded-taken-back", PLAIN, [*late, taken_back, taken_back | {"ts": NOW + 1, "state": "withdrawn"}],
              counts(0, 1))  # fmt: skip


def signs():
    """An event of a request is a sign of its service."""
    document = [*limit(over="1d"), {"service": "s", "expect": {"every": "1h"}}]
    yield row("sign", document, life("r", NOW - 90 * MINUTE, NOW - 30 * MINUTE), counts(1, 0, coverage_percent="100.000000"))  # fmt: skip


def documents():
    for case, keys in (
        ("no-within", {}), ("good", {"within": "4h", "good": {"status": "<500"}}), ("slice", {"within": "4h", "slice": "1m"}),
    ):  # fmt: skip
        yield Row(f"Fulfilment-refused-{case}", one("fulfilment", "90%", **keys), refused=True, oracle=False)
    without = {"service": "s", "ts": TEN, "state": "opened"}
    yield row("without-id", PLAIN, [without], {"rejected": 1})


ROWS = [
    row for group in (figures, instants, clocks, ends, windows, whose, aside, signs, documents) for row in group()
]
