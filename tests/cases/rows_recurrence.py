"""Recurring maintenance by the clocks of a zone: what follows from SEMANTICS section 7 and RFC 5545 (3.3.5, 3.3.10,
3.8.5.3) on the nights when clocks change."""

from rows import HOUR, MINUTE, Row, batch, ns, one, sla

BERLIN, NEW_YORK = "Europe/Berlin", "America/New_York"
# 2026: Berlin skips 02:00-03:00 on March 29 and has it twice on October 25; New York on March 8 and November 1.


def both(case, zone, start, end, rrule, period, seconds, **more):
    """The same as a document and as an event, in a month of that zone."""
    agreement = sla({"o": {"method": "uptime", "target": "99%", "over": "month"}}, zone=zone)
    said = {"zone": zone, "start": start, "end": end, "rrule": rrule}
    said = {key: value for key, value in said.items() if value}
    expect = {"time.excluded_ns": ns(seconds)}
    document = {"maintenance": "m", "services": ["s"], **said}
    event = {"kind": "maintenance", "id": "m", "service": "s", "ts": "2026-01-01T00:00:00Z", **said}
    yield Row(f"Rrule-zone-{case}-document", [agreement, document], period=period, expect=expect, oracle=False, **more)
    yield Row(f"Rrule-zone-{case}", [agreement], [event], period=period, expect=expect, oracle=False, **more)


def nights():
    # Of five Sundays in March the last has no 02:30; the four of October all have, the last its first one.
    sundays = ("2026-03-01T02:30:00", "2026-03-01T03:30:00", "FREQ=WEEKLY;BYDAY=SU")
    yield from both("skipped", BERLIN, *sundays, "2026-03", 4 * HOUR)
    yield from both("twice", BERLIN, *sundays, "2026-10", 4 * HOUR)
    # What is skipped does not count: the second occurrence is that of the next day.
    yield from both("skipped-is-not-counted", BERLIN, "2026-03-28T02:30:00", "2026-03-28T02:40:00",
                    "FREQ=DAILY;COUNT=3", "2026-03", 3 * 10 * MINUTE)  # fmt: skip
    yield from both("count-ends", BERLIN, "2026-03-28T02:30:00", "2026-03-28T02:40:00", "FREQ=DAILY;COUNT=3",
                    "2026-04", 0)  # fmt: skip
    # Its exact length is that of the first, whatever clocks show: 22:00 to 04:00 is six hours in any night.
    nightly = ("2026-03-27T22:00:00", "2026-03-28T04:00:00", "FREQ=DAILY;COUNT=4")
    yield from both("exact-length", BERLIN, *nightly, "2026-03", 24 * HOUR)
    # By local time of day: 20:30 in New York is 01:30 UTC of the next day, then 00:30.
    yield from both("other-side", NEW_YORK, "2026-03-01T20:30:00", "2026-03-01T21:00:00", "FREQ=MONTHLY;BYDAY=1SU",
                    "2026-04", 30 * MINUTE)  # fmt: skip
    yield from both("other-side-skipped", NEW_YORK, "2026-03-01T02:00:00", "2026-03-01T02:30:00",
                    "FREQ=WEEKLY", "2026-03", 4 * 30 * MINUTE)  # fmt: skip
    # UNTIL with a time is an instant; a date is the whole day by the zone's clocks.
    late = ("2026-06-01T23:00:00", "2026-06-01T23:10:00")
    for case, until, times in (("at", "20260603T210000Z", 3), ("before", "20260603T205959Z", 2), ("date", "20260603", 3)):
        yield from both(f"until-{case}", BERLIN, *late, f"FREQ=DAILY;UNTIL={until}", "2026-06", times * 10 * MINUTE)
    early = ("2026-06-01T00:30:00", "2026-06-01T00:40:00")
    yield from both("until-date-early", BERLIN, *early, "FREQ=DAILY;UNTIL=20260603", "2026-06", 30 * MINUTE)
    yield from both("weekday-is-local", BERLIN, *early, "FREQ=WEEKLY;BYDAY=MO", "2026-06", 5 * 10 * MINUTE)
    yield from both("monthly-31", BERLIN, "2026-01-31T00:30:00", "2026-01-31T01:30:00", "FREQ=MONTHLY", "2026-02", 0)
    # An instant with its offset is one in any zone; the rule goes by what the zone's clocks show there.
    yield from both("instants", BERLIN, "2026-03-01T01:30:00Z", "2026-03-01T03:30:00+01:00", "FREQ=WEEKLY", "2026-03",
                    4 * HOUR)  # fmt: skip
    # The second 02:30 of October 25, and then every day at 02:30.
    yield from both("second-coming", BERLIN, "2026-10-25T01:30:00Z", "2026-10-25T01:40:00Z", "FREQ=DAILY;COUNT=2",
                    "2026-10", 20 * MINUTE)  # fmt: skip
    yield from both("whole-days", BERLIN, "2026-03-28", "2026-03-29", "FREQ=DAILY;COUNT=2", "2026-03", 48 * HOUR)
    # Once: what clocks skip is the instant that it would have been: 02:30 is 01:30 UTC, and 03:30 is too.
    yield from both("once", BERLIN, "2026-03-29T02:30:00", "2026-03-29T04:00:00", None, "2026-03", HOUR / 2)
    yield from both("half-an-hour", "Australia/Lord_Howe", "2026-09-27T02:15:00", "2026-09-27T02:20:00",
                    "FREQ=WEEKLY;COUNT=3", "2026-10", 2 * 5 * MINUTE)  # fmt: skip
    yield from both("utc-by-name", "UTC", "2026-03-01T02:30:00", "2026-03-01T03:30:00", "FREQ=WEEKLY", "2026-03", 5 * HOUR)


