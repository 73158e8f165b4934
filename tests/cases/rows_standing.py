"""Standing requests: a scheduled delivery that does not come within its limit is an incident of the agreement's
services until it comes, or the next one is due. 2026-06-01 is a Monday."""

from rows import DAY, HOUR, JUNE, NOW, Row, maintenance, ns, sla

WEEK = 7 * DAY
TERM = {"from": "2026-06-01"}
UPTIME = {"method": "uptime", "target": "90%", "over": "month"}


def weekly(schedule="FREQ=WEEKLY;BYDAY=MO", within="4h", objective=UPTIME, **keys):
    keys = {"term": TERM} | keys
    return [sla({"o": objective}, standing={"reports": {"schedule": schedule, "within": within}}, **keys)]


PLAIN = weekly()


def delivery(ts, **more):
    return {"service": "s", "ts": ts, "class": "standing", **more}


def missed(count, seconds, still_open=0, **more):
    return {"incidents.count": count, "incidents.open": still_open, "time.bad_ns": ns(seconds), **more}


def row(case, documents, events, expect, at=NOW, **more):
    return Row(f"Standing-{case}", documents, events, at=at, expect=expect, oracle=False, **more)


def deliveries():
    """Two Mondays: June 1st and 8th; the query is on the 10th."""
    first, second = JUNE, JUNE + WEEK
    yield row("none", PLAIN, [], missed(2, WEEK - 4 * HOUR + 2 * DAY - 4 * HOUR, 1, **{
        "incidents.mttr_s": (WEEK - 4 * HOUR + 2 * DAY - 4 * HOUR) // 2, "verdict": "breached"}))  # fmt: skip
    yield row("both", PLAIN, [delivery(first + HOUR), delivery(second)], missed(0, 0, verdict="met"))
    for case, at, seconds in (("at-the-limit", 4 * HOUR, 0), ("past-it", 4 * HOUR + 1, 1), ("late", 10 * HOUR, 6 * HOUR)):
        events = [delivery(first + HOUR), delivery(second + at)]
        yield row(case, PLAIN, events, missed(1 if seconds else 0, seconds))
        yield row(f"{case}-backwards", PLAIN, events[::-1], missed(1 if seconds else 0, seconds))
    again = [delivery(first), delivery(second + 10 * HOUR), delivery(second + 5 * HOUR), delivery(second + 20 * HOUR)]
    yield row("only-the-first-counts", PLAIN, again, missed(1, HOUR))
    yield row("too-early", PLAIN, [delivery(first), delivery(second - 1)], missed(1, 2 * DAY - 4 * HOUR, 1))
    yield row("one-week-late", PLAIN, [delivery(second)], missed(1, WEEK - 4 * HOUR))
    for case, at, count in (("before", 0, 0), ("after", 1, 1)):
        yield row(f"limit-{case}", PLAIN, [], missed(count, at, count), at=first + 4 * HOUR + at)
    yield row("term-is-over", weekly(term=TERM | {"to": "2026-06-08"}), [], missed(1, WEEK - 4 * HOUR))
    yield row("before-the-term", weekly(term={"from": "2026-06-02"}), [], missed(1, 2 * DAY - 4 * HOUR, 1))
    yield row("no-term", weekly(term={}, objective=UPTIME | {"over": "7d"}), [], missed(2, WEEK - 4 * HOUR, 1))
    yield row("time-of-day", weekly(term={"from": "2026-06-01T08:00:00Z"}), [delivery(second)],
              missed(2, second - first - 12 * HOUR + NOW - second - 12 * HOUR, 1))  # fmt: skip


def what_delivers():
    first, second = JUNE + HOUR, JUNE + WEEK + HOUR
    on_time = missed(0, 0)
    late = missed(1, 2 * DAY - 4 * HOUR, 1)
    for case, event, expect in (
        ("adhoc", {"service": "s", "ts": second}, late),
        ("failed", delivery(second, status=500), late),
        ("bad", delivery(second, outcome="bad"), late),
        ("out-of-scope", delivery(second, scope="out"), late),
        ("other-service", delivery(second, service="t"), late),
        ("good", delivery(second, outcome="good"), on_time),
        ("channel", delivery(second, channel="reports"), on_time),
        ("any-channel", delivery(second, channel="mail"), on_time),
        ("life-opened", delivery(second, id="r", state="opened"), late),
        ("life-fulfilled", delivery(second, id="r", state="fulfilled"), on_time),
    ):
        yield row(f"by-{case}", PLAIN, [delivery(first), event], expect)
    acme = weekly(customer="acme")
    for customer, expect in (("acme", on_time), ("globex", late), (None, late)):
        whose = {} if customer is None else {"customer": customer}
        yield row(f"customer-{customer}", acme, [delivery(first, customer="acme"), delivery(second, **whose)], expect)
    monday, daily = "FREQ=WEEKLY;BYDAY=MO", {"schedule": "FREQ=DAILY", "within": "12h"}
    two = [sla({"o": UPTIME}, term=TERM, standing={"reports": {"schedule": monday, "within": "4h"}, "cleaning": daily})]
    clean = [delivery(JUNE + day * DAY, channel="cleaning") for day in range(9)]
    yield row("two-by-channel", two, [*clean, delivery(first, channel="reports")], late)
    yield row("two-unnamed", two, [*clean, delivery(first), delivery(second)], on_time)
    yield row("two-overlap", two, clean[:7] + [delivery(first, channel="reports")],
              missed(3, (2 * DAY - 4 * HOUR), 1) | {"incidents.count": 3})  # fmt: skip


def schedules():
    """June 1st to 10th."""
    for case, rule, expect in (
        ("daily", "FREQ=DAILY", missed(9, 9 * 20 * HOUR, 0)),
        ("weekdays", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", missed(7, 4 * 20 * HOUR + 3 * DAY - 4 * HOUR + 2 * 20 * HOUR, 0)),
        ("interval", "FREQ=DAILY;INTERVAL=5", missed(2, 5 * DAY - 4 * HOUR + 4 * DAY - 4 * HOUR, 1)),
        ("count", "FREQ=DAILY;COUNT=2", missed(2, 20 * HOUR + 8 * DAY - 4 * HOUR, 1)),
        ("until", "FREQ=DAILY;UNTIL=20260602T000000Z", missed(2, 20 * HOUR + 8 * DAY - 4 * HOUR, 1)),
        ("monthly", "FREQ=MONTHLY;BYDAY=1TU", missed(1, 8 * DAY - 4 * HOUR, 1)),
    ):
        yield row(f"schedule-{case}", weekly(rule), [], expect)
    yield row("within-a-day", weekly("FREQ=DAILY", "1d"), [], missed(8, 0))  # each ends as it begins: the next is due
    # Midnight of Berlin is 22:00 of the day before.
    berlin = weekly(zone="Europe/Berlin", objective=UPTIME | {"over": "7d"})
    for case, at, count in (("in-time", 2 * HOUR, 0), ("late", 2 * HOUR + 1, 1)):
        yield row(f"zone-{case}", berlin, [delivery(JUNE), delivery(JUNE + WEEK + at)], missed(count, count))
    office = weekly(hours=["Mon-Fri 08:00-20:00"])
    for case, at, count in (("in-time", 12 * HOUR, 0), ("late", 12 * HOUR + 1, 1)):
        yield row(f"hours-{case}", office, [delivery(JUNE), delivery(JUNE + WEEK + at)], missed(count, count))


def effects():
    late = [delivery(JUNE), delivery(JUNE + WEEK + 10 * HOUR)]
    yield row("severity", weekly(objective=UPTIME | {"severity": "critical"}), late, missed(0, 0))
    yield row("severity-major", weekly(objective=UPTIME | {"severity": "major"}), late, missed(1, 6 * HOUR))
    yield row("maintenance", PLAIN, [*late, maintenance(JUNE + WEEK, JUNE + WEEK + 5 * HOUR)], missed(1, 5 * HOUR))
    requests = weekly(objective={"target": "90%", "over": "month"})
    yield row("requests", requests, late, {"counts.good": 2, "counts.bad": 0, "incidents.count": 1, "incidents.mttr_s": 6 * HOUR})
    other = sla({"p": UPTIME}, agreement="b")
    yield row("only-its-agreement", [*PLAIN, other], late, {"o/incidents.count": 1, "p/incidents.count": 0, "p/time.bad_ns": "0"})
    cases = weekly(objective={"method": "resolution", "within": "1h", "target": "90%", "over": "month"})
    yield row("no-case", cases, late, {"counts.bad": 0, "incidents.count": 1})
    yield row("mtta", PLAIN, late, {"incidents.mtta_s": None, "incidents.mttr_s": 6 * HOUR})


def documents():
    def refused(case, **keys):
        standing = keys.pop("standing", {"reports": {"schedule": "FREQ=DAILY", "within": "4h"} | keys})
        return Row(f"Standing-refused-{case}", [sla({"o": "90%"}, standing=standing)], refused=True, oracle=False)

    yield refused("schedule", schedule="every Monday")
    yield refused("frequency", schedule="FREQ=HOURLY")
    yield refused("no-schedule", standing={"reports": {"within": "4h"}})
    yield refused("no-within", standing={"reports": {"schedule": "FREQ=DAILY"}})
    yield refused("within", within="0s")
    yield refused("word", standing={"reports": "weekly"})
    yield refused("key", **{"service": "s"})
    for case, rule in (("interval", "FREQ=DAILY;INTERVAL=2"), ("weekly", "FREQ=WEEKLY"), ("monthly", "FREQ=MONTHLY"),
                       ("count", "FREQ=DAILY;COUNT=3")):  # fmt: skip
        yield refused(f"without-a-first-day-{case}", schedule=rule)


ROWS = [row for group in (deliveries, what_delivers, schedules, effects, documents) for row in group()]
