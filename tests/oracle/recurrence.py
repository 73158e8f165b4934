"""Recurring maintenance: the subset of RFC 5545 RRULE that SEMANTICS section 7 names, in UTC.

Slow and obvious: looks at every day from the start on.
"""

import calendar
import datetime
import re

import clock

WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
BYDAY = re.compile(r"([+-]?\d{1,2})?(MO|TU|WE|TH|FR|SA|SU)")
OCCURRENCES_MAX = 4096  # of a rule without an end: the engine's bound, far beyond what is asked about


class BadRule(ValueError):
    """Not one of the subset."""


def need(condition, why):
    if not condition:
        raise BadRule(why)


def parse(text):
    parts = {}
    for part in text.removeprefix("RRULE:").split(";"):
        name, _, value = part.partition("=")
        need(name not in parts, f"{name} twice")
        parts[name] = value
    need(not set(parts) - {"FREQ", "INTERVAL", "BYDAY", "UNTIL", "COUNT", "WKST"}, f"parts of {text}")
    need(parts.get("FREQ") in ("DAILY", "WEEKLY", "MONTHLY"), "FREQ")
    need(not ("UNTIL" in parts and "COUNT" in parts), "UNTIL and COUNT")
    for name in ("INTERVAL", "COUNT"):
        need(re.fullmatch(r"\d+", parts.get(name, "1")) and int(parts.get(name, "1")) > 0, name)
    days = []
    for day in parts["BYDAY"].split(",") if "BYDAY" in parts else []:
        match = BYDAY.fullmatch(day)
        need(match, day)
        ordinal = int(match.group(1) or 0)
        need(ordinal == 0 or parts["FREQ"] == "MONTHLY", f"{day} of a week")
        days.append((ordinal, WEEKDAYS.index(match.group(2))))
    return parts, days


def until_of(text):
    """The last instant at which an occurrence may start; a date is the whole day."""
    if text is None:
        return clock.FOREVER
    date = clock.midnight(datetime.date(int(text[:4]), int(text[4:6]), int(text[6:8])))
    if len(text) == 8:
        return date + clock.DAY - 1
    return date + int(text[9:11]) * clock.HOUR + int(text[11:13]) * clock.MINUTE + int(text[13:15]) * clock.NS


def holds(date, first, parts, days):
    """Whether the rule that begins on `first` has an occurrence on `date`."""
    frequency, interval = parts["FREQ"], int(parts.get("INTERVAL", "1"))
    month_days = calendar.monthrange(date.year, date.month)[1]
    by_day = any(
        weekday == date.weekday() and ordinal in (0, (date.day - 1) // 7 + 1, -((month_days - date.day) // 7 + 1))
        for ordinal, weekday in days
    )
    if frequency == "DAILY":
        return (date - first).days % interval == 0 and (by_day or not days)
    if frequency == "WEEKLY":
        week_start = WEEKDAYS.index(parts.get("WKST", "MO"))

        def week(day):
            return (day.toordinal() - (day.weekday() - week_start) % 7) // 7

        return (week(date) - week(first)) % interval == 0 and (by_day if days else date.weekday() == first.weekday())
    months = (date.year - first.year) * 12 + date.month - first.month
    return months % interval == 0 and (by_day if days else date.day == first.day)


def starts(text, start, horizon):
    """Starts of the occurrences before the horizon; the first is `start` where the rule holds there."""
    parts, days = parse(text)
    count, until = int(parts.get("COUNT", OCCURRENCES_MAX)), until_of(parts.get("UNTIL"))
    first = clock.local_date(start, "UTC")
    after_midnight = start - clock.midnight(first)
    found, date = [], first
    until = min(until, horizon)
    while len(found) < count and clock.midnight(date) + after_midnight <= until:
        if holds(date, first, parts, days):
            found.append(clock.midnight(date) + after_midnight)
        date += datetime.timedelta(days=1)
    return found