def counts():
    night = {"zone": BERLIN, "start": "2026-03-28T03:00:00", "end": "2026-03-28T04:00:00", "rrule": "FREQ=DAILY"}
    work = {"kind": "maintenance", "id": "m", "service": "s", "ts": "2026-04-01T00:00:00Z", **night}
    # 03:30 in Berlin: 02:30 UTC in winter, 01:30 from March 29 on. Said after the requests.
    requests = [batch("2026-03-28T02:30:00Z", 0, 5), batch("2026-03-29T01:30:00Z", 0, 7), batch("2026-03-29T02:30:00Z", 90, 10)]
    yield Row(
        "Rrule-zone-requests",
        one("occurrences", "90%", "month"),
        [*requests, work],
        period="2026-03",
        expect={"counts.good": 90, "counts.bad": 10, "counts.excluded_by.maintenance": 12, "reports": 1},
        oracle=False,
    )
    called_off = {"kind": "maintenance", "id": "m", "state": "cancelled", "ts": "2026-04-02T00:00:00Z"}
    yield Row(
        "Rrule-zone-cancelled",
        one("occurrences", "90%", "month"),
        [*requests, work, called_off],
        period="2026-03",
        expect={"counts.bad": 22, "counts.excluded": 0},
        oracle=False,
    )
    for case, more in (("unknown", {"zone": "Nowhere/City"}), ("path", {"zone": "../etc/passwd"}), ("none", {"zone": ""}),
                       ("skipped-first", {"start": "2026-03-29T02:30:00", "end": "2026-03-29T04:00:00"}),
                       ("no-offset", {"zone": None})):  # fmt: skip
        yield Row(
            f"Rrule-zone-refused-{case}-event",
            one("occurrences", "90%", "month"),
            [*requests, {key: value for key, value in {**work, **more}.items() if value is not None}],
            period="2026-03",
            expect={"rejected": 1, "counts.bad": 22},
            oracle=False,
        )
        document = {"maintenance": "m", "services": ["s"], **{**night, **more}}
        document = {key: value for key, value in document.items() if value is not None}
        yield Row(f"Rrule-zone-refused-{case}-document", [*one("occurrences", "90%"), document], refused=True, oracle=False)


ROWS = [row for group in (nights, counts) for row in group()]
