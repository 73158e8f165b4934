"""What changes figures after the fact: exclusions and their states, in any order of arrival; corrected outcomes;
maintenance that recurs or exceeds its allowance."""

from rows import DAY, HOUR, JUNE, NOW, Row, batch, epoch, maintenance, ns, one, opened, outage, resolved, sla, state


def exclusion(ts, said="approved", exclusion_id="x1", **more):
    return {"kind": "exclusion", "id": exclusion_id, "ts": ts, "state": said, **more}


def of_span(start, end, **more):
    return {"service": "s", "start": start, "end": end, "reason": "customer", "author": "ann", **more}


def of_incident(incident="i1", **more):
    return {"incident": incident, "reason": "force_majeure", "author": "ann", **more}


TEN = NOW - 10 * HOUR
DOWN = outage("i1", TEN, TEN + HOUR)
COUNTED = {"time.bad_ns": ns(HOUR), "time.excluded_ns": "0", "incidents.count": 1}
LEFT_OUT = {
    "time.bad_ns": "0",
    "time.excluded_ns": ns(HOUR),
    "sli.denominator": ns(DAY * 7 - HOUR),
    "maintenance.ignored": "100.000000",
    "incidents.count": 0,
}


def row(case, events, expect, documents=None, **more):
    return Row(f"X4-{case}", documents or one("uptime", "99%", "7d"), events, at=NOW, expect=expect, **more)


def states():
    """Only an approved exclusion changes figures; the last word by (time, position) holds."""
    about = exclusion(NOW - 9 * HOUR, "proposed", **of_incident())
    yield row("proposed", [*DOWN, about], COUNTED)
    yield row("approved", [*DOWN, about, exclusion(NOW - 8 * HOUR)], LEFT_OUT)
    for said in ("rejected", "disputed", "withdrawn"):
        yield row(said, [*DOWN, about, exclusion(NOW - 8 * HOUR), exclusion(NOW - 7 * HOUR, said)], COUNTED)
        yield row(
            f"{said}-arrives-first", [exclusion(NOW - 7 * HOUR, said), *DOWN, about, exclusion(NOW - 8 * HOUR)], COUNTED
        )
    again = [exclusion(NOW - 8 * HOUR), exclusion(NOW - 7 * HOUR, "withdrawn"), exclusion(NOW - 6 * HOUR)]
    yield row("approved-again", [*DOWN, about, *again], LEFT_OUT)
    same_time = [exclusion(NOW - 8 * HOUR, "rejected"), exclusion(NOW - 8 * HOUR)]
    yield row("same-time-later-position", [*DOWN, about, *same_time], LEFT_OUT)
    yield row("approval-arrives-first", [exclusion(NOW - 8 * HOUR), about, *DOWN], LEFT_OUT)


