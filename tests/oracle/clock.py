"""Times, durations and calendar windows of the oracle: plain integers of nanoseconds since the Unix epoch.

Nothing here knows about agreements. A zone is the name of an IANA time zone; it only says when local days begin.
"""

import calendar
import datetime
import functools
import re
import zoneinfo
from decimal import Decimal

NS = 10**9
MINUTE = 60 * NS
HOUR = 60 * MINUTE
DAY = 24 * HOUR

# Ends of time. Far outside anything an event can name, and still integers, so that interval arithmetic needs no case.
BEGINNING = -(1 << 90)
FOREVER = 1 << 90

EPOCH = datetime.date(1970, 1, 1)
RFC3339 = re.compile(r"(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?([Zz]|[+-]\d\d:\d\d)")
DATE = re.compile(r"(\d{4})-(\d\d)-(\d\d)")
DURATION = re.compile(r"(\d+)(ms|s|m|h|d|w)")
DURATION_UNITS = {"ms": NS // 1000, "s": NS, "m": MINUTE, "h": HOUR, "d": DAY, "w": 7 * DAY}
CALENDAR_UNITS = ("day", "week", "month", "quarter", "year")


def midnight(date, zone="UTC"):
    return local_time(date, 0, zone)


@functools.cache
def local_time(date, after_midnight, zone):
    """The instant at which clocks of the zone show it: the first one of two; one that is skipped is counted with the
    offset before the change."""
    ns = (date - EPOCH).days * DAY + after_midnight
    if zone == "UTC":
        return ns
    shown = datetime.datetime(1970, 1, 1) + datetime.timedelta(seconds=ns // NS)
    return ns - shown.replace(tzinfo=zoneinfo.ZoneInfo(zone)).utcoffset() // datetime.timedelta(seconds=1) * NS


def local_date(ns, zone):
    shown = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC) + datetime.timedelta(seconds=ns // NS)
    return shown.astimezone(zoneinfo.ZoneInfo(zone)).date()


def from_text(text, zone="UTC"):
    """An RFC 3339 time or a date (its midnight in the zone)."""
    match = RFC3339.fullmatch(text)
    if match:
        year, month, day, hour, minute, second = (int(part) for part in match.groups()[:6])
        fraction = int((match.group(7) or "0").ljust(9, "0"))
        written = match.group(8)
        ns = midnight(datetime.date(year, month, day)) + hour * HOUR + minute * MINUTE + second * NS + fraction
        if written not in "Zz":
            offset = int(written[1:3]) * HOUR + int(written[4:6]) * MINUTE
            ns -= offset if written[0] == "+" else -offset
        return ns
    match = DATE.fullmatch(text)
    if match:
        return midnight(datetime.date(*(int(part) for part in match.groups())), zone)
    raise ValueError(f"not a time: {text!r}")


def from_epoch(number):
    """Epoch seconds, ms, us or ns, told apart by magnitude (CONTRACT section 3)."""
    number = Decimal(str(number))
    for limit, unit in ((Decimal(10) ** 11, NS), (Decimal(10) ** 14, 10**6), (Decimal(10) ** 17, 10**3)):
        if number < limit:
            return int(number * unit)
    return int(number)


def instant(value, zone="UTC"):
    return from_text(value, zone) if isinstance(value, str) else from_epoch(value)


def text_of(ns):
    """RFC 3339 in UTC; a fraction only where there is one."""
    days, rest = divmod(ns, DAY)
    date = EPOCH + datetime.timedelta(days=days)
    seconds, fraction = divmod(rest, NS)
    tail = f".{fraction:09d}".rstrip("0") if fraction else ""
    return f"{date.isoformat()}T{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}{tail}Z"


def duration(text):
    match = DURATION.fullmatch(text)
    if not match:
        raise ValueError(f"not a duration: {text!r}")
    return int(match.group(1)) * DURATION_UNITS[match.group(2)]


def duration_text(ns):
    """The largest unit that divides: 3600 s is "1h", 86,400 s is "1d"; weeks stay days, as in "30d" and "28d"."""
    for unit in ("d", "h", "m", "s", "ms"):
        if ns % DURATION_UNITS[unit] == 0:
            return f"{ns // DURATION_UNITS[unit]}{unit}"
    raise ValueError(f"not a whole number of milliseconds: {ns}")


def floor_to(ns, step, origin=0):
    return origin + (ns - origin) // step * step


def first_of_month(index):
    """The first day of month number `index`, counted from January of year 0."""
    return datetime.date(index // 12, index % 12 + 1, 1)


MONTHS = {"month": 1, "quarter": 3, "year": 12}


def anchored_first_day(unit, anchor, index):
    """The first day of period number `index` after the anchor's; a day that the month does not have is its last."""
    if unit not in MONTHS:
        return anchor + datetime.timedelta(days=index * {"day": 1, "week": 7}[unit])
    month = anchor.year * 12 + anchor.month - 1 + index * MONTHS[unit]
    first = first_of_month(month)
    return first.replace(day=min(anchor.day, calendar.monthrange(first.year, first.month)[1]))


def window_of_date(unit, date, anchor=None):
    if anchor:
        if unit in MONTHS:
            months = (date.year - anchor.year) * 12 + date.month - anchor.month
            index = months // MONTHS[unit]
        else:
            index = (date - anchor).days // {"day": 1, "week": 7}[unit]
        if anchored_first_day(unit, anchor, index) > date:  # later in this month
            index -= 1
        return anchored_first_day(unit, anchor, index), anchored_first_day(unit, anchor, index + 1)
    if unit == "day":
        return date, date + datetime.timedelta(days=1)
    if unit == "week":
        monday = date - datetime.timedelta(days=date.weekday())
        return monday, monday + datetime.timedelta(days=7)
    months = MONTHS[unit]
    index = (date.year * 12 + date.month - 1) // months * months
    return first_of_month(index), first_of_month(index + months)


def calendar_window(unit, at, zone="UTC", anchor=None, count=1, after_midnight=0):
    """The window with start <= at < end; `anchor` is the first day of some period."""
    if count > 1 or after_midnight:
        return long_period(unit, at, zone, anchor, count, after_midnight)
    start, end = window_of_date(unit, local_date(at, zone), anchor)
    while at >= midnight(end, zone):  # clocks were put back over midnight, and the new day had begun already
        start, end = window_of_date(unit, end, anchor)
    return midnight(start, zone), midnight(end, zone)


def long_period(unit, at, zone, anchor, count, after_midnight):
    """Of several units, or one that begins at a time of day by the zone's clock."""

    def start_of(index):
        return local_time(anchored_first_day(unit, anchor, index * count), after_midnight, zone)

    date = local_date(at, zone)
    if unit in MONTHS:
        index = ((date.year - anchor.year) * 12 + date.month - anchor.month) // (MONTHS[unit] * count)
    else:
        index = (date - anchor).days // ({"day": 1, "week": 7}[unit] * count)
    while start_of(index) > at:
        index -= 1
    while start_of(index + 1) <= at:
        index += 1
    return start_of(index), start_of(index + 1)


PERIODS = (
    (re.compile(r"(\d{4})"), "year", lambda y: datetime.date(int(y), 1, 1)),
    (re.compile(r"(\d{4})-Q([1-4])"), "quarter", lambda y, q: datetime.date(int(y), int(q) * 3 - 2, 1)),
    (re.compile(r"(\d{4})-(\d\d)"), "month", lambda y, m: datetime.date(int(y), int(m), 1)),
    (re.compile(r"(\d{4})-W(\d\d)"), "week", lambda y, w: datetime.date.fromisocalendar(int(y), int(w), 1)),
    (re.compile(r"(\d{4})-(\d\d)-(\d\d)"), "day", lambda y, m, d: datetime.date(int(y), int(m), int(d))),
)


def period_window(name, zone="UTC"):
    """`2026`, `2026-Q2`, `2026-06`, `2026-W23`, `2026-06-15`: (start, end)."""
    for pattern, unit, first_day in PERIODS:
        match = pattern.fullmatch(name)
        if match:
            start, end = window_of_date(unit, first_day(*match.groups()))
            return midnight(start, zone), midnight(end, zone)
    raise ValueError(f"not a period: {name!r}")
