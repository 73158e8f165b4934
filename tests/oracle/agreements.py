"""Agreement documents (dicts shaped like the YAML, short forms included) made into plain objects with exact numbers.

What this does not judge raises `NotCovered`, so that no
comparison passes by ignoring a key.
"""

import datetime
import re
from dataclasses import dataclass, field
from fractions import Fraction

import clock

SEVERITIES = ("info", "minor", "major", "critical")  # ascending
ALERT_LEVELS = ("none", "ticket", "page")  # ascending

# SRE Workbook, table 5-8: severity, long lookback, short lookback, share of the budget.
DEFAULT_PAIRS = (
    ("page", "1h", "5m", Fraction(2, 100)),
    ("page", "6h", "30m", Fraction(5, 100)),
    ("ticket", "1d", "2h", Fraction(10, 100)),
    ("ticket", "3d", "6h", Fraction(10, 100)),
)
GUARD_EVENTS = 10
GUARD_SHARE = Fraction(1, 100)


class NotCovered(Exception):
    """The input is outside what the oracle defines so far."""


@dataclass
class Over:
    """The window of an objective. `text` is what the document says."""

    kind: str  # rolling, calendar, term
    text: str
    length: int = 0  # rolling: W
    unit: str = ""  # calendar: day ... year
    anchor: datetime.date | None = None  # calendar: the first day of some period
    count: int = 1  # calendar: of how many units a period is
    after_midnight: int = 0  # calendar: when on its first day it begins

    def alert_length(self):
        """W in the threshold p x W / L: a month counts as 30 d; quarter, year and term use those of 30 d."""
        if self.kind == "rolling":
            return self.length
        return {"day": clock.DAY, "week": 7 * clock.DAY}.get(self.unit, 30 * clock.DAY) * self.count

    def window_at(self, at, zone):
        """The calendar window that holds the instant."""
        return clock.calendar_window(self.unit, at, zone, self.anchor, self.count, self.after_midnight)


@dataclass
class Pair:
    severity: str
    long: int
    short: int
    long_text: str
    short_text: str
    threshold: Fraction


@dataclass
class Objective:
    name: str
    method: str
    target: Fraction
    over: Over
    status_below: int | None = None
    latency: tuple | None = None  # (operator, ns)
    outcome_good: bool = False
    slice: int = 0
    slice_target: Fraction | None = None
    severity: str = "minor"
    pairs: list = field(default_factory=list)
    alert_compare: str = ">"
    empty_is_good: bool = False
    coverage_floor: Fraction = Fraction(9, 10)
    min_events: int = 0
    rounding: str = "exact"
    min_run: int = 0  # minutes
    within: int = 0  # response, resolution, fulfilment
    bad: dict | None = None  # instead of what is good: status ranges, latency as (operator, ns), outcome
    total_class: str | None = None  # which requests count at all
    total_customer: str | None = None

    @property
    def budget_fraction(self):
        return 1 - self.target


@dataclass
class Credits:
    """What a missed objective pays. Money is in minor units."""

    objective: str
    over: Over  # the period, a calendar window
    tiers: list  # of (bound, text of the bound, share that is paid), the lowest bound first
    charge: int | None
    currency: str | None
    minimum: int | None
    cap: Fraction


@dataclass
class Agreement:
    name: str
    customer: str | None
    services: list
    term_start: int
    term_end: int
    policy: str
    objectives: list
    zone: str = "UTC"
    credits: Credits | None = None
    allowance: tuple | None = None  # of maintenance: (ns, calendar unit)
    hours: list | None = None  # of (weekdays, from, to) after local midnight; None: always
    effective: int = clock.BEGINNING  # from when this version holds


def percentage(value):
    """"99.9%" and 99.9 are both a percentage, never a fraction."""
    return Fraction(str(value).strip().rstrip("%")) / 100


PERIOD = re.compile(r"(\d+)([dwMQY])")
PERIOD_UNITS = dict(zip("dwMQY", clock.CALENDAR_UNITS, strict=True))
LOCAL_TIME = re.compile(r"(\d{4}-\d\d-\d\d)(?:[T ](\d\d):(\d\d):(\d\d))?")