def incidents():
    whole = exclusion(NOW - HOUR, **of_incident())
    yield row("incident-not-known", [whole], COUNTED | {"time.bad_ns": "0", "incidents.count": 0})
    yield row("incident-reopened", [*DOWN, whole, *outage("i1", TEN + 2 * HOUR, TEN + 3 * HOUR)],
              LEFT_OUT | {"time.excluded_ns": ns(2 * HOUR), "sli.denominator": ns(DAY * 7 - 2 * HOUR)})  # fmt: skip
    yield row("incident-still-open", [opened("i1", TEN), whole],
              LEFT_OUT | {"time.excluded_ns": ns(10 * HOUR), "sli.denominator": ns(DAY * 7 - 10 * HOUR)})  # fmt: skip
    yield row(
        "incident-still-open-month",  # of what is to come nothing is excluded yet
        [opened("i1", TEN), whole],
        {"time.excluded_ns": ns(10 * HOUR), "budget.total": ns((30 * DAY - 10 * HOUR) // 100), "verdict": "met"},
        one("uptime", "99%", "month"),
    )
    # Excluded comes before bad: also where another incident overlaps.
    yield row("incident-overlapped", [*DOWN, *outage("i2", TEN, TEN + 2 * HOUR), whole],
              {"time.bad_ns": ns(HOUR), "time.excluded_ns": ns(HOUR), "incidents.count": 1, "incidents.mttr_s": HOUR})  # fmt: skip
    yield row("incident-potential", [opened("i1", TEN, nature="potential"), whole],
              {"time.bad_ns": "0", "time.excluded_ns": "0", "incidents.potential_open": 0})  # fmt: skip
    yield row("incident-cancelled", [*DOWN, whole, resolved("i1", TEN + 2 * HOUR) | {"state": "cancelled"}],
              {"time.bad_ns": "0", "time.excluded_ns": "0", "incidents.count": 0})  # fmt: skip


def spans():
    half = exclusion(NOW - HOUR, **of_span(TEN + HOUR // 2, TEN + 2 * HOUR))
    yield row(
        "span",
        [*DOWN, half],
        {
            "time.bad_ns": ns(HOUR // 2),
            "time.excluded_ns": ns(HOUR * 3 // 2),
            "incidents.count": 1,
            "incidents.mttr_s": HOUR // 2,
        },
    )
    for policy, excluded in (("removed", 2), ("counts_as_good", "1.5"), ("ignored", "1.5")):
        yield row(
            f"span-and-maintenance-{policy}",
            [*DOWN, half, maintenance(TEN, TEN + HOUR)],
            {
                "time.excluded_ns": str(int(float(excluded) * HOUR * 10**9)),
                "time.bad_ns": ns(HOUR // 2) if policy == "ignored" else "0",
            },
            [sla({"o": {"method": "uptime", "target": "99%", "over": "7d"}}, maintenance={"policy": policy})],
        )
    unknown = [state(TEN - DAY, "up"), state(TEN, "unknown"), state(TEN + 2 * HOUR, "up")]
    yield row("span-of-unknown", [*unknown, half],
              {"time.unknown_ns": ns(5 * DAY + 13 * HOUR + 2 * HOUR - HOUR * 3 // 2 + HOUR), "time.bad_ns": "0"}, oracle=True)  # fmt: skip
    yield row("moved", [*DOWN, half, exclusion(NOW - HOUR + 1, **of_span(TEN, TEN + HOUR))],
              {"time.bad_ns": "0", "time.excluded_ns": ns(HOUR)})  # fmt: skip


def requests():
    """Half-open; counted before the exclusion was known, after it, and while it was taken back."""
    before = [batch(NOW - 2000, 0, 1), batch(NOW - 1001, 0, 2), batch(NOW - 1000, 0, 4), batch(NOW - 500, 93)]
    span = exclusion(NOW - 100, **of_span(NOW - 2000, NOW - 1000))
    late = batch(NOW - 1500, 0, 7)
    excluded = {"counts.good": 93, "counts.bad": 4}
    back = exclusion(NOW - 50, "withdrawn")
    occurrences = [sla({"o": "99%"})]
    for case, events, expect in (
        ("late", [*before, span], excluded | {"counts.excluded_by.exclusion": 3}),
        ("first", [span, *before], excluded | {"counts.excluded_by.exclusion": 3}),
        ("late-request", [*before, span, late], excluded | {"counts.excluded_by.exclusion": 10}),
        ("taken-back", [*before, span, late, back], {"counts.good": 93, "counts.bad": 14, "counts.excluded": 0}),
        ("in-incident", [*before, *outage("i1", NOW - 2000, NOW - 1000), exclusion(NOW - 5, **of_incident())],
         excluded | {"counts.excluded_by.exclusion": 3}),
        ("in-incident-resolved-later",
         [*before, opened("i1", NOW - 2000), exclusion(NOW - 5, **of_incident()), resolved("i1", NOW - 1000)],
         excluded | {"counts.excluded_by.exclusion": 3}),
        ("maintenance-comes-first", [*before, span, maintenance(NOW - 2000, NOW - 1500)],
         excluded | {"counts.excluded_by.exclusion": 2, "counts.excluded_by.maintenance": 1}),
        ("maintenance-is-known", [*before, maintenance(NOW - 2000, NOW - 1500), span],
         excluded | {"counts.excluded_by.exclusion": 2, "counts.excluded_by.maintenance": 1}),
    ):  # fmt: skip
        yield row(f"requests-{case}", events, expect, occurrences)
    slices = one("timeslices", "90%", "1h", slice="10m", slice_target="95%", no_data="empty_is_good")
    yield row("slices", [batch(NOW - 900, 0, 5), exclusion(NOW, **of_span(NOW - 1200, NOW - 600))],
              {"slices.good": 5, "slices.bad": 0, "slices.excluded": 1}, slices)  # fmt: skip


def customers():
    """Scoped as maintenance is: without a customer everybody's, else that customer's and the pooled agreements'."""
    pooled = sla({"o": {"method": "uptime", "target": "99%", "over": "7d"}}, agreement="pooled")
    acme = sla({"o": {"method": "uptime", "target": "99%", "over": "7d"}}, customer="acme")
    mine = sla({"p": {"method": "uptime", "target": "99%", "over": "7d"}}, agreement="b", customer="acme")
    theirs = sla({"o": {"method": "uptime", "target": "99%", "over": "7d"}}, agreement="c", customer="globex")
    for case, about in (("span", of_span(TEN, TEN + HOUR)), ("incident", of_incident())):
        approved = exclusion(NOW - HOUR, **about, customer="acme")
        known = [batch(TEN, 1, customer="globex")]
        yield row(f"{case}-of-customer", [*DOWN, approved], {"time.bad_ns": "0"}, [acme])
        yield row(f"{case}-of-customer-pooled", [*DOWN, approved], {"time.bad_ns": "0"}, [pooled])
        yield row(f"{case}-of-other-customer", [*known, *DOWN, approved], {"time.bad_ns": ns(HOUR)}, [theirs])
        other = [*known, *outage("i1", TEN, TEN + HOUR, customer="globex")]
        yield row(f"{case}-of-other-customers-incident", [*other, exclusion(NOW - HOUR, **about)],
                  {"time.excluded_ns": "0" if case == "incident" else ns(HOUR), "incidents.count": 0}, [acme])  # fmt: skip
        yield row(f"{case}-two-customers", [*known, *DOWN, approved],
                  {"p/time.bad_ns": "0", "o/time.bad_ns": ns(HOUR)}, [mine, theirs])  # fmt: skip


def recurring(start, end, rrule, **more):
    return maintenance(start, end, rrule=rrule, **more)


def recurrences():
    """June 2026 begins on a Monday. Each occurrence lasts an hour."""
    month = one("uptime", "99%", "month")
    for case, rule, hours in (
        ("daily", "FREQ=DAILY", 30),
        ("daily-interval", "FREQ=DAILY;INTERVAL=7", 5),
        ("daily-on-days", "FREQ=DAILY;BYDAY=SA,SU", 8),
        ("count", "FREQ=DAILY;COUNT=3", 3),
        ("until-at-start", "FREQ=DAILY;UNTIL=20260605T020000Z", 5),
        ("until-before-start", "FREQ=DAILY;UNTIL=20260605T015959Z", 4),
        ("until-date", "FREQ=DAILY;UNTIL=20260605", 5),
        ("weekly", "FREQ=WEEKLY", 5),
        ("weekly-days", "RRULE:FREQ=WEEKLY;BYDAY=TU,TH", 9),
        ("weekly-interval", "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,SU", 5),
        ("weekly-interval-sunday", "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,SU;WKST=SU", 5),
        ("monthly", "FREQ=MONTHLY", 1),
        ("monthly-first-and-last", "FREQ=MONTHLY;BYDAY=1MO,-1TU", 2),
        ("monthly-every", "FREQ=MONTHLY;BYDAY=FR", 4),
        ("monthly-fifth", "FREQ=MONTHLY;BYDAY=5WE", 0),
    ):
        span = {"start": "2026-06-01T02:00:00Z", "end": "2026-06-01T03:00:00Z"}
        document = {"maintenance": "m", "services": ["s"], "rrule": rule, **span}
        expect = {"time.excluded_ns": ns(hours * HOUR), "sli.denominator": ns(30 * DAY - hours * HOUR)}
        yield Row(f"Rrule-{case}", month, [recurring(JUNE + 2 * HOUR, JUNE + 3 * HOUR, rule)], period="2026-06",
                  expect=expect)  # fmt: skip
        yield Row(f"Rrule-{case}-document", [*month, document], period="2026-06", expect=expect)
    from_31 = recurring(epoch("2026-01-31T00:00:00Z"), epoch("2026-01-31T01:00:00Z"), "FREQ=MONTHLY")
    for period, hours in (("2026-02", 0), ("2026-03", 1)):  # a month without the day has no occurrence
        yield Row(f"Rrule-monthly-31-{period}", month, [from_31], period=period,
                  expect={"time.excluded_ns": ns(hours * HOUR)})  # fmt: skip
    for case, rule in (
        ("frequency", "FREQ=HOURLY"), ("yearly", "FREQ=YEARLY"), ("part", "FREQ=DAILY;BYHOUR=2"), ("none", "COUNT=2"),
        ("both-ends", "FREQ=DAILY;COUNT=2;UNTIL=20260701"), ("ordinal", "FREQ=WEEKLY;BYDAY=1MO"),
        ("day", "FREQ=WEEKLY;BYDAY=XX"), ("twice", "FREQ=DAILY;FREQ=DAILY"), ("zero", "FREQ=DAILY;INTERVAL=0"),
    ):  # fmt: skip
        document = {"maintenance": "m", "services": ["s"], "rrule": rule, "start": "2026-06-01", "end": "2026-06-02"}
        yield Row(f"Rrule-refused-{case}", [*month, document], refused=True, oracle=False)
        yield Row(f"Rrule-rejected-{case}", month, [recurring(JUNE, JUNE + HOUR, rule)], period="2026-06",
                  expect={"rejected": 1, "time.excluded_ns": "0"})  # fmt: skip


def allowances():
    """The first of each month is covered, the rest counts."""
    ten = JUNE + 10 * HOUR
    work = [maintenance(ten, ten + 3 * HOUR, "m1"), maintenance(ten + 24 * HOUR, ten + 27 * HOUR, "m2")]

    def of(allowance, policy="removed", method="uptime", **keys):
        objective = {"method": method, "target": "99%", "over": "month", **keys}
        return [sla({"o": objective}, maintenance={"policy": policy, "allowance": allowance})]

    def june(case, documents, events, expect):
        return Row(f"Allowance-{case}", documents, events, period="2026-06", expect=expect)

    down = outage("i1", ten + 24 * HOUR, ten + 27 * HOUR)
    yield june("within", of("6h per month"), work + down, {"time.excluded_ns": ns(6 * HOUR), "time.bad_ns": "0"})
    yield june("exceeded", of("4h per month"), work + down,
               {"time.excluded_ns": ns(4 * HOUR), "time.bad_ns": ns(2 * HOUR)})  # fmt: skip
    yield june("entered-in-any-order", of("4h per month"), [*work[::-1], *down],
               {"time.excluded_ns": ns(4 * HOUR), "time.bad_ns": ns(2 * HOUR)})  # fmt: skip
    yield june("overlaps-spend-once", of("4h per month"), [*work, maintenance(ten, ten + 3 * HOUR, "m3"), *down],
               {"time.excluded_ns": ns(4 * HOUR), "time.bad_ns": ns(2 * HOUR)})  # fmt: skip
    yield june("none", of("0h per month"), work + down, {"time.excluded_ns": "0", "time.bad_ns": ns(3 * HOUR)})
    yield june("per-day", of("1h per day"), work + down,
               {"time.excluded_ns": ns(2 * HOUR), "time.bad_ns": ns(2 * HOUR)})  # fmt: skip
    three = {"maintenance.ignored": "99.583333", "maintenance.counts_as_good": "99.722222"}
    for policy in ("counts_as_good", "ignored"):
        yield june(policy, of("4h per month", policy), work + down, three)
    across = [maintenance(JUNE - 3 * HOUR, JUNE + 3 * HOUR)]
    yield june("across-months", of("2h per month"), across, {"time.excluded_ns": ns(2 * HOUR)})
    # Work that recurs until the end of time, as far as 64 bits reach.
    for_ever = {**maintenance(ten, ten + HOUR), "rrule": "FREQ=WEEKLY;INTERVAL=4"}
    yield june("for-ever", of("30m per year"), [for_ever], {"time.excluded_ns": ns(HOUR // 2)})
    requests = [batch(ten + 25 * HOUR - 1, 0, 1), batch(ten + 25 * HOUR, 0, 2), batch(ten, 0, 4)]
    for case, events in (("before", [*requests, *work]), ("after", [*work, *requests])):
        yield june(f"requests-{case}", of("4h per month", method="occurrences"), events,
                   {"counts.bad": 2, "counts.excluded_by.maintenance": 5})  # fmt: skip
    for case, allowance in (("words", "four hours"), ("period", "4h"), ("unit", "4h per fortnight")):
        yield Row(f"Allowance-refused-{case}", of(allowance), refused=True, oracle=False)


def outcomes():
    """A request's outcome is corrected by its id, at the time when it occurred; the last word holds."""

    def request(request_id, status=200, **more):
        return {"service": "s", "ts": NOW - HOUR, "id": request_id, "status": status, **more}

    def said(of, outcome, ts=NOW - 60):
        return {"kind": "outcome", "of": of, "outcome": outcome, "ts": ts, "reason": "checked"}

    two = [request("r1"), request("r2", 500)]
    for case, events, good, bad, excluded in (
        ("to-bad", [*two, said("r1", "bad")], 0, 2, 0),
        ("to-good", [*two, said("r2", "good")], 2, 0, 0),
        ("to-excluded", [*two, said("r2", "excluded")], 1, 0, 1),
        ("arrives-first", [said("r1", "bad"), *two], 0, 2, 0),
        ("last-word", [*two, said("r1", "bad"), said("r1", "good", NOW - 30)], 1, 1, 0),
        ("last-word-arrives-first", [*two, said("r1", "good", NOW - 30), said("r1", "bad")], 1, 1, 0),
        ("same-time-later-position", [*two, said("r1", "good"), said("r1", "bad")], 0, 2, 0),
        ("twice", [*two, said("r1", "bad"), said("r1", "bad", NOW - 30)], 0, 2, 0),
        ("unknown-id", [*two, said("r3", "bad")], 1, 1, 0),
        ("repeated-request", [*two, said("r1", "bad"), request("r1")], 0, 2, 0),
        ("counted", [request("r1", count=5), said("r1", "bad")], 0, 5, 0),
        ("totals", [{"service": "s", "ts": NOW - HOUR, "id": "r1", "good": 3, "total": 5}, said("r1", "bad")], 0, 5, 0),
    ):
        yield Row(f"Outcome-{case}", [sla({"o": "99%"})], events, at=NOW,
                  expect={"counts.good": good, "counts.bad": bad, "counts.excluded_by.sender": excluded})  # fmt: skip
    masked = [*two, said("r1", "bad"), maintenance(NOW - 2 * HOUR, NOW - 1800)]
    policy = [sla({"o": "99%"}, maintenance={"policy": "ignored"})]
    for case, events in (("before", masked), ("after", [masked[3], *masked[:3]])):
        yield Row(f"Outcome-and-maintenance-{case}", policy, events, at=NOW,
                  expect={"counts.good": 0, "counts.bad": 2})  # fmt: skip
    slices = one("timeslices", "90%", "2h", slice="10m", slice_target="95%")
    yield Row("Outcome-slice", slices, [request("r1"), said("r1", "bad")], at=NOW,
              expect={"slices.good": 0, "slices.bad": 1})  # fmt: skip


ROWS = [row for group in (states, outcomes, incidents, spans, requests, customers, recurrences, allowances) for row in group()]
