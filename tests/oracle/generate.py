"""Random small agreements and histories whose instants lie on, or a nanosecond beside, everything that can go wrong:
window, lookback, slice and bucket edges, ends of terms and of maintenance, each other.

Each subject is one agreement with services of its own, its maintenance documents and its events, so that many subjects
share one run of the engine and still stay apart. Its `classes` say what was put in; the comparison counts them.
"""

import calendar
import copy
import datetime
from dataclasses import dataclass, field
from decimal import Decimal

import clock
import recurrence
from agreements import DEFAULT_PAIRS, parse_over
from clock import DAY, HOUR, MINUTE, NS

# Query times: the ends of months, quarters and years, a leap day, and ordinary ones.
BASES = tuple(
    clock.from_text(text)
    for text in (
        "2026-03-01T00:00:00Z", "2028-02-29T12:34:56Z", "2026-12-31T23:59:59Z", "2026-07-01T00:00:00Z",
        "2026-06-08T00:00:00Z", "2026-06-10T09:17:31Z", "2100-02-28T23:59:30Z", "2026-06-15T06:00:00Z",
        "1971-01-01T00:00:00Z",
    )
)  # fmt: skip
# Nights in which clocks change, and whose; some of them at midnight, one skips a whole day.
NIGHTS = tuple(
    (clock.from_text(text), zone)
    for text, zone in (
        ("2026-03-29T01:00:00Z", "Europe/Berlin"), ("2026-10-25T01:00:00Z", "Europe/Berlin"),
        ("2026-03-08T07:00:00Z", "America/New_York"), ("2026-11-01T06:00:00Z", "America/New_York"),
        ("2026-04-04T15:00:00Z", "Australia/Lord_Howe"), ("2026-10-03T15:30:00Z", "Australia/Lord_Howe"),
        ("2017-10-15T03:00:00Z", "America/Sao_Paulo"), ("2018-02-18T02:00:00Z", "America/Sao_Paulo"),
        ("2005-10-30T02:31:00Z", "America/St_Johns"), ("2011-12-30T10:00:00Z", "Pacific/Apia"),
        ("2100-03-28T01:00:00Z", "Europe/Berlin"),
    )
)  # fmt: skip
ZONES = ("UTC", "Asia/Kathmandu", "Asia/Tokyo", *sorted({zone for _, zone in NIGHTS}))
UNEVEN = {"Australia/Lord_Howe", "America/St_Johns", "Asia/Kathmandu"}  # some of their days had no whole hours
NUDGES = (0, 0, 0, 0, 1, -1, NS, -NS, NS // 2, 10 * NS, MINUTE, -MINUTE, HOUR)

# The objectives of one subject have windows of one scale, so that its history is not spread too thin to matter.
SCALES = (
    (("rolling", ("1h", "2h", "6h", "7h", "12h", "1d")), ("calendar", ("day",))),
    (("rolling", ("7d", "28d", "30d")), ("calendar", ("week", "month")), ("term", ("term",))),
    (("rolling", ("90d", "400d", "401d")), ("calendar", ("quarter", "year"))),
)
WINDOWS = tuple(over for scale in SCALES for _, overs in scale for over in overs)
TARGETS = ("50%", "90%", "95%", "99%", "99%", "99.9%", "99.9%", "99.99%", "99.9999999%", "100%")
EXPLICIT_LOOKBACKS = (("10m", "1m"), ("1h", "5m"), ("2h", "2m"), ("6h", "30m"), ("1d", "2h"), ("3d", "1d"))
SLICES = ("1m", "5m", "15m", "1h", "6h", "1d")
SLICES_MAX = 401  # per window: the oracle looks at every one
SPAN_SLICES_MAX = 3000  # of a named period, which is not the window that the slice was chosen for

HOURS = (
    ["Mon-Fri 08:00-20:00"], ["Sat-Sun 00:00-24:00"], ["Sat 22:00-06:00", "Mon-Fri 01:30-02:30"],
    ["Mon-Sun 00:00-02:00", "Mon-Sun 02:30-24:00"], ["Mon-Sun 08:00-08:00"], ["Fri-Mon 23:30-00:30"],
)  # fmt: skip

METHODS = (
    "occurrences", "timeslices", "ratio_timeslices", "uptime", "occurrences", "timeslices", "uptime",
    "response", "resolution", "fulfilment",
)  # fmt: skip
LIMITED = ("response", "resolution", "fulfilment")
WITHINS = ("1m", "15m", "4h", "1d")
LIFE_STATES = ("opened", "pending", "fulfilled", "fulfilled", "failed", "withdrawn")
POLICIES = ("removed", "counts_as_good", "ignored")
# What a later version of an agreement changes.
CHANGES = ("target", "judging", "policy", "window", "objectives", "services", "hours", "end", "credits", "nothing")

ROUNDINGS = ("exact", "full_minutes_aligned", "full_minutes_elapsed", "minutes_touched")

KINDS_OF_INCIDENT = (
    "plain", "zero_length", "nested", "touching", "same_span", "reopened", "never_closed", "acknowledged", "cancelled",
    "potential", "complaint", "promoted", "resolve_unknown", "resolve_unknown_started", "started_at", "before_window",
    "customer", "severity", "twice", "other_service_too", "minutes",
)  # fmt: skip


@dataclass
class Subject:
    """One agreement with all that concerns it."""

    name: str
    documents: list
    records: list = field(default_factory=list)
    classes: set = field(default_factory=set)


class Generator:
    def __init__(self, rng, name, ats):
        self.rng = rng
        self.name = name
        self.ats = ats
        self.at = ats[0]
        self.classes = set()
        self.services = [f"{name}-s"] if rng.random() < 0.8 else [f"{name}-s", f"{name}-t"]
        self.zone = self.choose_zone()
        self.customer = rng.choice((None, None, None, "acme"))
        self.scale = rng.choice(SCALES)
        self.records = []
        self.extra_documents = []
        self.edges = []
        self.serial = 0

    def chance(self, probability):
        return self.rng.random() < probability

    def choose_zone(self):
        """That of the night, where it is one; else mostly UTC."""
        tonight = [zone for night, zone in NIGHTS if abs(night - self.at) < 2 * DAY]
        if tonight and self.chance(0.6):
            return tonight[0]
        return "UTC" if self.chance(0.7) else self.rng.choice(ZONES)

    def fresh(self, prefix):
        self.serial += 1
        return f"{self.name}-{prefix}{self.serial}"

    # Instants

    def instant(self, low=None):
        """An edge, nudged or not, or anywhere in the longest window; never before `low`."""
        for _ in range(20):
            choice = self.rng.random()
            if choice < 0.6:
                ns = self.rng.choice(self.edges) + self.rng.choice(NUDGES)
            elif choice < 0.9:
                start = self.rng.choice(sorted(self.starts))  # inside some window
                ns = self.rng.randrange(start - 1, max(start, *self.ats) + 1)
            else:
                ns = self.rng.randrange(min(self.edges), max(self.edges) + 2)
            if low is None or ns >= low:
                return max(ns, 0)
        return low + self.rng.choice((0, 1, NS, HOUR))

    def stamp(self, ns):
        """One of the forms a time may take, where that form is exact."""
        forms = ["rfc3339", "offset", "seconds_decimal"]
        if ns % NS == 0:
            forms += ["seconds", "seconds"]
        # An epoch number tells its unit by its magnitude, so small ones have only the form of seconds.
        if ns % 10**6 == 0 and ns // 10**6 >= 10**11:
            forms.append("ms")
        if ns % 1000 == 0 and ns // 1000 >= 10**14:
            forms.append("us")
        if ns >= 10**17:
            forms.append("ns")
        form = self.rng.choice(forms)
        self.classes.add(f"ts:{form}")
        if form == "rfc3339":
            return clock.text_of(ns)
        if form == "offset":
            return clock.text_of(ns + 2 * HOUR)[:-1] + "+02:00"
        if form == "seconds_decimal":
            return Decimal(ns) / NS
        return ns // {"seconds": NS, "ms": 10**6, "us": 10**3, "ns": 1}[form]

    def record(self, ns, **members):
        record = {"ts": self.stamp(ns), **members}
        self.records.append(record)
        if any(ns == at for at in self.ats):
            self.classes.add("edge:event_at_at")
        if any(ns > at for at in self.ats):
            self.classes.add("edge:event_after_at")
        if ns in self.starts:
            self.classes.add("edge:event_on_window_start")
        if ns in self.lookback_starts:
            self.classes.add("edge:event_on_lookback_start")
        return record

    def collect_edges(self, objectives):
        """Where windows, lookbacks, slices and buckets begin and end, for every query time."""
        self.starts, self.lookback_starts = set(), set()
        edges = set(self.ats)
        for at in self.ats:
            for objective in objectives.values():
                step = clock.duration(objective["slice"]) if "slice" in objective else NS
                over = objective["over"]
                unit = unit_of(objective)
                if unit in clock.CALENDAR_UNITS:
                    anchor = datetime.date.fromisoformat(over["anchor"]) if isinstance(over, dict) else None
                    start, end = clock.calendar_window(unit, at, self.zone, anchor)
                    self.starts.add(start)
                    edges.add(end)
                elif isinstance(over, dict):
                    self.starts.update(parse_over(over).window_at(at, self.zone))
                elif over != "term":
                    length = clock.duration(over)
                    for unit in (1, step, 10 * NS, MINUTE, HOUR):
                        self.starts.add(clock.floor_to(at - length, unit))
                lookbacks = [one for _, long, short, _ in DEFAULT_PAIRS for one in (long, short)]
                if isinstance(objective.get("alerts"), list):
                    lookbacks += [alert[key] for alert in objective["alerts"] for key in ("long", "short")]
                for lookback in lookbacks:
                    for unit in (1, step, 10 * NS, MINUTE):
                        self.lookback_starts.add(clock.floor_to(at - clock.duration(lookback), unit))
                for unit in (step, 10 * NS, MINUTE, HOUR):
                    edges.add(clock.floor_to(at, unit))
                    edges.add(clock.floor_to(at, unit) - unit)
            edges.update(self.hour_edges(at))
            edges.update(night + hours * HOUR for night, _ in NIGHTS for hours in (-1, 0, 1) if abs(night - at) < 3 * DAY)
        # The starts of long windows, repeated, so that they are not drowned by the many edges near `at`.
        weighted = [*edges, *self.lookback_starts, *(3 * list(self.starts))]
        self.edges = sorted(edge for edge in weighted if edge > 0)

    def hour_edges(self, at):
        """Local times at which service hours begin and end, on days around `at`."""
        date = clock.local_date(at, self.zone)
        for entry in self.hours:
            for text in entry.split()[1].split("-"):
                after_midnight = int(text[:2]) * HOUR + int(text[3:]) * MINUTE
                for days in (-8, -2, -1, 0, 1):
                    day, rest = divmod(after_midnight, DAY)
                    yield clock.local_time(date + datetime.timedelta(days=days + day), rest, self.zone)

    # Documents

    def choose_over(self):
        rng = self.rng
        over = rng.choice(rng.choice(self.scale)[1])
        if over in clock.CALENDAR_UNITS and self.chance(0.3):
            year = clock.local_date(self.at, self.zone).year + rng.choice((-3, -1, 0, 0, 1))
            month, day = rng.randrange(1, 13), rng.choice((1, 15, 28, 29, 30, 31))
            date = datetime.date(year, month, min(day, calendar.monthrange(year, month)[1]))
            self.classes.add("over:anchored")
            return {"every": over, "anchor": date.isoformat()}
        return over

    def objective(self, method):
        rng = self.rng
        objective = {"method": method, "target": rng.choice(TARGETS), "over": self.choose_over()}
        while "timeslices" in method and not self.fitting_slices(objective):
            objective["over"] = self.choose_over()
        if "timeslices" in method:
            self.choose_slice(objective)
        elif self.chance(0.08):
            every = rng.choice(("3d", "10d", "2w"))
            objective["over"] = {"every": every, "anchor": self.long_anchor(clock.duration(every))}
            self.classes.add("over:long")
        if method in LIMITED:
            objective["within"] = self.rng.choice(WITHINS)
        self.choose_judging(objective)
        self.choose_alerts(objective)
        self.classes |= {f"method:{method}", f"over:{unit_of(objective)}", f"target:{objective['target']}"}
        return objective

    def choose_judging(self, objective):
        """How it judges, beside its target and window."""
        rng, method = self.rng, objective["method"]
        if method in ("occurrences", "timeslices", "ratio_timeslices"):
            self.choose_good(objective)
            self.choose_total(objective)
        if self.chance(0.2):
            objective["severity"] = rng.choice(("info", "minor", "major", "critical"))
        if self.chance(0.2):
            objective["coverage_floor"] = rng.choice(("0", "0.5", "0.99", "1"))
        if method == "uptime" and self.chance(0.35):
            self.choose_rounding(objective)
        if method != "uptime" and self.chance(0.15):
            objective["no_data"] = "empty_is_good"
            self.classes.add("objective:empty_is_good")
        if method == "occurrences" and self.chance(0.15):
            objective["min_events"] = rng.choice((1, 2, 5, 1000))
            self.classes.add("objective:min_events")

    def long_anchor(self, length):
        """So that a period begins near a query time, at a time of day."""
        start = clock.floor_to(self.at, MINUTE) - self.rng.choice((0, 0, 1, 60)) * length - self.rng.choice((0, HOUR, DAY))
        return clock.text_of(max(start, DAY))[:19]

    def window_length(self, objective):
        """A length that a rolling window has and every calendar window of that unit at least has."""
        over = unit_of(objective)
        days = {"day": 1, "week": 7, "month": 28, "quarter": 90, "year": 365, "term": 30}
        return days[over] * DAY if over in days else clock.duration(over)

    def fitting_slices(self, objective):
        """Those that divide the window, also when one of its days is longer or shorter."""
        length = self.window_length(objective)
        local = self.zone != "UTC" and unit_of(objective) in clock.CALENDAR_UNITS
        longest = DAY if not local else 15 * MINUTE if self.zone in UNEVEN else HOUR
        count_max = 2 * SLICES_MAX if local else SLICES_MAX
        return [
            text
            for text in SLICES
            if clock.duration(text) <= longest
            and length % clock.duration(text) == 0
            and length // clock.duration(text) <= count_max
        ]

    def choose_slice(self, objective):
        objective["slice"] = self.rng.choice(self.fitting_slices(objective))
        if objective["method"] == "timeslices":
            objective["slice_target"] = self.rng.choice(("50%", "95%", "100%", "99.9%"))

    def choose_good(self, objective):
        choice = self.rng.choice(("default", "default", "default", "status", "latency", "both", "bad"))
        if choice == "status":
            objective["good"] = {"status": self.rng.choice(("<400", "<500", "<501"))}
        elif choice == "latency":
            objective["good"] = {"latency": self.rng.choice(("<300ms", "<=300ms"))}
        elif choice == "both":
            objective["good"] = {"status": "<500", "latency": "<=300ms"}
        elif choice == "bad":
            objective["bad"] = self.rng.choice(
                ({"status": ">=500"}, {"status": "400-499,503"}, {"latency": ">300ms"}, {"latency": ">=300ms"},
                 {"outcome": "bad"}, {"status": ">499", "latency": ">299ms"})
            )  # fmt: skip
        self.classes.add(f"good:{choice}")

    def choose_total(self, objective):
        """What counts at all."""
        if self.chance(0.12):
            objective["total"] = {"class": self.rng.choice(("adhoc", "standing"))}
            self.classes.add("total:class")
        elif self.chance(0.08) and not self.customer:
            objective["total"] = {"customer": "acme"}
            self.classes.add("total:customer")

    def choose_rounding(self, objective):
        if self.chance(0.85):
            objective["rounding"] = self.rng.choice(ROUNDINGS)
            self.classes.add(f"rounding:{objective['rounding']}")
        if self.chance(0.5):
            objective["min_run"] = self.rng.choice((1, 2, 5, 10))
            self.classes.add("rounding:min_run")

    def choose_alerts(self, objective):
        choice = self.rng.choice(("default", "default", "none", "explicit"))
        if choice == "none":
            objective["alerts"] = "none"
        if choice == "explicit":
            objective["alerts"] = self.explicit_alerts(objective)
            if not objective["alerts"]:
                objective["alerts"], choice = "none", "none"
        if choice != "none" and self.chance(0.25):
            objective["alert_compare"] = self.rng.choice((">", ">="))
        self.classes.add(f"alerts:{choice}")

    def explicit_alerts(self, objective):
        """One or two pairs that a burn can exceed and that fit the window."""
        rng = self.rng
        budget = 1 - Decimal(objective["target"].rstrip("%")) / 100
        highest = 1 / budget if budget else Decimal(10**6)
        length = self.window_length(objective)
        alerts = []
        for _ in range(rng.choice((1, 2))):
            long, short = rng.choice(EXPLICIT_LOOKBACKS)
            burn = rng.choice(("0.1", "0.5", "1", "1.5", "2", "10"))
            if clock.duration(long) >= length or Decimal(burn) > highest:
                continue
            if "slice" in objective and clock.duration(short) < clock.duration(objective["slice"]):
                continue
            threshold = {"burn": burn} if self.chance(0.7) else {"share": rng.choice(("0.5%", "1%", "2%"))}
            nominal = min(length, 30 * DAY) if unit_of(objective) in (*clock.CALENDAR_UNITS, "term") else length
            if "share" in threshold:
                share = Decimal(threshold["share"].rstrip("%")) / 100
                if share * nominal * 2 / clock.duration(long) > highest:
                    continue
            alerts.append({"severity": rng.choice(("page", "ticket")), "long": long, "short": short, **threshold})
        return alerts

    def credits(self):
        """Tiers about what histories come to, and money that ends on halves."""
        rng = self.rng
        name = rng.choice(list(self.objectives))
        objective = self.objectives[name]
        length = self.window_length(objective)
        periods = ("day", "day", "week") if length <= 7 * DAY else ("week", "month", "month", "quarter")
        bounds = rng.sample(("100", "99.99", "99.9", "99", "95", "90.5", "50", "33.3333333"), rng.choice((1, 2, 3)))
        shares = sorted(rng.sample(("0.5%", "5%", "10%", "12.345%", "25%", "100%"), len(bounds)), key=lambda s: float(s[:-1]))
        below = dict(zip(sorted(bounds, key=float, reverse=True), shares, strict=True))
        credits = {"objective": name, "period": rng.choice(periods), "below": below}
        if "slice" in objective and not self.divides(clock.duration(objective["slice"]), credits["period"]):
            return None
        if self.chance(0.2):
            credits["period"] = {"every": credits["period"], "anchor": f"2026-0{rng.randrange(1, 10)}-30"}
            if credits["period"]["anchor"] == "2026-02-30":
                credits["period"]["anchor"] = "2026-02-28"
        if self.chance(0.8):
            credits["charge"] = rng.choice(("0.50 USD", "10.01 EUR", "1005 JPY", "1.234 BHD", "1000.00 USD", "333.33 CHF"))
            if self.chance(0.3):
                currency = credits["charge"].split()[1]
                credits["minimum"] = {"JPY": "100", "BHD": "0.123"}.get(currency, "1.00") + f" {currency}"
        if self.chance(0.3):
            credits["cap"] = rng.choice(("5%", "50%", "33.3%", "100%"))
        self.classes.add("credits:some")
        return credits

    def divides(self, slice_ns, unit):
        """Whether slices of a rolling window also divide each calendar period of the unit."""
        longest = 15 * MINUTE if self.zone in UNEVEN else HOUR if self.zone != "UTC" else 7 * DAY if unit == "week" else DAY
        return longest % slice_ns == 0

    def term(self):
        """Bounds on edges. A term window needs a start; slices of a term start on whole days."""
        term = {}
        latest = max(self.ats)
        needed = any(objective["over"] == "term" for objective in self.objectives.values())
        sliced = any("slice" in objective for objective in self.objectives.values())
        if needed or self.chance(0.15):
            start = self.rng.choice((latest - 20 * DAY, latest - 3 * DAY, latest - HOUR, latest - 3 * HOUR - 1))
            start = max(0, clock.floor_to(start, DAY) if sliced or self.chance(0.5) else start)
            if not sliced and self.chance(0.3):
                term["from"] = clock.local_date(start, self.zone).isoformat()
                start = clock.from_text(term["from"], self.zone)
                self.classes.add("term:date")
            else:
                term["from"] = clock.text_of(start)
            self.classes.add("term:from")
            self.edges += [start] * 5
            self.starts.add(start)
        if self.chance(0.15):
            end = latest + self.rng.choice((-2 * HOUR, -1, 0, 1, HOUR, 10 * DAY))
            end = clock.floor_to(end, DAY) + DAY if sliced else end
            if "from" not in term or start < end:
                term["to"] = clock.text_of(end)
                self.classes.add("term:to")
                self.edges += [end] * 5
        return term

    # Events

    def add_requests(self):
        rng = self.rng
        count = rng.choice((0, 1, 2, 4, 8, 15, 25))
        if count == 0:
            self.classes.add("requests:none")
        # Bursts, so that short lookbacks see more than one request; often just before a query time.
        centre = rng.choice((self.instant(), rng.choice(self.ats) - rng.randrange(4 * MINUTE)))
        bursts = rng.choice((0, 0.5, 1))
        for _ in range(count):
            at = max(0, centre + rng.randrange(-MINUTE, MINUTE)) if self.chance(bursts) else self.instant()
            record = self.record(at, service=rng.choice(self.services))
            if self.chance(0.3):
                record["kind"] = "request"
            self.describe_request(record)
            if self.chance(0.35):
                record["id"] = self.fresh("r")
                for _ in range(rng.choice((0, 1, 2))):
                    self.records.append(dict(record))
                    self.classes.add("requests:repeated")
            if self.chance(0.05):
                self.records.append({**record, "good": 3, "total": 2})
                self.records[-1].pop("id", None)
                self.classes.add("requests:rejected")

    def describe_request(self, record):
        rng = self.rng
        rules = [objective.get(key, {}) for objective in self.judging for key in ("good", "bad")]
        needs_latency = any("latency" in rule for rule in rules)
        form = rng.choice(("status", "status", "outcome", "both", "totals"))
        if form == "totals" and needs_latency:
            form = "both"
        if form in ("status", "both"):
            record["status"] = rng.choice((200, 204, 302, 399, 400, 499, 500, 500, 503, 599))
        if form in ("outcome", "both"):
            record["outcome"] = rng.choice(("good", "bad", "bad", "excluded"))
        if form == "totals":
            total = rng.choice((1, 2, 3, 10, 1000, 10**6))
            record |= {"good": rng.choice((0, total, total - 1, rng.randrange(total + 1))), "total": total}
        elif self.chance(0.4):
            record["count"] = rng.choice((1, 2, 9, 10, 11, 1000, 10**6))
        if needs_latency:
            key, value = rng.choice(
                (
                    ("latency_ms", 300), ("latency_ms", Decimal("299.999999")), ("latency_us", 300001),
                    ("latency_s", Decimal("0.3")), ("latency_s", 2), ("latency_ms", 0),
                )
            )  # fmt: skip
            record[key] = value
        if self.chance(0.1):
            record["scope"] = rng.choice(("in", "out", "out"))
        if self.chance(0.5 if self.customer else 0.15):
            record["customer"] = rng.choice(("acme", "acme", "other"))
            self.classes.add("requests:customer")
        if self.chance(0.2):
            record["class"] = rng.choice(("adhoc", "standing"))
        self.classes.add(f"requests:{form}")

    def add_lives(self):
        """Requests that are opened and answered, in any order of time, with clocks that stand."""
        rng = self.rng
        within = [clock.duration(one["within"]) for one in self.judging if "within" in one] or [HOUR]
        for _ in range(rng.choice((1, 2, 4, 8)) if any(one["method"] == "fulfilment" for one in self.judging) else 0):
            about = {"service": rng.choice(self.services), "id": self.fresh("l")}
            if self.chance(0.2):
                about["class"] = "standing"
            start = self.instant()
            if self.chance(0.4):
                start = max(0, rng.choice(self.ats) - rng.choice(within) + rng.choice((0, 0, 1, -1, NS)))
            first = self.record(start, state=rng.choice(("opened", "opened", "opened", "pending")), **about)
            if self.chance(0.3):
                first["count"] = rng.choice((2, 10, 1000))
            if self.chance(0.5 if self.customer else 0.1):
                first["customer"] = rng.choice(("acme", "acme", "other"))
            if self.chance(0.1):
                first |= rng.choice(({"scope": "out"}, {"outcome": "excluded"}))
            for _ in range(rng.choice((0, 1, 1, 2, 3))):
                later = rng.choice((self.instant(start), start + rng.choice(within) + rng.choice((0, 0, 1, -1))))
                said = rng.choice(LIFE_STATES)
                self.record(later, state=said, **about)
                self.classes.add(f"life:{said}")
            if self.chance(0.2):
                self.records.append(dict(self.records[-1]))

    def incident(self, at, incident_id, state, **more):
        return self.record(at, kind="incident", id=incident_id, **self.incident_about, state=state, **more)

    def add_incidents(self):
        kinds = list(KINDS_OF_INCIDENT)
        if any("rounding" in one or "min_run" in one for one in self.judging):
            kinds += 10 * ["minutes"]
        if len(self.services) == 1:
            kinds.remove("other_service_too")
        for _ in range(self.rng.choice((2, 3, 4, 6) if self.components else (0, 0, 1, 2, 3))):
            self.incident_about = {"service": self.rng.choice(self.services)}
            if self.components and self.chance(0.85):
                self.incident_about = {"component": self.rng.choice(self.components)}
                if self.chance(0.2):
                    self.incident_about["component"] = self.rng.sample(self.components, 2)
                if self.chance(0.1):
                    self.incident_about["service"] = self.rng.choice(self.services)
                self.classes.add("incident:component")
            kind = self.rng.choice(kinds)
            getattr(self, f"incident_{kind}")(self.fresh("i"))
            self.classes.add(f"incident:{kind}")

    def outage(self, incident_id, start=None, end=None, **more):
        start = self.instant() if start is None else start
        end = self.instant(start) if end is None else end
        self.incident(start, incident_id, "open", **more)
        resolve = self.incident(end, incident_id, "resolved")
        if self.chance(0.3):
            for key in self.incident_about:
                del resolve[key]  # it was said when it was opened
        return start, end

    def incident_plain(self, incident_id):
        self.outage(incident_id)

    def incident_zero_length(self, incident_id):
        at = self.instant()
        self.outage(incident_id, at, at)

    def incident_nested(self, incident_id):
        start, end = self.outage(incident_id)
        inner = start + (end - start) // 3
        self.outage(self.fresh("i"), inner, inner + (end - start) // 3)

    def incident_touching(self, incident_id):
        _, end = self.outage(incident_id)
        self.outage(self.fresh("i"), end)

    def incident_same_span(self, incident_id):
        start, end = self.outage(incident_id)
        self.outage(self.fresh("i"), start, end)

    def incident_reopened(self, incident_id):
        _, end = self.outage(incident_id)
        again = self.instant(end)
        if self.chance(0.5):
            self.outage(incident_id, again)
        else:
            self.incident(again, incident_id, "open")

    def incident_never_closed(self, incident_id):
        self.incident(self.instant(), incident_id, "open")

    def incident_acknowledged(self, incident_id):
        start, _ = self.outage(incident_id)
        for _ in range(self.rng.choice((1, 2))):
            self.incident(self.instant(start), incident_id, "acknowledged")

    def incident_cancelled(self, incident_id):
        _, end = self.outage(incident_id)
        self.incident(self.instant(end + 1), incident_id, "cancelled")

    def incident_potential(self, incident_id):
        if self.chance(0.5):
            # Not resolved at the same instant: shuffled, that would begin with an actual incident.
            start = self.instant()
            self.outage(incident_id, start, self.instant(start + 1), nature="potential")
        else:
            self.incident(self.instant(), incident_id, "open", nature="potential")

    def incident_complaint(self, incident_id):
        self.incident(self.instant(), incident_id, "open", complaint=True)

    def incident_promoted(self, incident_id):
        start = self.instant()
        promoted = self.instant(start + 1)
        true_start = self.rng.choice((start, self.instant(), promoted))
        self.incident(start, incident_id, "open", complaint=True)
        self.incident(promoted, incident_id, "open", nature="actual", started_at=self.stamp(min(true_start, promoted)))
        if self.chance(0.6):
            self.incident(self.instant(promoted), incident_id, "resolved")

    def incident_resolve_unknown(self, incident_id):
        self.incident(self.instant(), incident_id, "resolved")

    def incident_resolve_unknown_started(self, incident_id):
        end = self.instant()
        self.incident(end, incident_id, "resolved", started_at=self.stamp(min(end, self.instant())))

    def incident_started_at(self, incident_id):
        noticed = self.instant()
        self.incident(noticed, incident_id, "open", started_at=self.stamp(min(noticed, self.instant())))
        if self.chance(0.5):
            self.incident(self.instant(noticed), incident_id, "resolved")

    def incident_before_window(self, incident_id):
        start = max(0, min(self.edges) - DAY)
        self.outage(incident_id, start, self.rng.choice((start + HOUR, min(self.edges), max(self.edges))))

    def incident_customer(self, incident_id):
        self.outage(incident_id, customer=self.rng.choice(("acme", "other")))

    def incident_severity(self, incident_id):
        self.outage(incident_id, severity=self.rng.choice(("info", "minor", "major", "critical")))

    def incident_twice(self, incident_id):
        """Every record of it arrives twice."""
        before = len(self.records)
        self.outage(incident_id)
        self.records += [dict(record) for record in self.records[before:]]

    def incident_minutes(self, incident_id):
        """Outages about a whole number of minutes long, about a minute apart."""
        rng = self.rng
        at = clock.floor_to(self.instant(), rng.choice((MINUTE, MINUTE, 1)))
        for index in range(rng.choice((1, 2, 3))):
            nudge = rng.choice((0, 0, 0, 1, -1, 30 * NS, -30 * NS))
            end = at + rng.choice((1, 2, 4, 5, 9, 10, 11)) * MINUTE + nudge
            self.outage(incident_id if index == 0 else self.fresh("i"), at, end)
            at = end + rng.choice((0, 1, MINUTE - nudge, MINUTE, 2 * MINUTE))

    def incident_other_service_too(self, incident_id):
        self.incident_about = {"service": list(self.services)}
        self.outage(incident_id)

    def add_states(self):
        """A service's own reports, or only a gap in its requests."""
        for component in self.components:
            for _ in range(self.rng.choice((0, 0, 1, 2, 3))):
                now = self.rng.choice(("up", "up", "down", "down", "unknown"))
                record = self.record(self.instant(), kind="state", component=component, state=now)
                if self.chance(0.5):
                    record["previous"] = self.rng.choice(("up", "up", "down", "unknown"))
                self.classes.add("state:component")
        if self.chance(0.55):
            return
        # All of one service are one customer's or everybody's: the text does not say how the two would mix.
        customer = self.rng.choice(("acme", "other")) if self.chance(0.1) else None
        for service in self.services if self.chance(0.4) else self.services[:1]:
            for _ in range(self.rng.choice((1, 2, 3, 6))):
                now = self.rng.choice(("up", "up", "up", "down", "down", "unknown"))
                record = self.record(self.instant(), kind="state", service=service, state=now)
                self.classes.add(f"state:{now}")
                if self.chance(0.3):
                    record["previous"] = self.rng.choice(("up", "down", "unknown"))
                    self.classes.add(f"state:previous_{record['previous']}")
                if customer:
                    record["customer"] = customer
                    self.classes.add("state:customer")

    def requirement(self, names, depth=0):
        """Of all the names, each once."""
        rng = self.rng
        if len(names) == 1:
            return names[0]
        parts = list(names)
        if len(names) > 2 and depth < 2 and self.chance(0.6):
            cut = rng.randrange(1, len(names) - 1)
            parts = [*names[:cut], self.requirement(names[cut:], depth + 1)]
        word = rng.choice(("all", "any", "any", "at_least"))
        if word == "at_least":
            return {"at_least": rng.randrange(1, len(parts) + 1), "of": parts}
        return {word: parts}

    def add_system(self):
        """Components, the later ones resting on earlier ones, some with a life of their own; services that need them."""
        rng = self.rng
        names = [f"{self.name}-c{index}" for index in range(rng.choice((2, 3, 4)))]
        for index, name in enumerate(names):
            document = {"component": name}
            if index and self.chance(0.3):
                document["requires"] = self.requirement(rng.sample(names[:index], rng.randrange(1, index + 1)))
                if isinstance(document["requires"], str):
                    document["requires"] = [document["requires"]]
            if self.chance(0.2):
                edge = self.instant(1)
                key = rng.choice(("from", "to"))
                document[key] = clock.text_of(edge)
                if key == "from" and self.chance(0.3):
                    document["to"] = clock.text_of(self.instant(edge + 1))
                self.classes.add("system:validity")
            self.extra_documents.append(document)
        for service in self.services if self.chance(0.5) else self.services[:1]:
            wanted = self.requirement(rng.sample(names, rng.randrange(1, len(names) + 1)))
            self.extra_documents.append({"service": service, "requires": [wanted] if isinstance(wanted, str) else wanted})
        self.components = names
        self.classes.add("system:some")

    def add_maintenance(self):
        for _ in range(self.rng.choice((0, 0, 0, 1, 2, 3))):
            start = self.instant()
            end = max(start + 1, self.instant(start + 1))
            span = {"start": clock.text_of(start), "end": clock.text_of(end)}
            name = self.fresh("m")
            recurs = self.chance(0.25) and clock.from_text(span["end"]) - clock.from_text(span["start"]) < 3 * DAY
            if self.chance(0.4):
                self.extra_documents.append({"maintenance": name, "services": list(self.services), **span})
                self.classes.add("maintenance:document")
                if recurs:
                    self.recur(self.extra_documents[-1], span)
                continue
            service = self.services[0] if len(self.services) == 1 else list(self.services)
            event = self.record(self.instant(), kind="maintenance", id=name, service=service, **span)
            self.classes.add("maintenance:event")
            if recurs:
                self.recur(event, span)
            if self.chance(0.15):
                event["customer"] = self.rng.choice(("acme", "other"))
                self.classes.add("maintenance:customer")
            if self.chance(0.2):
                cancelled = clock.instant(event["ts"]) + 1
                self.record(cancelled, **{**{k: v for k, v in event.items() if k != "ts"}, "state": "cancelled"})
                self.classes.add("maintenance:cancelled")
            if self.chance(0.3):
                self.record(self.instant(), kind="maintenance", id=self.fresh("m"), service=service, **span)
                self.classes.add("maintenance:overlapping")

    def recur(self, holder, span):
        """Makes it one that comes again, from some days before on."""
        rng = self.rng
        days = rng.choice((1, 2, 7, 13, 31, 62, 400))
        shift = min(days * DAY, clock.from_text(span["start"]) // DAY * DAY)
        holder |= {key: clock.text_of(clock.from_text(text) - shift) for key, text in span.items()}
        frequency = rng.choice(("DAILY", "WEEKLY", "MONTHLY"))
        parts = [f"FREQ={frequency}"]
        if self.chance(0.4):
            parts.append(f"INTERVAL={rng.choice((1, 2, 3, 5))}")
        if self.chance(0.5):
            named = rng.sample(recurrence.WEEKDAYS, rng.choice((1, 2, 5)))
            if frequency == "MONTHLY" and self.chance(0.7):
                named = [rng.choice(("1", "2", "4", "5", "-1", "-2", "-5")) + day for day in named]
            parts.append("BYDAY=" + ",".join(named))
        end = rng.choice(("none", "until", "date", "count"))
        until = clock.text_of(clock.floor_to(self.instant(), NS))
        stamp = until[:19].replace("-", "").replace(":", "")
        if end in ("until", "date"):
            parts.append("UNTIL=" + (stamp + "Z" if end == "until" else stamp[:8]))
        elif end == "count":
            parts.append(f"COUNT={rng.choice((1, 2, 10, 60))}")
        if frequency == "WEEKLY" and self.chance(0.3):
            parts.append(f"WKST={rng.choice(('MO', 'SU', 'WE'))}")
        rng.shuffle(parts)
        holder["rrule"] = ";".join(parts)
        self.classes |= {f"rrule:{frequency.lower()}", f"rrule:{end}"}

    def add_corrections(self):
        """Words about requests by their ids, in any order of time; about ids that nobody had, too."""
        ids = sorted({record["id"] for record in self.records if record.get("kind", "request") == "request" and "id" in record})
        for of in ids:
            for _ in range(self.rng.choice((0, 0, 1, 2))):
                said = self.rng.choice(("good", "bad", "excluded"))
                self.record(self.instant(), kind="outcome", of=of, outcome=said, reason="checked")
                self.classes.add(f"outcome:{said}")
        if self.chance(0.1):
            self.record(self.instant(), kind="outcome", of=self.fresh("r"), outcome="bad")

    def add_exclusions(self):
        """Of incidents and of spans, with several words each in any order of time."""
        ids = sorted({record["id"] for record in self.records if record.get("kind") == "incident"})
        for _ in range(self.rng.choice((0, 0, 0, 1, 2, 3))):
            if ids and self.chance(0.5):
                about = {"incident": self.rng.choice(ids)}
                self.classes.add("exclusion:incident")
            else:
                start = self.instant()
                end = max(start + 1, self.instant(start + 1))
                about = {"service": list(self.services), "start": clock.text_of(start), "end": clock.text_of(end)}
                self.classes.add("exclusion:span")
            if self.chance(0.15):
                about["customer"] = self.rng.choice(("acme", "other"))
            name = self.fresh("x")
            first = self.rng.choice(("proposed", "approved"))
            self.record(self.instant(), kind="exclusion", id=name, state=first, reason="other", **about)
            for _ in range(self.rng.choice((0, 1, 1, 2))):
                said = self.rng.choice(("approved", "approved", "rejected", "disputed", "withdrawn"))
                self.record(self.instant(), kind="exclusion", id=name, state=said)
                self.classes.add(f"exclusion:{said}")

    def subject(self):
        chosen = self.rng.sample(METHODS, self.rng.choice((1, 1, 2, 3)))
        # Not over years: the oracle looks at every stretch of hours. And nobody had hours before the epoch.
        some = self.chance(0.03 if self.scale is SCALES[2] else 0.25) and self.at > 3 * 366 * DAY
        self.hours = self.rng.choice(HOURS) if some else []
        self.objectives = {f"o{index}": self.objective(method) for index, method in enumerate(chosen)}
        self.collect_edges(self.objectives)
        document = {"agreement": self.name, "provider": "p", "services": self.services}
        if self.zone != "UTC" or self.chance(0.2):
            document["zone"] = self.zone
        if self.hours:
            document["hours"] = self.hours
            self.classes.add("hours:some")
        self.classes.add(f"zone:{self.zone}")
        if self.customer:
            document["customer"] = self.customer
            self.classes.add("agreement:customer")
        term = self.term()
        if term:
            document["term"] = term
        policy = self.rng.choice(("default", *POLICIES))
        if policy != "default":
            document["maintenance"] = {"policy": policy}
        self.classes.add(f"policy:{policy}")
        if self.chance(0.15):
            long = self.scale is not SCALES[0]
            unit = self.rng.choice(("week", "month", "month", "quarter", "year") if long else ("day", "day", "week", "month"))
            length = self.rng.choice(("0h", "1m", "45m", "1h", "4h", "1d"))
            document.setdefault("maintenance", {})["allowance"] = f"{length} per {unit}"
            self.classes.add("maintenance:allowance")
        self.classes.add(f"services:{len(self.services)}")
        document["objectives"] = self.objectives
        self.components = []
        if self.chance(0.2):
            self.add_system()
        credits = self.credits() if self.chance(0.25) else None
        if credits:
            document["credits"] = credits
        versions = [document, *(self.later_versions(document) if self.chance(0.25) else [])]
        self.extra_documents += versions[1:]
        self.judging = [one for version in versions for one in version["objectives"].values()]
        self.add_requests()
        self.add_lives()
        self.add_incidents()
        self.add_states()
        self.add_maintenance()
        self.add_exclusions()
        self.add_corrections()
        if self.chance(0.5):
            self.rng.shuffle(self.records)
            self.classes.add("order:shuffled")
        return Subject(self.name, [document, *self.extra_documents], self.records, self.classes)

    # Versions

    def later_versions(self, document):
        """Of the agreement: each changes something of the one before, from some edge on."""
        versions, before = [], 0
        for _ in range(self.rng.choice((1, 1, 2))):
            version = copy.deepcopy((versions or [document])[-1])
            effective = self.change_time(before + 1)
            for change in self.rng.sample(CHANGES, self.rng.choice((1, 1, 2, 3))):
                getattr(self, f"change_{change}")(version)
                self.classes.add(f"version:{change}")
            version["effective"] = clock.text_of(effective)
            self.edges += [effective] * 5
            if "term" in version and "to" in version["term"] and clock.from_text(version["term"]["to"], self.zone) <= effective:
                break
            versions.append(version)
            before = effective
        if len(versions) > 1:
            self.classes.add("version:three")
        return versions

    def change_time(self, low):
        """On an edge or beside it, and of slices mostly on theirs."""
        steps = [clock.duration(one["slice"]) for one in self.objectives.values() if "slice" in one]
        at = self.instant(low)
        if steps and self.chance(0.8):
            at = max(clock.floor_to(at, max(steps)), clock.floor_to(low, max(steps)) + max(steps))
        self.classes.add("version:edge" if at in self.ats or at in self.starts else "version:some")
        return at

    def change_target(self, version):
        for objective in version["objectives"].values():
            objective["target"] = self.rng.choice(TARGETS)
            if isinstance(objective.get("alerts"), list):
                objective["alerts"] = self.explicit_alerts(objective) or "none"

    def change_judging(self, version):
        """What is good, which severities count, and the like."""
        for objective in version["objectives"].values():
            for key in ("severity", "coverage_floor", "min_events", "no_data", "rounding", "min_run", "good", "bad", "total"):
                objective.pop(key, None)
            self.choose_judging(objective)
            if "slice_target" in objective:
                objective["slice_target"] = self.rng.choice(("50%", "95%", "100%", "99.9%"))
            if "within" in objective:
                objective["within"] = self.rng.choice(WITHINS)

    def change_policy(self, version):
        version["maintenance"] = {**version.get("maintenance", {}), "policy": self.rng.choice(POLICIES)}

    def change_window(self, version):
        """Also the alerts; slices must divide the windows of both."""
        for objective in version["objectives"].values():
            if "slice" not in objective and unit_of(objective) != "term":
                over = self.choose_over()
                if over != "term" or "from" in version.get("term", {}):
                    objective["over"] = over
                objective.pop("alerts", None)
                self.choose_alerts(objective)

    def change_objectives(self, version):
        """One goes, comes or comes to be of another method."""
        objectives = version["objectives"]
        choice = self.rng.choice(("goes", "comes", "method"))
        name = self.rng.choice(sorted(objectives))
        if choice == "goes" and len(objectives) > 1:
            del objectives[name]
            if version.get("credits", {}).get("objective") == name:
                del version["credits"]
        elif choice == "comes":
            objectives["new"] = self.objective("uptime")
        elif choice == "method":
            method = self.rng.choice(("occurrences", "uptime"))
            objectives[name] = self.objective(method)
        if not self.has_term(version):
            for objective in objectives.values():
                if objective["over"] == "term":
                    objective["over"] = "30d"
                    objective.pop("alerts", None)

    def has_term(self, version):
        return "from" in version.get("term", {})

    def change_services(self, version):
        version["services"] = self.rng.choice(([f"{self.name}-s"], [f"{self.name}-t"], [f"{self.name}-s", f"{self.name}-t"]))

    def change_hours(self, version):
        if self.hours and self.chance(0.5):
            version.pop("hours", None)
        elif self.hours:
            version["hours"] = self.rng.choice(HOURS)

    def change_credits(self, version):
        """Other tiers or another charge, or none at all."""
        credits = version.pop("credits", None)
        if credits and self.chance(0.8):
            shares = sorted(self.rng.sample(("1%", "7%", "30%", "44.4%"), len(credits["below"])), key=lambda s: float(s[:-1]))
            below = dict(zip(credits["below"], shares, strict=True))
            version["credits"] = {**credits, "below": below, "charge": "200.00 USD"}
            version["credits"].pop("minimum", None)

    def change_end(self, version):
        if "to" in version.get("term", {}):
            version["term"]["to"] = clock.text_of(clock.from_text(version["term"]["to"], self.zone) + 10 * DAY)

    def change_nothing(self, version):
        pass


def unit_of(objective):
    """The word for its window: a length, a calendar unit or `term`."""
    over = objective["over"]
    return over["every"] if isinstance(over, dict) else over


def query_times(rng):
    """A few instants near each other, so that one history is seen from before, within and after its edges."""
    nights = [night for night, _ in NIGHTS]
    base = rng.choice(BASES if rng.random() < 0.65 else nights) + rng.choice(NUDGES)
    others = [base + rng.choice((1, NS, 59 * NS, MINUTE, HOUR, DAY, -HOUR)) for _ in range(2)]
    return [base, *others]


def subjects(rng, count, ats):
    return [Generator(rng, f"a{index}", ats).subject() for index in range(count)]


# Every class that a run must contain: one with 0 cases fails it.
CLASSES = sorted(
    {f"method:{name}" for name in METHODS}
    | {f"over:{name}" for name in WINDOWS}
    | {f"target:{name}" for name in TARGETS}
    | {f"incident:{name}" for name in KINDS_OF_INCIDENT}
    | {f"policy:{name}" for name in ("default", "removed", "counts_as_good", "ignored")}
    | {f"maintenance:{name}" for name in ("document", "event", "cancelled", "overlapping", "customer")}
    | {f"exclusion:{name}" for name in ("incident", "span", "approved", "rejected", "disputed", "withdrawn")}
    | {f"state:{name}" for name in ("up", "down", "unknown", "customer")}
    | {f"state:previous_{name}" for name in ("up", "down", "unknown")}
    | {f"requests:{name}" for name in ("status", "outcome", "both", "totals")}
    | {f"requests:{name}" for name in ("none", "repeated", "rejected", "customer")}
    | {f"good:{name}" for name in ("default", "status", "latency", "both", "bad")}
    | {f"life:{name}" for name in LIFE_STATES}
    | {"over:long", "total:class", "total:customer"}
    | {f"alerts:{name}" for name in ("default", "none", "explicit")}
    | {f"ts:{name}" for name in ("rfc3339", "offset", "seconds", "seconds_decimal", "ms", "us", "ns")}
    | {f"edge:{name}" for name in ("event_at_at", "event_after_at", "event_on_window_start", "event_on_lookback_start")}
    | {"agreement:customer", "order:shuffled", "term:from", "term:to", "services:1", "services:2"}
    | {f"zone:{name}" for name in ZONES}
    | {f"rounding:{name}" for name in (*ROUNDINGS, "min_run")}
    | {f"rrule:{name}" for name in ("daily", "weekly", "monthly", "none", "until", "date", "count")}
    | {f"outcome:{name}" for name in ("good", "bad", "excluded")}
    | {"system:some", "system:validity", "incident:component", "state:component"}
    | {f"version:{name}" for name in (*CHANGES, "three", "edge", "some")}
    | {"credits:some", "maintenance:allowance"}
    | {"objective:empty_is_good", "objective:min_events", "over:anchored", "hours:some", "term:date"}
)