def parse_period(every, anchor):
    """`{every: month, anchor: 2025-03-31}`, `{every: 2w, anchor: 2026-01-05T12:30:00}`."""
    match = LOCAL_TIME.fullmatch(anchor)
    if not match:
        raise NotCovered(f"anchor {anchor}")
    hours, minutes, seconds = (int(part or 0) for part in match.groups()[1:])
    after_midnight = hours * clock.HOUR + minutes * clock.MINUTE + seconds * clock.NS
    period = PERIOD.fullmatch(every)
    unit, count = (PERIOD_UNITS[period.group(2)], int(period.group(1))) if period else (every, 1)
    date = datetime.date.fromisoformat(match.group(1))
    return Over("calendar", every, unit=unit, anchor=date, count=count, after_midnight=after_midnight)


def parse_over(value):
    if isinstance(value, dict):
        return parse_period(str(value["every"]), str(value.get("anchor")))
    if value == "term":
        return Over("term", value)
    if value in clock.CALENDAR_UNITS:
        return Over("calendar", value, unit=value)
    return Over("rolling", value, length=clock.duration(value))


LIMIT = re.compile(r"(<=|<)\s*(\w+)")


def parse_good(objective, good):
    if set(good) - {"status", "latency", "outcome"}:
        raise NotCovered(f"good: {good}")
    if "status" in good:
        match = LIMIT.fullmatch(good["status"])
        objective.status_below = int(match.group(2)) + (match.group(1) == "<=")
    if "latency" in good:
        match = LIMIT.fullmatch(good["latency"])
        objective.latency = (match.group(1), clock.duration(match.group(2)))
    if "outcome" in good:
        objective.outcome_good = good["outcome"] == "good"


def expand(value):
    """The long form of an objective's short form."""
    if isinstance(value, dict):
        return value
    target, _, limit = str(value).partition("<")
    long_form = {"method": "occurrences", "target": target.strip()}
    if limit:
        long_form["good"] = {"status": "<500", "latency": "<" + limit.strip()}
    return long_form


def default_pairs(objective):
    """A pair is left out when its long lookback is not shorter than the window, or no burn can exceed its threshold."""
    window = objective.over.alert_length()
    budget = objective.budget_fraction
    for severity, long_text, short_text, share in DEFAULT_PAIRS:
        long = clock.duration(long_text)
        threshold = share * window / long
        if long < window and threshold * budget <= 1:
            yield Pair(severity, long, clock.duration(short_text), long_text, short_text, threshold)


def explicit_pairs(objective, listed):
    for alert in listed:
        long = clock.duration(alert["long"])
        if "burn" in alert:
            threshold = Fraction(str(alert["burn"]))
        else:
            threshold = percentage(alert["share"]) * objective.over.alert_length() / long
        short = clock.duration(alert["short"])
        yield Pair(alert["severity"], long, short, alert["long"], alert["short"], threshold)


OBJECTIVE_KEYS = {
    "method", "target", "over", "good", "slice", "slice_target", "severity", "alerts", "alert_compare", "no_data",
    "coverage_floor", "min_events", "rounding", "min_run", "within", "bad", "total",
}  # fmt: skip


METHOD_NAMES = (
    "occurrences", "timeslices", "ratio_timeslices", "uptime", "response", "resolution", "fulfilment",
)  # fmt: skip
STATUS_MAX = 999


def status_ranges(text):
    """`500-599`, `>=500,429`, `>499`, `<400`: inclusive pairs."""
    for part in text.split(","):
        match = re.fullmatch(r"(>=|>|<=|<)?(\d+)(?:-(\d+))?", part.strip())
        sign, number = match.group(1), int(match.group(2))
        if sign in (">", ">="):
            yield number + (sign == ">"), STATUS_MAX
        elif sign:
            yield 0, number - (sign == "<")
        else:
            yield number, int(match.group(3) or number)


def parse_bad(rule):
    if set(rule) - {"status", "latency", "outcome"}:
        raise NotCovered(f"bad: {rule}")
    parsed = dict(rule)
    if "status" in rule:
        parsed["status"] = list(status_ranges(str(rule["status"])))
    if "latency" in rule:
        match = re.fullmatch(r"(>=|>)\s*(\w+)", rule["latency"])
        parsed["latency"] = (match.group(1), clock.duration(match.group(2)))
    return parsed


def parse_objective(name, value, over):
    value = {"method": "occurrences", **expand(value)}
    if set(value) - OBJECTIVE_KEYS:
        raise NotCovered(f"objective keys {sorted(set(value) - OBJECTIVE_KEYS)}")
    if value["method"] not in METHOD_NAMES:
        raise NotCovered(f"method {value['method']}")
    objective = Objective(
        name=name,
        method=value["method"],
        target=percentage(value["target"]),
        over=parse_over(value.get("over", over)),
        severity=value.get("severity", "minor"),
        alert_compare=value.get("alert_compare", ">"),
        empty_is_good=value.get("no_data", "unknown") == "empty_is_good",
        coverage_floor=Fraction(str(value.get("coverage_floor", "0.9"))),
        min_events=int(value.get("min_events", 0)),
        rounding=value.get("rounding", "exact"),
        min_run=int(value.get("min_run", 0)),
    )
    parse_good(objective, value.get("good", {"status": "<500"}))
    if "bad" in value:
        objective.bad = parse_bad(value["bad"])
    if "within" in value:
        objective.within = clock.duration(value["within"])
    total = value.get("total", {})
    objective.total_class, objective.total_customer = total.get("class"), total.get("customer")
    if objective.method in ("timeslices", "ratio_timeslices"):
        objective.slice = clock.duration(value["slice"])
    if objective.method == "timeslices":
        objective.slice_target = percentage(value["slice_target"])
    alerts = value.get("alerts", "default")
    if alerts == "default":
        objective.pairs = list(default_pairs(objective))
    elif alerts != "none":
        objective.pairs = list(explicit_pairs(objective, alerts))
    return objective


WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
HOURS = re.compile(r"(\w{3})(?:-(\w{3}))? (\d\d):(\d\d)-(\d\d):(\d\d)")


def parse_hours(value):
    """`Mon-Fri 08:00-20:00`; a stretch that ends at or before its start ends on the next day."""
    if value == "always":
        return None
    entries = []
    for text in value:
        match = HOURS.fullmatch(text)
        if not match:
            raise NotCovered(f"hours {text}")
        first = WEEKDAYS.index(match.group(1))
        last = WEEKDAYS.index(match.group(2) or match.group(1))
        weekdays = {(first + step) % 7 for step in range((last - first) % 7 + 1)}
        start = int(match.group(3)) * clock.HOUR + int(match.group(4)) * clock.MINUTE
        end = int(match.group(5)) * clock.HOUR + int(match.group(6)) * clock.MINUTE
        entries.append((weekdays, start, end if end > start else end + clock.DAY))
    return entries


AGREEMENT_KEYS = {
    "agreement", "type", "provider", "customer", "services", "term", "zone", "hours", "over", "objectives",
    "maintenance", "credits", "effective",
}  # fmt: skip

MINOR_DIGITS = {"JPY": 0, "BHD": 3}  # other currencies have hundredths


def money(text):
    """"10.01 USD" as (1001, "USD")."""
    number, currency = text.split()
    return int(Fraction(number) * 10 ** MINOR_DIGITS.get(currency, 2)), currency


def parse_credits(value):
    if value is None:
        return None
    tiers = [(percentage(bound), str(bound).rstrip("%"), percentage(pays)) for bound, pays in value["below"].items()]
    charge, currency = money(value["charge"]) if "charge" in value else (None, None)
    return Credits(
        objective=value["objective"],
        over=parse_over(value.get("period", "month")),
        tiers=sorted(tiers),
        charge=charge,
        currency=currency,
        minimum=money(value["minimum"])[0] if "minimum" in value else None,
        cap=percentage(value.get("cap", "100%")),
    )


def parse_allowance(text):
    """`4h per month`"""
    length, _, unit = text.split()
    return clock.duration(length), unit


def parse_agreement(document):
    if set(document) - AGREEMENT_KEYS:
        raise NotCovered(f"agreement keys {sorted(set(document) - AGREEMENT_KEYS)}")
    if document.get("customer") == "each":
        raise NotCovered("customer: each")
    maintenance = document.get("maintenance", {})
    term = document.get("term", {})
    zone = document.get("zone", "UTC")
    over = document.get("over", "30d")
    objectives = [parse_objective(name, value, over) for name, value in document["objectives"].items()]
    if "from" not in term and any(objective.over.kind == "term" for objective in objectives):
        raise NotCovered("a term window without a start")
    return Agreement(
        name=document["agreement"],
        customer=document.get("customer"),
        services=document["services"],
        term_start=clock.instant(term["from"], zone) if "from" in term else clock.BEGINNING,
        term_end=clock.instant(term["to"], zone) if "to" in term else clock.FOREVER,
        policy=maintenance.get("policy", "removed"),
        objectives=objectives,
        zone=zone,
        hours=parse_hours(document.get("hours", "always")),
        credits=parse_credits(document.get("credits")),
        allowance=parse_allowance(maintenance["allowance"]) if "allowance" in maintenance else None,
        effective=clock.instant(document["effective"], zone) if "effective" in document else clock.BEGINNING,
    )
